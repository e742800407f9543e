"""A program that syncs in children of its own: each line on stdin names a twin.yaml and where to die, each answer is
the child's end. Forked after the imports, so that a hundred syncs don't pay for them a hundred times.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from pathlib import Path

from graphtwin.app import sync
from graphtwin.app.adapters import KILL_AT
from graphtwin.errors import GraphtwinError
from graphtwin.settings import load_settings


def child(twin: str, kill_at: str) -> int:
    """The sync's exit code; the child that is told to die never answers."""
    os.environ[KILL_AT] = kill_at
    try:
        return asyncio.run(sync(load_settings(), Path(twin))).exit_code
    except GraphtwinError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BaseException:  # noqa: BLE001 - it is told to whoever reads the log of the test
        traceback.print_exc()
        return 70


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            os._exit(child(asked["twin"], asked["kill_at"]))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
