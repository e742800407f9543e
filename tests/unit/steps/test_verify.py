"""verify: looks until the criteria hold or their window is over, and believes nothing else (S32)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from graphtwin.model.durations import SECOND
from graphtwin.model.plan import PlannedCriterion, PlanStep
from graphtwin.steps.verify import Seen, failed_outright, nothing_to_verify, verify

IS_SET = PlannedCriterion("is set", 10 * SECOND, expect="entity.setpoint == 22")
QUERY = PlannedCriterion("is cool", 60 * SECOND, cypher="MATCH (cool) RETURN cool.id AS subject")
STEP = PlanStep("action", "set", "Set it", "zone:local/a", ("f-1",), criteria=(IS_SET,))


def judged(steps: Sequence[PlanStep], *looks: Seen):
    """What verify says when these are seen one after the other, and the last one for ever."""
    seen = list(looks)

    async def look() -> Seen:
        return seen.pop(0) if len(seen) > 1 else seen[0]

    async def wait() -> None:
        """No time passes here."""

    out = asyncio.run(verify(steps, look, wait, since=0))
    return out, len(looks) - len(seen)


def at(seconds: int, *, returned: dict[str, frozenset[str]] | None = None, **values: object) -> Seen:
    heard = frozenset({"zone:local/a"} if values else ())
    return Seen(seconds * SECOND, {"zone:local/a": values}, returned or {}, (f"read at {seconds}",), heard)


def test_it_passes_as_soon_as_every_criterion_holds():
    out, looked = judged([STEP], at(1, setpoint=25), at(2, setpoint=22), at(3, setpoint=25))

    assert (out.result, out.criteria_met, looked) == ("PASS", ("zone:local/a: is set",), 2)
    assert out.anchors == ("read at 2",)


def test_it_fails_when_the_window_of_a_criterion_is_over_by_the_worlds_clock():
    out, _ = judged([STEP], at(1, setpoint=25), at(9, setpoint=25), at(10, setpoint=25))

    assert out.result == "FAIL"
    assert "setpoint == 22 is false" in out.unmet[0]


def test_what_was_not_heard_since_the_act_is_no_evidence():
    out, _ = judged([STEP], at(1), at(11))

    assert out.result == "FAIL"
    assert "isn't known" in out.reason


def test_a_query_holds_for_the_entities_that_it_returns():
    step = PlanStep("action", "set", "Set it", "zone:local/a", (), criteria=(QUERY,))
    other, ours = frozenset({"zone:local/b"}), frozenset({"zone:local/a"})

    passed, _ = judged([step], at(1, returned={QUERY.cypher: other}), at(2, returned={QUERY.cypher: ours}, mode="auto"))
    failed, _ = judged(
        [step], at(1, returned={QUERY.cypher: other}), at(61, returned={QUERY.cypher: other}, mode="auto")
    )

    assert (passed.result, failed.result) == ("PASS", "FAIL")


def test_a_query_that_returns_an_entity_of_which_nothing_was_heard_since_knows_it_only_as_it_was():
    step = PlanStep("action", "set", "Set it", "zone:local/a", (), criteria=(QUERY,))
    ours = frozenset({"zone:local/a"})

    out, _ = judged([step], at(1, returned={QUERY.cypher: ours}), at(61, returned={QUERY.cypher: ours}))

    assert (out.result, "nothing was heard" in out.reason) == ("FAIL", True)


def test_each_criterion_has_its_own_window():
    step = PlanStep("action", "set", "Set it", "zone:local/a", (), criteria=(IS_SET, QUERY))

    out, looked = judged([step], at(5, setpoint=22), at(20, setpoint=22), at(60, setpoint=22))

    assert (out.result, looked) == ("FAIL", 2)


@pytest.mark.parametrize(
    ("out", "result"), [(nothing_to_verify(), "SKIPPED"), (failed_outright("the second act was refused"), "FAIL")]
)
def test_what_was_never_carried_out_is_not_looked_at(out, result):
    assert (out.result, out.criteria_met) == (result, ())
    assert out.reason
