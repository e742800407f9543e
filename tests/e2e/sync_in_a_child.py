"""A program that syncs and resumes in children of its own: each line on stdin names a twin.yaml and where or when to die, each answer is
the child's end. Forked after the imports, so that a hundred syncs don't pay for them a hundred times.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from graphtwin.app import carrying_out, connect, sync
from graphtwin.app.adapters import KILL_AT
from graphtwin.errors import GraphtwinError
from graphtwin.model.configuration.load import load_twin
from graphtwin.settings import load_settings

ENDED = {"action_taken": 0, "rolled_back": 6, "failed": 7}
"""What `graphtwin run resume` exits with."""


def child(twin: Path, kill_at: str, kill_after: float | None, resume: str) -> int:
    """The command's exit code; the child that is told to die never answers."""
    os.environ[KILL_AT] = kill_at
    if kill_after is not None:
        threading.Thread(target=_die, args=(kill_after,), daemon=True).start()
    try:
        return asyncio.run(_resume(twin, resume) if resume else _sync(twin))
    except GraphtwinError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BaseException:  # noqa: BLE001 - it is told to whoever reads the log of the test
        traceback.print_exc()
        return 70


async def _sync(twin: Path) -> int:
    return (await sync(load_settings(), twin)).exit_code


async def _resume(twin: Path, run: str) -> int:
    async with connect(load_settings()) as store:
        done = await carrying_out.resume(store, load_twin(twin).world.id, run, twin=twin)
    return ENDED[done.status.value]


def _die(after: float) -> None:
    time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            os._exit(child(Path(asked["twin"]), asked["kill_at"], asked["kill_after"], asked["resume"]))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
