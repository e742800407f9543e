"""What the report for people shows beyond the contract's fields: the state around the findings, the past, the steps."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphtwin.methods.judging.checklist import Check
from graphtwin.model.answers import Constrained, Detected, Forecasted, Identified, Planned, Timing
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.finding import Deviation, Finding
from graphtwin.model.plan import Gate, Plan
from graphtwin.model.risk import Forecast
from graphtwin.model.state import EntityState, State
from graphtwin.ports import Sample

_MOST_NAMED = 500

Past = Mapping[tuple[str, str], Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Everything is optional: a report of a run that stopped early shows less, `judged` says whether it looked for drift.

    `risk` is the risk of each entity that has any, `dependencies` the relations along which it travels, `approval_above`
    the risk over which a person must approve, `problems` what is wrong with a source, `file` the twin.yaml for commands,
    `unmet` what verification missed, and why.
    """

    world: str = ""
    title: str = ""
    file: str = "twin.yaml"
    stopped: str = ""
    state: State | None = None
    samples: Past = field(default_factory=dict)
    judged: bool = True
    findings: tuple[Finding, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    not_judged: tuple[tuple[str, str], ...] = ()
    threshold: float = 0.15
    forecasts: tuple[Forecast, ...] = ()
    risk: Mapping[str, float] = field(default_factory=dict)
    approval_above: float | None = None
    dependencies: frozenset[str] = frozenset()
    plan: Plan | None = None
    plan_status: str = ""
    not_acted: str = ""
    unmet: tuple[str, ...] = ()
    observe_only: bool = False
    violations: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    checks: tuple[Check, ...] = ()
    steps: tuple[Timing, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    unresolved: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()

    def name(self, entity: str) -> str:
        """What people call an entity: its first label, else the last part of its id."""
        known = self.state.entities.get(entity) if self.state else None
        label = _label(known) if known else ""
        return label or entity.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] or entity

    def words(self, text: str) -> str:
        """A sentence with the names that people use in place of entity ids, where a name means one entity only."""
        found = {entity: name for entity in self._told() if (name := self.name(entity)) != entity}
        single = {entity: name for entity, name in found.items() if list(found.values()).count(name) == 1}
        if not single:
            return text
        ids = "|".join(re.escape(entity) for entity in sorted(single, key=len, reverse=True))
        return re.sub(rf"(?<![\w:/.-])(?:{ids})(?![\w/:-])", lambda match: single[match.group()], text)

    def _told(self) -> tuple[str, ...]:
        """The entities that sentences of this report may speak of."""
        told = [*(one.entity for one in self.findings), *self.risk, *(one.entity for one in self.forecasts)]
        told += [str(one.reference) for one in self.findings if one.name.startswith("missing:")]
        told += [step.entity for step in self.plan.steps] if self.plan else []
        return tuple(dict.fromkeys(entity for entity in told if entity))[:_MOST_NAMED]

    def kind(self, entity: str) -> str:
        """An entity's type, "" where it isn't known."""
        known = self.state.entities.get(entity) if self.state else None
        return known.type if known else ""

    def command(self, *words: str) -> str:
        """A graphtwin command as it can be pasted into a shell."""
        return shlex.join(["graphtwin", *(word for word in words if word)])

    def why(self, finding: Finding) -> str:
        """The command that explains the value a finding is about, or lists the findings where it is about none."""
        if finding.entity and finding.variable:
            return self.command("why", self.world, f"{finding.entity}.{finding.variable}")
        return self.command("drift", self.world)


def report_context(
    config: TwinConfig,
    *,
    file: str,
    stopped: str = "",
    state: State | None = None,
    samples: Past | None = None,
    detected: Detected | None = None,
    forecasted: Forecasted | None = None,
    planned: Planned | None = None,
    plan_status: str = "",
    not_acted: str = "",
    unmet: Sequence[str] = (),
    constrained: Constrained | None = None,
    identified: Identified | None = None,
    checks: Sequence[Check] = (),
    steps: Sequence[Timing] = (),
    problems: Mapping[str, str] | None = None,
    quarantined: Mapping[str, int] | None = None,
    changes: Sequence[str] = (),
) -> ReportContext:
    """The context of a run's report from what its steps answered; `file` is the twin.yaml as the user named it, `plan_status`
    where its plan stands, `not_acted` why it wasn't carried out ("" where it was).
    """
    dependencies = {name for name, relation in config.relations.items() if relation.dependency}
    return ReportContext(
        world=config.world.id,
        title=config.world.title,
        file=file,
        stopped=stopped,
        state=state,
        samples=samples or {},
        judged=detected is not None,
        findings=detected.findings if detected else (),
        deviations=detected.deviations if detected else (),
        not_judged=tuple(
            (f"{one.entity} {one.variable}".strip(), one.reason) for one in (detected.not_judged if detected else ())
        ),
        threshold=detected.threshold if detected else 0.15,
        forecasts=forecasted.forecasts if forecasted else (),
        risk=forecasted.risk.by_entity if forecasted else {},
        approval_above=config.constraints.require_approval_above_risk if config.constraints else None,
        dependencies=frozenset(dependencies),
        plan=planned.plan if planned else None,
        plan_status=plan_status,
        not_acted=not_acted,
        unmet=tuple(unmet),
        observe_only=constrained.observe_only if constrained else config.constraints is None,
        violations=constrained.violations if constrained else (),
        gates=constrained.gates if constrained else (),
        checks=tuple(checks),
        steps=tuple(steps),
        problems=problems or {},
        quarantined={name: count for name, count in (quarantined or {}).items() if count},
        unresolved=tuple((one.record, one.reason) for one in identified.unresolved) if identified else (),
        changes=tuple(changes),
    )


def _label(entity: EntityState) -> str:
    held = entity.reported.get("labels")
    value = held.value if held else None
    first = value[0] if isinstance(value, list | tuple) and value else value
    return first if isinstance(first, str) else ""
