"""Overrides one after the other: at every instant the newest one that is in force speaks, and withdrawing leaves none."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.methods.state.claims import tops_at
from graphtwin.methods.state.person_claims import override_record, overriding, withdrawn, without_override
from graphtwin.model.fact import ENTITY, TYPE, Fact, Key, claim, decision_prio

SENSOR, NAME = "sensor:local/s1", "reading"
RECORD = override_record(SENSOR, NAME)


@dataclass
class Past:
    """Facts as a store numbers them, and what ought to be in force: (value, until), or None."""

    facts: list[Fact]
    now: int = 100
    standing: tuple[int, int | None] | None = None

    def write(self, facts: list[Fact]) -> None:
        for fact in facts:
            assert fact.id not in {one.id for one in self.facts}
            number = len(self.facts) + 1
            self.facts.append(fact._replace(prio=decision_prio(number), seq=number))

    def held(self) -> dict[str, object]:
        tops = tops_at(self.facts, valid=self.now, seq=len(self.facts))
        found = {name: tops.get(Key("reported", RECORD, name)) for name in (NAME, TYPE)}
        return {name: top.value for name, top in found.items() if top is not None and top.op == "assert"}

    def expected(self) -> dict[str, object]:
        if self.standing and self.standing[1] is not None and self.standing[1] <= self.now:
            self.standing = None
        return {NAME: self.standing[0], TYPE: "sensor"} if self.standing else {}


Steps = st.lists(
    st.one_of(
        st.tuples(st.just("override"), st.integers(0, 9), st.one_of(st.none(), st.integers(1, 60))),
        st.tuples(st.just("withdraw"), st.just(0), st.none()),
        st.tuples(st.just("wait"), st.integers(0, 40), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(steps=Steps)
def test_the_newest_override_in_force_speaks_and_nothing_is_left_of_it_once_withdrawn(
    steps: list[tuple[str, int, int | None]],
):
    past = Past([])
    for number, (step, value, lasts) in enumerate(steps):
        said = [fact for fact in past.facts if fact.name != ENTITY]
        event = f"decision:{number}"
        if step == "wait":
            past.now += value
        elif step == "override":
            until = past.now + lasts if lasts is not None else None
            past.write(
                overriding(
                    SENSOR, "sensor", NAME, value, "", said=said, since=past.now, until=until, event=event, run="r"
                )
            )
            past.standing = (value, until)
        else:
            past.write(without_override(said, at=past.now, event=event, run="r"))
            past.standing = None

        assert past.held() == past.expected()

    if past.standing is None:
        past.now += 10**6
        assert past.held() == {}


def test_a_withdrawn_claim_is_the_claim_s_own_cell():
    fact = claim(record="bus:s1", name="reading", value=1, valid_from=5, event="e", source="bus", unit="Cel")

    gone = withdrawn(fact, event="decision:1", run="r")

    assert (gone.key, gone.valid_from, gone.op, gone.value, gone.is_decision) == (fact.key, 5, "withdraw", None, True)
