"""The past of a value, put together from what changes, is what assembling the state anew at each instant shows."""

from __future__ import annotations

from contracts.strategies import MINUTE, POLICY, RECORDS, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted, tops_at
from graphtwin.methods.state.past_values import past_values
from graphtwin.methods.state.shown import shown
from graphtwin.model.fact import Fact
from graphtwin.model.state import At, Lifecycle, Spell

NAMES = ("reading", "reading_desired", "mode", "level", "located_in")
SEQ = 4
END = 6 * MINUTE

minutes = st.integers(0, 7).map(lambda number: number * MINUTE)
gone = st.dictionaries(
    st.sampled_from(RECORDS), st.tuples(minutes, minutes).filter(lambda one: one[0] < one[1]).map(lambda one: [one]), max_size=2
)  # fmt: skip


def assembled(
    facts: list[Fact], entity: str, name: str, since: int, retired: dict[str, list[tuple[int, int]]]
) -> tuple[Spell, ...]:
    """The same by definition: the whole state at every half minute."""
    spells: list[Spell] = []
    for instant in range(since, END + 1, MINUTE // 2):
        away: dict[str, Lifecycle] = {
            record: "retired" for record, own in retired.items() if any(begin <= instant < end for begin, end in own)
        }
        claims = asserted(tops_at(facts, valid=instant, seq=SEQ))
        seen = assemble(claims, POLICY, At(instant, SEQ), away).entities.get(entity)
        spell = Spell(instant, shown(seen, name), seen.type) if seen else Spell(instant, None)
        if not spells or (spells[-1].held, spells[-1].type) != (spell.held, spell.type):
            spells.append(spell)
    return tuple(spells)


@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from(("x", *RECORDS)), minutes.filter(lambda one: one <= END), gone)
def test_each_instant_shows_what_assembling_then_would_s23(
    facts: list[Fact], entity: str, since: int, retired: dict[str, list[tuple[int, int]]]
):
    known = [fact for fact in facts if fact.seq <= SEQ]

    found = past_values(
        entity,
        NAMES,
        before=tops_at(known, valid=since, seq=SEQ),
        later=[fact for fact in known if since < fact.valid_from <= END],
        retired=retired,
        policy=POLICY,
        since=since,
        at=At(END, SEQ),
    )

    assert found == {name: assembled(facts, entity, name, since, retired) for name in NAMES}
