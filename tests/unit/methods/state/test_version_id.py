"""A version's id chains it to its parents (S21)."""

from __future__ import annotations

import hashlib

from graphtwin.methods.state.version_id import version_id


def test_it_is_the_hash_of_a_canonical_array():
    text = '["w",1,"sha256:p","sha256:h","sha256:c"]'

    made = version_id("w", 1, "sha256:p", "sha256:h", "sha256:c")

    assert made == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_every_part_counts():
    parts = ("w", 1, "p", "h", "c")
    changed = [("x", 1, "p", "h", "c"), ("w", 2, "p", "h", "c"), ("w", 1, "x", "h", "c")]
    changed += [("w", 1, "p", "x", "c"), ("w", 1, "p", "h", "x")]

    assert len({version_id(*one) for one in (parts, *changed)}) == 6
