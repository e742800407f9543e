"""The hash of a snapshot: the published recipe and test vector are what the code does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from graphtwin.methods.views.view_hash import hash_of_snapshot, snapshot_items

PAGE = (Path(__file__).resolve().parents[4] / "reference" / "state_hash.md").read_text(encoding="utf-8")
EMPTY = {"entities": [], "relationships": [], "state_variables": []}


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def printed_hashes() -> list[str]:
    return re.findall(r"`(sha256:[0-9a-f]{64})`", PAGE)


def test_the_page_s_state_has_the_page_s_items_and_hash() -> None:
    state = json.loads(block("json"))

    items = [item.decode() for item in snapshot_items(state)]

    assert items == block("text").splitlines()
    assert [hash_of_snapshot(state), hash_of_snapshot(EMPTY)] == printed_hashes()


def test_the_page_s_program_computes_the_page_s_hash() -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python")], input=block("text").encode(), capture_output=True, check=True
    )

    assert done.stdout.decode().strip() == printed_hashes()[0]


def test_a_sync_report_and_its_snapshot_have_the_hash_of_their_state() -> None:
    state = json.loads(block("json"))

    hashes = {hash_of_snapshot(one) for one in (state, {"state": state}, {"twin_snapshot": {"state": state}})}

    assert len(hashes) == 1
