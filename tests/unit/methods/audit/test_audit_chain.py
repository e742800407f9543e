"""Links of the audit chain, and where a broken one breaks."""

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.audit.audit_chain import link, link_all, verify_chain
from graphtwin.model.commit import AuditEntry

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.lists(
    st.builds(AuditEntry, st.just("run"), st.integers(0, 2**52), st.text(max_size=5), st.dictionaries(st.text(), JSON)),
    min_size=1,
    max_size=6,
)


def test_a_link_hashes_what_it_says_and_what_came_before():
    first = link("w", None, AuditEntry("run", 1, "r", {"b": 2, "a": 1.0}))
    second = link("w", first, AuditEntry("run", 2, "r", {}))

    text = '["w",1,1,"run","r",{"a":1,"b":2},""]'
    assert first.hash == hashlib.sha256(text.encode()).hexdigest()
    assert (second.n, second.prev) == (2, first.hash)


@given(ENTRIES)
def test_a_chain_as_it_was_linked_holds(entries):
    records = link_all("w", 0, "", entries)

    assert verify_chain(records) is None
    assert verify_chain(records[1:], last_n=1, last_hash=records[0].hash) is None


@given(ENTRIES, st.data())
def test_a_chain_breaks_first_where_it_was_touched(entries, data):
    records = list(link_all("w", 0, "", entries))
    i = data.draw(st.integers(0, len(records) - 1))
    records[i] = replace(records[i], run=records[i].run + "x")

    assert verify_chain(records) == i + 1


def test_a_missing_record_is_named():
    records = link_all("w", 0, "", [AuditEntry("run", i, "r", {}) for i in range(4)])

    assert verify_chain([*records[:1], *records[2:]]) == 2
