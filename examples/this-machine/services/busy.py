"""Loads the processor with low-priority programs that stop by themselves."""

from __future__ import annotations

import argparse
import os
import time

LONGEST = 60.0
"""Seconds after which it stops, whatever was asked."""
LOWEST_PRIORITY = 19
ROUND = 200_000


def main() -> None:
    """Keep `--count` programs busy for `--seconds`, or until the program that started this one is gone."""
    options = parse()
    end = time.monotonic() + min(options.seconds, LONGEST)
    os.nice(LOWEST_PRIORITY)
    own = os.getpid()
    for _ in range(options.count):
        if os.fork() == 0:
            work(end, own)
            os._exit(0)
    while time.monotonic() < end and os.getppid() == options.parent:
        spin()


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--parent", type=int, required=True)
    return parser.parse_args()


def work(end: float, parent: int) -> None:
    """Be busy until `end` on the monotonic clock, or until the parent is gone."""
    while time.monotonic() < end and os.getppid() == parent:
        spin()


def spin() -> None:
    """A few milliseconds of work for nothing."""
    for _ in range(ROUND):
        pass


if __name__ == "__main__":
    main()
