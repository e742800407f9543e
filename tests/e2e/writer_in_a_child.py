"""A program that syncs a world again and again, each time with other readings: each line on stdin says how often, and each sync
is answered with the version that the world is at.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from pathlib import Path

from graphtwin.app import connect
from graphtwin.app.sync import sync_in
from graphtwin.settings import load_settings

SENSORS = 12


async def main(twin: Path) -> None:
    numbers = count(1)
    async with connect(load_settings()) as store:
        while often := await asyncio.to_thread(sys.stdin.readline):
            for _ in range(int(often)):
                say(twin.parent / "readings.jsonl", next(numbers))
                outcome = await sync_in(store, twin)
                sys.stdout.write(f"{outcome.report.twin_snapshot.version}\n")
                sys.stdout.flush()


def say(file: Path, number: int) -> None:
    """Every sensor reads something else; each fifth time one of them feeds what nobody knows, and the next time it is there."""
    at = f"2026-01-01T{1 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    readings = [
        {"id": f"t{one}", "type": "sensor", "reading": (one * 7 + number) % 90, "ts": at} for one in range(SENSORS)
    ]
    if number % 5 == 0:
        readings[0]["feeds"] = [f"late-{number}"]
    if number % 5 == 1 and number > 1:
        readings.append({"id": f"late-{number - 1}", "type": "sensor", "reading": 20, "ts": at})
    with file.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(one) + "\n" for one in readings)


asyncio.run(main(Path(sys.argv[1])))
