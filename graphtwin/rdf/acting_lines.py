"""What was planned, approved and done as lines of N-Quads: plans and approvals (PROV-O), acts as actuations (SOSA) (S28, S30)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Final

from graphtwin.model.acting import ActRecord, PlanRecord, SignedApproval
from graphtwin.model.plan import PlanStep
from graphtwin.ports import Store
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import json_literal, literal, moment, text
from graphtwin.rdf.used import Used
from graphtwin.rdf.vocabulary import DCTERMS, GT, PROV, RDFS, SOSA, being, verb

_PLANS: Final = 100_000
"""More plans than a world has."""

_IS_PLAN, _IS_STEP, _IS_APPROVAL = being(GT.Plan), being(GT.PlanStep), being(GT.Approval)
_IS_ACT, _IS_ACTUATION, _IS_ACTIVITY = being(GT.Act), being(SOSA.Actuation), being(PROV.Activity)
_IS_PROV_PLAN, _IS_ORIGIN = being(PROV.Plan), being(PROV.Entity)

_IDENTIFIER, _LABEL, _KIND, _STATUS = verb(DCTERMS.identifier), verb(RDFS.label), verb(GT.kind), verb(GT.status)
_ATTRIBUTED, _DERIVED, _GENERATED = verb(PROV.wasAttributedTo), verb(PROV.wasDerivedFrom), verb(PROV.wasGeneratedBy)
_AT, _STARTED, _ENDED = verb(PROV.generatedAtTime), verb(PROV.startedAtTime), verb(PROV.endedAtTime)
_USED, _INFORMED = verb(PROV.used), verb(PROV.wasInformedBy)
_RISK, _BASIS, _CONFIGURATION, _NEEDS, _REASON = (
    verb(GT.risk), verb(GT.basis), verb(GT.configuration), verb(GT.needsApproval), verb(GT.reason),
)  # fmt: skip
_PART_OF, _PLACE, _ACTION, _ABOUT, _EFFECTS = (
    verb(DCTERMS.isPartOf), verb(GT.place), verb(GT.action), verb(GT.about), verb(GT.effects),
)  # fmt: skip
_BODY, _SIGNATURE, _REQUEST, _ANSWER = verb(GT.body), verb(GT.signature), verb(GT.request), verb(GT.answer)
_TAKES_BACK: Final = verb(GT.takesBack)
_FEATURE, _ACTS_ON, _BY, _RESULT, _RESULT_TIME = (
    verb(SOSA.hasFeatureOfInterest), verb(SOSA.actsOnProperty), verb(SOSA.madeByActuator), verb(SOSA.hasSimpleResult),
    verb(SOSA.resultTime),
)  # fmt: skip


class ActingLines:
    """Describes what was made on a version up to `seq`, as it stood before `until` (µs of the world's clock; None: now)."""

    def __init__(
        self, store: Store, world: str, names: Names, used: Used, *, seq: int, until: int | None, end: str
    ) -> None:
        self._store = store
        self._world = world
        self._names = names
        self._used = used
        self._seq = seq
        self._until = until
        self._end = end

    async def lines(self) -> AsyncIterator[str]:
        """Plan after plan, each with its steps, approvals and acts; runs, agents and actuators are gathered in `used`."""
        for record in sorted(await self._store.plans(self._world, limit=_PLANS), key=lambda one: one.id):
            if int(record.version.removeprefix("v") or 0) > self._seq or not self._known(record.created_at):
                continue
            yield self._plan(record) + "".join(
                self._step(record.id, place, step) for place, step in enumerate(record.plan.steps)
            )
            approvals = await self._store.approvals(self._world, record.id)
            yield "".join(self._approval(one) for one in approvals if self._known(one.at))
            acts = await self._store.acts(self._world, plan=record.id)
            sent = {one.place: one.id for one in acts if one.covers == "act"}
            yield "".join(self._act(one, sent.get(one.place)) for one in acts if self._known(one.at))

    def _plan(self, record: PlanRecord) -> str:
        """What was to be done, and how far that came."""
        names, z = self._names, self._end
        self._used.runs.add(record.run)
        self._used.agents.add(record.author)
        p = names.of("plan", record.id)
        said = [
            f"{_IS_PLAN}", _IS_PROV_PLAN, _IS_ORIGIN, f"{_IDENTIFIER}{text(record.id)}", f"{_LABEL}{text(record.plan.summary)}",
            f"{_GENERATED}{names.of('run', record.run)}", f"{_ATTRIBUTED}{names.of('agent', record.author)}",
            f"{_AT}{moment(record.created_at)}", f"{_DERIVED}<{names.base}version/{record.version}>",
            f"{_RISK}{literal(float(record.risk))}", f"{_NEEDS}{literal(record.needs_approval)}",
            f"{_BASIS}{text(record.basis)}", f"{_CONFIGURATION}{text(record.configuration)}",
        ]  # fmt: skip
        said += [f"{_DERIVED}{names.of('fact', fact)}" for fact in sorted(set(record.evidence))]
        if self._known(record.updated_at):
            said += [f"{_STATUS}{text(record.status)}", *([f"{_REASON}{text(record.reason)}"] if record.reason else ())]
        return f"{p}{(z + p).join(said)}{z}"

    def _step(self, plan: str, place: int, step: PlanStep) -> str:
        names, z = self._names, self._end
        s = names.of("step", f"{plan}/{place}")
        said = [
            _IS_STEP, f"{_PART_OF}{names.of('plan', plan)}", f"{_PLACE}{literal(place)}", f"{_KIND}{text(step.kind)}",
            f"{_LABEL}{text(step.title)}", f"{_ACTION}{text(step.action)}", f"{_EFFECTS}{json_literal(step.effects)}",
        ]  # fmt: skip
        said += [f"{_ABOUT}{names.of('entity', step.entity)}"] if step.entity else []
        return f"{s}{(z + s).join(said)}{z}"

    def _approval(self, one: SignedApproval) -> str:
        """A person's yes: the document that was signed, word for word."""
        names, z = self._names, self._end
        self._used.agents.add(one.principal)
        a = names.of("approval", f"{one.plan}/{one.nonce}")
        said = [
            _IS_APPROVAL, _IS_ORIGIN, f"{_DERIVED}{names.of('plan', one.plan)}",
            f"{_ATTRIBUTED}{names.of('agent', one.principal)}", f"{_AT}{moment(one.at)}", f"{_BODY}{json_literal(one.document)}",
            f"{_SIGNATURE}{text(one.signature)}",
        ]  # fmt: skip
        return f"{a}{(z + a).join(said)}{z}"

    def _act(self, one: ActRecord, sent: str | None) -> str:
        """What was sent to change something, and what came of it as far as that is known; `sent` is the act of that place in
        the plan, which a compensation takes back.
        """
        names, z = self._names, self._end
        self._used.runs.add(one.run)
        self._used.actuators.add(one.actuator)
        self._used.properties.update(one.effects)
        a = names.of("act", one.id)
        said = [
            _IS_ACT, _IS_ACTUATION, _IS_ACTIVITY, f"{_IDENTIFIER}{text(one.id)}", f"{_KIND}{text(one.covers)}",
            f"{_FEATURE}{names.of('entity', one.entity)}", f"{_BY}{names.of('actuator', one.actuator)}",
            f"{_ACTION}{text(one.action)}", f"{_EFFECTS}{json_literal(one.effects)}",
            f"{_REQUEST}{json_literal(asdict(one.request))}", f"{_USED}{names.of('plan', one.plan)}",
            f"{_INFORMED}{names.of('run', one.run)}", f"{_STARTED}{moment(one.at)}",
            *(f"{_ACTS_ON}{names.of('property', name)}" for name in sorted(one.effects)),
        ]  # fmt: skip
        said += [f"{_TAKES_BACK}{names.of('act', sent)}"] if sent and one.covers == "compensation" else []
        if one.answered_at is not None and self._known(one.answered_at):
            answered = moment(one.answered_at)
            said += [
                f"{_ENDED}{answered}",
                f"{_RESULT_TIME}{answered}",
                f"{_RESULT}{text(one.outcome)}",
                f"{_ANSWER}{text(one.answer)}",
            ]
        return f"{a}{(z + a).join(said)}{z}"

    def _known(self, at: int) -> bool:
        return self._until is None or at < self._until
