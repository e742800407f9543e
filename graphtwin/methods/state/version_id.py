"""The id of a version: a hash that chains a state to the versions before it (S21)."""

from __future__ import annotations

import hashlib

from graphtwin.methods.state.canonical_json import canonical_json


def version_id(world: str, seq: int, parent: str, state_hash: str, configuration: str) -> str:
    """`sha256:<hex>` of the canonical JSON of [world, seq, parent version_id, hash, configuration hash]; the empty
    world's parent is "".
    """
    return "sha256:" + hashlib.sha256(canonical_json([world, seq, parent, state_hash, configuration])).hexdigest()
