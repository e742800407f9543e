"""What the reporting steps need to know of the other steps' answers: shapes, so that steps needn't import each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graphtwin.model.configuration.amounts import Severity
from graphtwin.model.finding import Deviation, Finding, NotJudged
from graphtwin.model.plan import Gate, Plan
from graphtwin.model.report import VerificationResult
from graphtwin.model.risk import Forecast, Risk


class Answer(Protocol):
    """Every step's answer names what it rests on."""

    @property
    def anchors(self) -> tuple[str, ...]: ...


class Timing(Protocol):
    """One step as it went; times in epoch µs, `outcome` is done, skipped, again or failed."""

    @property
    def step(self) -> str: ...
    @property
    def started_at(self) -> int: ...
    @property
    def ended_at(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def attempts(self) -> int: ...


class Received(Answer, Protocol):
    """Which sources answered, and what is wrong with those that did not."""

    @property
    def answered(self) -> Mapping[str, bool]: ...
    @property
    def problems(self) -> Mapping[str, str]: ...
    @property
    def messages(self) -> int: ...


class Transformed(Answer, Protocol):
    """Events made of messages, and how many messages of each source were refused."""

    @property
    def events(self) -> Sequence[Any]: ...
    @property
    def refused(self) -> Mapping[str, int]: ...
    @property
    def messages(self) -> Mapping[str, int]: ...
    @property
    def partial_rosters(self) -> Mapping[str, str]: ...


class OpenIdentity(Protocol):
    """A record whose identity a person should look at."""

    @property
    def record(self) -> str: ...
    @property
    def candidate(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Identified(Answer, Protocol):
    """How many records were looked at, what was merged, and what stayed open."""

    @property
    def touched(self) -> int: ...
    @property
    def unresolved(self) -> Sequence[OpenIdentity]: ...
    @property
    def merged(self) -> Sequence[tuple[str, str]]: ...


class Detected(Answer, Protocol):
    """The findings and how they were come by."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def deviations(self) -> tuple[Deviation, ...]: ...
    @property
    def judged(self) -> int: ...
    @property
    def not_judged(self) -> tuple[NotJudged, ...]: ...
    @property
    def threshold(self) -> float: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def drift_detected(self) -> bool: ...
    @property
    def triggers(self) -> tuple[str, ...]: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...


class Estimated(Answer, Protocol):
    """Risk now."""

    @property
    def risk(self) -> Risk: ...
    @property
    def current(self) -> float: ...
    @property
    def factors(self) -> tuple[str, ...]: ...
    @property
    def stop(self) -> str: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...


class Forecasted(Answer, Protocol):
    """Risk within the horizon."""

    @property
    def forecasts(self) -> tuple[Forecast, ...]: ...
    @property
    def risk(self) -> Risk: ...
    @property
    def forecasted(self) -> float: ...
    @property
    def horizon(self) -> int: ...
    @property
    def factors(self) -> tuple[str, ...]: ...
    @property
    def stop(self) -> str: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...


class Planned(Answer, Protocol):
    """The plan."""

    @property
    def plan(self) -> Plan: ...
    @property
    def stop(self) -> str: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...


class Constrained(Answer, Protocol):
    """Policy's verdict on the plan."""

    @property
    def compliant(self) -> bool: ...
    @property
    def needs_approval(self) -> bool: ...
    @property
    def observe_only(self) -> bool: ...
    @property
    def risk(self) -> float: ...
    @property
    def violations(self) -> tuple[str, ...]: ...
    @property
    def gates(self) -> tuple[Gate, ...]: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...


class Checkpointed(Answer, Protocol):
    """The version to come back to."""

    @property
    def restore_point(self) -> str: ...
    @property
    def hash(self) -> str: ...


class Acted(Answer, Protocol):
    """What was done, or why nothing was."""

    @property
    def executed(self) -> bool: ...
    @property
    def changes(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...


class Verified(Answer, Protocol):
    """Whether what was done did what it was meant to."""

    @property
    def result(self) -> VerificationResult: ...
    @property
    def criteria_met(self) -> tuple[str, ...]: ...


class Audited(Answer, Protocol):
    """Where the run can be looked up."""

    @property
    def log_path(self) -> str: ...
    @property
    def provenance_chain(self) -> tuple[str, ...]: ...


class Restored(Answer, Protocol):
    """Whether something can be, or was, taken back."""

    @property
    def available(self) -> bool: ...
    @property
    def executed(self) -> bool: ...
    @property
    def restore_point(self) -> str | None: ...
    @property
    def command(self) -> str | None: ...
