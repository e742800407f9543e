"""Lets the building's time pass in a thread, slower or faster than the wall's, and lets one at a time touch it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from building.building import Building
from building.floor import BuildingError
from building.instants import DAY, iso
from building.physics import STEP

TICK: Final = 0.05
"""Seconds between two looks at the wall's clock."""
FASTEST: Final = 3600.0

_LONGEST_LAG: Final = 2.0  # seconds that are made up for after the machine was busy or slept
_FARTHEST: Final = 7 * DAY


class Engine:
    """`speed` is how many seconds pass here in one of the wall's; 0 stands still. With `wall`, this world's clock never
    runs ahead of that of the machine, so that nobody who goes by it hears of the future.
    """

    def __init__(self, building: Building, *, speed: float, wall: Callable[[], float] | None = None) -> None:
        self._building = building
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._wall = wall
        self._calls: SimpleQueue[Callable[[Building], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="building", daemon=True)
        self._speed = 1.0
        self._paused = False
        self.set_speed(speed)

    def later(self, what: Callable[[Building], None]) -> None:
        """Do it soon, in the engine's own thread: for callers that must not wait."""
        self._calls.put(what)

    @contextmanager
    def building(self) -> Iterator[Building]:
        """The building, alone."""
        with self._lock:
            yield self._building

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """Stand still for good."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def clock(self) -> dict[str, Any]:
        """What time it is here, and how fast it passes."""
        with self._lock:
            return {"now": iso(self._building.now), "speed": self._speed, "paused": self._paused}

    def set_speed(self, speed: float) -> None:
        """From now on, or from when it is resumed; 0 pauses. Raises BuildingError."""
        if not 0 <= speed <= FASTEST:
            raise BuildingError(f"the speed is a number from 0 to {FASTEST:g}, not {speed:g}")
        with self._lock:
            self._speed, self._paused = speed or self._speed, not speed

    def pause(self) -> None:
        """Stand still until `resume`."""
        with self._lock:
            self._paused = True

    def resume(self) -> None:
        """As fast as before the pause."""
        with self._lock:
            self._paused = False

    def advance(self, seconds: int) -> None:
        """Let so many seconds pass at once, in whole steps. Raises BuildingError."""
        if not 0 <= seconds <= _FARTHEST or seconds % STEP:
            raise BuildingError(f"time passes in whole steps of {STEP} s, at most a week at once, not {seconds} s")
        for _ in range(seconds // STEP):
            with self._lock:
                self._catch_up()
                self._building.advance(STEP)

    def _run(self) -> None:
        due = 0.0
        last = time.monotonic()
        while not self._stop.wait(TICK):
            now = time.monotonic()
            passed, last = min(now - last, _LONGEST_LAG), now
            due = 0.0 if self._paused else due + passed * self._speed
            steps = int(due // STEP)
            due -= steps * STEP
            with self._lock:
                self._catch_up()
            for _ in range(steps):
                with self._lock:
                    if not (self._paused or self._is_ahead()):
                        self._building.advance(STEP)

    def _catch_up(self) -> None:
        """Do what was asked for meanwhile."""
        with suppress(Empty):
            while True:
                self._calls.get_nowait()(self._building)

    def _is_ahead(self) -> bool:
        """The next step would be after the machine's own now."""
        return self._wall is not None and self._building.now + STEP > self._wall()
