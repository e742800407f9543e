"""Cells get their earlier winners back, as they were, or are withdrawn (S31)."""

from __future__ import annotations

from itertools import count

import pytest
from contracts.scene import NOON, say
from contracts.strategies import POLICY, histories
from hypothesis import given

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.restore import restore, says_the_same
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.cell import Cell
from graphtwin.model.fact import UNISSUED, Fact, decision_prio
from graphtwin.model.state import At
from graphtwin.store.memory.cells import cells_without

A = "bus:a"
THEN = say(A, "reading", 20, unit="Cel", observed_at=NOON - 5, confidence=0.5, kind="assumption", evidence="segment",
           run="sync-1", event="e-1")  # fmt: skip
NOW = say(A, "reading", 25, unit="Cel", event="e-2", position=7)


def cell(then: Fact | None, now: Fact) -> Cell:
    return Cell(now.key, now.valid_from, then, now)


def test_what_was_said_is_said_again_with_all_that_it_is_weighed_by():
    (fact,) = restore([cell(THEN, NOW)], run="back", rules=())

    ours = {"id": fact.id, "prio": UNISSUED, "seq": 0, "run": "back"}
    assert fact == THEN._replace(**ours)
    assert fact.id != THEN.id


@pytest.mark.parametrize("then", [None, THEN._replace(op="withdraw", value=None)], ids=["nothing", "withdrawn"])
def test_where_nothing_was_said_the_cell_is_withdrawn(then: Fact | None):
    (fact,) = restore([cell(then, NOW)], run="back", rules=())

    assert (fact.key, fact.valid_from, fact.op, fact.value) == (NOW.key, NOW.valid_from, "withdraw", None)
    assert (fact.event, fact.run, fact.prio) == ("back", "back", UNISSUED)


def test_an_end_comes_back_as_an_end():
    ended = THEN._replace(op="end", value=None)

    assert [fact.op for fact in restore([cell(ended, NOW)], run="back", rules=())] == ["end"]


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (THEN, THEN),
        (THEN, THEN._replace(id="other", prio=9, seq=4, event="again", run="another", evidence="")),
        (THEN, THEN._replace(value=20.0)),
        (None, NOW._replace(op="withdraw", value=None)),
        (THEN._replace(op="withdraw"), NOW._replace(op="withdraw")),
    ],
    ids=["one fact", "said again", "one number", "nothing", "withdrawn for another reason"],
)
def test_a_cell_that_says_the_same_is_left_as_it_is(then: Fact | None, now: Fact):
    assert restore([cell(then, now)], run="back", rules=()) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"value": True}, {"unit": "K"}, {"observed_at": 1}, {"confidence": 0.4}, {"kind": "observation"},
        {"source": "book"}, {"op": "end"}, {"op": "withdraw"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_fusion_or_a_reader_looks_at_makes_a_difference(change: dict[str, object]):
    one = THEN._replace(value=1)

    assert not says_the_same(one, one._replace(**change))


def test_the_same_restore_makes_the_same_facts_and_another_makes_others():
    once, again, other = (restore([cell(THEN, NOW)], run=run, rules=()) for run in ("back", "back", "later"))

    assert once == again
    assert once[0].id != other[0].id


def test_what_a_rule_derived_that_does_not_run_any_more_stays_as_it_is():
    derived = [NOW._replace(record=f"rule:{name}/{A}") for name in ("hot", "hotter", "gone")]

    restored = restore([cell(None, fact) for fact in derived], run="back", rules={"hot", "hotter"})

    assert {fact.record for fact in restored} == {f"rule:hot/{A}", f"rule:hotter/{A}"}


@given(histories(), histories())
def test_whatever_came_between_the_state_is_what_it_was(known: list[Fact], came: list[Fact]):
    before = [fact._replace(seq=1, id=f"a{fact.id}") for fact in known]
    since = [fact._replace(seq=2, id=f"b{fact.id}") for fact in came]
    numbers = count(100)

    cells = cells_without([*before, *since], lambda fact: fact.seq > 1)
    restored = [
        fact._replace(seq=3, prio=decision_prio(next(numbers))) for fact in restore(cells, run="back", rules=())
    ]

    for valid in (NOON, *sorted({fact.valid_from for fact in (*before, *since)})):
        hashes = {
            state_hash(assemble(asserted(tops_at(facts, valid=valid, seq=3)), POLICY, At(valid, 3)))
            for facts in (before, [*before, *since, *restored])
        }
        assert len(hashes) == 1
