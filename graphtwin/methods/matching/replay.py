"""What matching would have said without a decision that is taken back (S13): all that was said since then is matched again.

Each commit is taken in its order, as a sync takes it; what persons decided in between, and didn't take back, stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from graphtwin.methods.matching.clusters import RecordView
from graphtwin.methods.matching.identity import resolve
from graphtwin.methods.matching.judgements import Judgements, matching_event, reference_event
from graphtwin.methods.matching.record_views import same_id_pairs
from graphtwin.methods.state.claims import tops_at
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import BEGIN, TYPE, Fact

_EVER = 2**62
"""Later than every valid time: what is said counts when it is said, whatever it is said of."""


def replayed(
    given: Collection[Fact],
    said: Collection[Fact],
    *,
    since: int,
    judged: Callable[[int], Judgements],
    founded: Mapping[str, int],
    policy: Policy,
) -> dict[str, str]:
    """Whose each record always was, had nothing been made from commit `since` on but what `given` tells: the `@entity` facts
    of the records that count. Those of matching since then don't: `said`, what was said of types and of identifying
    values, is matched again. "" where nothing is said. `judged` is what persons had said by a commit.
    """
    counted = [fact for fact in given if fact.valid_from == BEGIN]
    held = _last([fact for fact in counted if fact.seq < since])
    decided = _by_seq(fact for fact in counted if fact.seq >= since and not _matched(fact))
    heard = _by_seq(fact for fact in said if fact.seq >= since)
    for seq in sorted(decided.keys() | heard.keys()):
        held |= _last(decided.get(seq, ()))
        if seq in heard:
            views = _views([fact for fact in said if fact.seq <= seq], held)
            new = {fact.record for fact in heard[seq]} & views.keys()
            resolution = resolve(views, same_id_pairs(new, views, policy), policy, founded, judged(seq))
            held |= resolution.entity_of
    return held


def _matched(fact: Fact) -> bool:
    """Said by a sync's matching."""
    return fact.event in (matching_event(fact.run), reference_event(fact.run))


def _by_seq(facts: Iterable[Fact]) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.seq].append(fact)
    return dict(found)


def _last(facts: Sequence[Fact]) -> dict[str, str]:
    """What the winners among the facts say of each record, "" for one of which the last word is that nothing was said."""
    top: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda one: (one.prio, one.id)):
        top[fact.record] = fact
    return {record: str(fact.value) if fact.op == "assert" else "" for record, fact in top.items()}


def _views(facts: Iterable[Fact], held: Mapping[str, str]) -> dict[str, RecordView]:
    """The records as they are known from what was said so far."""
    types: dict[str, str] = {}
    attributes: dict[str, dict[str, object]] = defaultdict(dict)
    for top in tops_at(facts, valid=_EVER, seq=_EVER).values():
        if top.op != "assert" or top.layer != "reported":
            continue
        if top.name == TYPE:
            types[top.record] = str(top.value)
        else:
            attributes[top.record][top.name] = top.value
    return {
        record: RecordView(record, kind, held.get(record, ""), attributes[record]) for record, kind in types.items()
    }
