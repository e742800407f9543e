"""`python -m graphtwin`."""

from graphtwin.cli import main

if __name__ == "__main__":
    main()
