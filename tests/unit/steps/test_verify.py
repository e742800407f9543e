"""verify: looks until the criteria hold or their window is over, and believes nothing else (S32)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from graphtwin.methods.acting.criteria import Awaited, Named
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.model.plan import PlannedCriterion, PlanStep
from graphtwin.model.state import EntityState, Held
from graphtwin.steps.verify import Seen, failed_outright, nothing_to_verify, verify

IS_SET = PlannedCriterion("is set", 10 * SECOND, expect="entity.setpoint == 22")
QUERY = PlannedCriterion(
    "is cool", 60 * SECOND, cypher="MATCH (cool) WHERE cool.setpoint < 23 RETURN cool.id AS subject"
)
ZONE, OTHER = "zone:local/a", "zone:local/b"
STEP = PlanStep("action", "set", "Set it", ZONE, ("f-1",), criteria=(IS_SET,))
ASKED = PlanStep("action", "set", "Set it", ZONE, (), criteria=(QUERY,))
KINDS = {"zone": {"variables": {"setpoint": {}, "mode": {"datatype": "string"}}}}
POLICY = Policy(TwinConfig.model_validate({"world": {"id": "floor"}, "sources": {}, "types": KINDS}))


def judged(steps: Sequence[PlanStep], *looks: Seen, sent: Sequence[int] = ()):
    """What verify says when these are seen one after the other, and the last one for ever; `sent` (s) are the acts."""
    seen = list(looks)

    async def look() -> Seen:
        return seen.pop(0) if len(seen) > 1 else seen[0]

    async def wait() -> None:
        """No time passes here."""

    awaited = [Awaited(step, at * SECOND) for step, at in zip(steps, sent or [0] * len(steps), strict=True)]
    out = asyncio.run(verify(awaited, look, wait, policy=POLICY))
    return out, len(looks) - len(seen)


def thing(ident: str, values: Mapping[str, Any], *, seconds: int, disputed: bool = False) -> EntityState:
    held = {
        name: Held(value, "", 0, seconds * SECOND, 1.0, "observation", "bms", "bms:a", "f", disputed=disputed)
        for name, value in values.items()
    }
    return EntityState(ident, "zone", "active", ("bms:a",), held)


def at(seconds: int, *others: EntityState, returned: Named | None = None, **values: object) -> Seen:
    """A look in which the zone was heard of just then, if values are told."""
    things = (thing(ZONE, values, seconds=seconds), *others)
    return Seen(seconds * SECOND, {one.id: one for one in things}, returned or {}, (f"read at {seconds}",))


def finds(ident: str, *beside: str) -> Named:
    return {QUERY.cypher: {ident: frozenset(beside)}}


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
    passed, _ = judged([ASKED], at(1, returned=finds(OTHER)), at(2, returned=finds(ZONE), mode="auto"))
    failed, _ = judged([ASKED], at(1, returned=finds(OTHER)), at(61, returned=finds(OTHER), mode="auto"))

    assert (passed.result, failed.result) == ("PASS", "FAIL")


def test_a_query_that_returns_an_entity_of_which_nothing_was_heard_since_knows_it_only_as_it_was():
    out, _ = judged([ASKED], at(1, returned=finds(ZONE)), at(61, returned=finds(ZONE)))

    assert (out.result, "nothing was heard" in out.reason) == ("FAIL", True)


def test_a_query_proves_nothing_by_old_values_of_others_that_it_names():
    old, new = (thing(OTHER, {"mode": "auto"}, seconds=seconds) for seconds in (4, 8))
    found = finds(ZONE, OTHER)

    failed, _ = judged([ASKED], at(70, old, returned=found, mode="auto"), sent=[5])
    passed, looked = judged(
        [ASKED], at(7, old, returned=found, mode="auto"), at(9, new, returned=found, mode="auto"), sent=[5]
    )

    assert (failed.result, f"nothing was heard of {OTHER}" in failed.reason) == ("FAIL", True)
    assert (passed.result, looked) == ("PASS", 1)


@pytest.mark.parametrize(("step", "found"), [(STEP, {}), (ASKED, finds(ZONE))], ids=["a condition", "a query"])
def test_a_disputed_value_proves_nothing(step: PlanStep, found: Named):
    doubtful = {ZONE: thing(ZONE, {"setpoint": 22}, seconds=61, disputed=True)}

    out, _ = judged([step], Seen(61 * SECOND, doubtful, found))

    assert (out.result, "setpoint" in out.reason, "disputed" in out.reason) == ("FAIL", True, True)


@pytest.mark.parametrize(("step", "found"), [(STEP, {}), (ASKED, finds(ZONE))], ids=["a condition", "a query"])
def test_what_was_observed_at_the_very_instant_of_the_act_is_older_than_it(step: PlanStep, found: Named):
    at_once = {ZONE: thing(ZONE, {"setpoint": 22}, seconds=5)}

    out, _ = judged([step], Seen(70 * SECOND, at_once, found), sent=[5])

    assert out.result == "FAIL", "in a world that lives by its events, this is the reading that the act was decided on"


def test_what_was_read_between_two_acts_is_evidence_for_the_first_alone():
    free = PlannedCriterion("is automatic", 10 * SECOND, expect="entity.mode == 'auto'")
    steps = [PlanStep("action", name, "Set it", ZONE, (), criteria=(free,)) for name in ("first", "second")]
    between = {ZONE: thing(ZONE, {"mode": "auto"}, seconds=4)}

    out, looked = judged(steps, *(Seen(now * SECOND, between, {}) for now in (7, 12, 15, 20)), sent=[0, 5])

    assert (out.result, looked) == ("FAIL", 3), "the window of the second begins with its own act"
    assert out.criteria_met == (f"{ZONE}: is automatic",)


def test_each_criterion_has_its_own_window():
    step = PlanStep("action", "set", "Set it", ZONE, (), criteria=(IS_SET, QUERY))

    out, looked = judged([step], at(5, setpoint=22), at(20, setpoint=22), at(60, setpoint=22))

    assert (out.result, looked) == ("FAIL", 2)


@pytest.mark.parametrize(
    ("out", "result"), [(nothing_to_verify(), "SKIPPED"), (failed_outright("the second act was refused"), "FAIL")]
)
def test_what_was_never_carried_out_is_not_looked_at(out, result):
    assert (out.result, out.criteria_met) == (result, ())
    assert out.reason
