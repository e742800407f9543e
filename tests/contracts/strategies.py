"""Random claims for property tests: few records, names and instants, so that they meet each other often."""

from __future__ import annotations

from contracts.scene import twin
from hypothesis import strategies as st

from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import BEGIN, ENTITY, RANK, TYPE, Fact

POLICY = Policy(twin("w"))
RECORDS = ("bus:a", "bus:b", "book:a", "notes:a")
MINUTE = 60_000_000

instants = st.integers(0, 6).map(lambda number: number * MINUTE)
ops = st.sampled_from(("assert", "assert", "assert", "end", "withdraw"))
scalars = st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from((0.5, 1.0, "x", "")))


@st.composite
def facts(draw: st.DrawFn, *, name: str = "", record: str = "", with_ops: bool = True) -> Fact:
    """Any one fact; two that are drawn never share an id but by being equal."""
    said = name or draw(st.sampled_from((TYPE, TYPE, ENTITY, "reading", "mode", "level", "located_in", "depends_on")))
    about = record or draw(st.sampled_from(RECORDS))
    at = draw(instants)
    values = {
        TYPE: st.sampled_from(("sensor", "zone")),
        ENTITY: st.sampled_from(("x", "y", *RECORDS)),
        "located_in": st.sampled_from(RECORDS),
        "depends_on": st.booleans(),
    }
    number, seq = draw(st.integers(0, 10**9)), draw(st.integers(1, 5))
    op = draw(ops) if with_ops else "assert"
    return Fact(
        id=f"{number:032x}",
        layer="reported" if said in (TYPE, ENTITY) else draw(st.sampled_from(("reported", "reported", "desired"))),
        record=about,
        name=said,
        object=draw(st.sampled_from(RECORDS)) if said == "depends_on" else "",
        op=op,
        value=draw(values.get(said, scalars)) if op == "assert" else None,
        unit="",
        valid_from=BEGIN if said in (TYPE, ENTITY) and draw(st.booleans()) else at,
        observed_at=at,
        prio=draw(st.integers(0, 3)) + (RANK if draw(st.integers(0, 4)) == 0 else 0),
        seq=seq,
        kind=draw(st.sampled_from(("observation", "observation", "assumption"))),
        confidence=draw(st.sampled_from((1.0, 0.9, 0.5))),
        source=about.partition(":")[0],
        event=f"e{number}",
        evidence="",
        run="",
    )  # fmt: skip


def histories(**more: object) -> st.SearchStrategy[list[Fact]]:
    """Facts with distinct ids, in any order."""
    return st.lists(facts(**more), max_size=25, unique_by=lambda fact: fact.id)  # type: ignore[arg-type]
