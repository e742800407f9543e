"""Ends the running process of a declared service and starts it anew on its declared port: the remedy of the report."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import yaml

FOLDER = Path(__file__).resolve().parent.parent
PATIENCE = 15.0
"""Seconds to wait for the old process to end, and for the new one to listen."""


def main() -> None:
    """Restart the service that the command line names by its name or its entity id."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", help="orders, or service:local/orders")
    name = parser.parse_args().service.rpartition("/")[2]
    declared = {one["id"]: one for one in yaml.safe_load((FOLDER / "services.yaml").read_text())["services"]}
    if name not in declared:
        sys.exit(f"No service {name!r} in {FOLDER / 'services.yaml'}; it declares: {', '.join(declared)}.")
    end_running(declared[name]["process"])
    start(name, declared)


def end_running(marker: str) -> None:
    """End every process whose command line holds `marker`; kill what doesn't end in time."""
    running = [one for one in psutil.process_iter(["cmdline"]) if marker in " ".join(one.info["cmdline"] or [])]
    for process in running:
        process.terminate()
    _, stubborn = psutil.wait_procs(running, timeout=PATIENCE)
    for process in stubborn:
        process.kill()


def start(name: str, declared: dict[str, dict[str, object]]) -> None:
    """Start it apart from this program, and wait until it listens."""
    port = int(str(declared[name]["port"]))
    needed = declared[name].get("depends_on") or []
    upstream = declared[str(needed[0])]["port"] if isinstance(needed, list) and needed else 0
    words = [
        sys.executable, str(FOLDER / "services" / "service.py"), "--unit", name, "--port", str(port),
        "--upstream", str(upstream), "--heartbeats", str(FOLDER / "signals" / "heartbeats.jsonl"),
    ]  # fmt: skip
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(words, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
    with (FOLDER / "signals" / "restarted.txt").open("a") as remembered:
        remembered.write(f"{process.pid} {psutil.Process(process.pid).create_time()}\n")
    deadline = time.monotonic() + PATIENCE
    while not listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{name} does not listen on port {port}; is the port taken?")
        time.sleep(0.02)
    print(f"{name} listens on port {port} again (pid {process.pid}).")


def listens(port: int) -> bool:
    """Something takes connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
