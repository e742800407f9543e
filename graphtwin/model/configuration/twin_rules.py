"""The part of twin.yaml about rules: what follows from the present, and what is wrong with it (S22, S23)."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.amounts import Duration, Severity


class Machine(Value):
    """The states of a variable that is a state machine, and which may follow which (S22)."""

    allowed_next_states: dict[str, tuple[str, ...]]
    """Each state, with those that a transition may lead to from there; empty for a last one."""
    initial: str = ""
    """The state that it stands in while nothing says one; "" for none."""

    @model_validator(mode="after")
    def _knows_its_states(self) -> Self:
        for state, following in self.allowed_next_states.items():
            for name in following:
                if name not in self.allowed_next_states:
                    raise ValueError(f"{name!r}, which may follow {state!r}, isn't a state: list it, too")
        if self.initial and self.initial not in self.allowed_next_states:
            raise ValueError(f"the initial state {self.initial!r} isn't one of its states")
        return self


class Transition(Value):
    """A step of a state machine: taken when the rule returns the machine's entity, and it stands in one of `from` (S22)."""

    variable: str
    """The variable that holds the machine's state; it has a `machine`."""
    from_: tuple[str, ...] = Field(alias="from")
    """The states it may be taken from; a plain text is one."""
    to: str
    """The state it leads to; the machine must allow it after each of `from`."""
    inverse: bool = False
    """True takes the step back when a fact that it rests on turns out wrong, if the machine still stands where it led."""

    @field_validator("from_", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Self:
        if not self.from_:
            raise ValueError("`from` names no state")
        if self.to in self.from_:
            raise ValueError("a transition leads to another state than those it comes from")
        return self


class Rule(Value):
    """A Cypher query that returns rows; the engine writes what they say (S22)."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    """Names the rule, and the findings it makes."""
    file: str = ""
    """A file with its Cypher, in the folder of twin.yaml."""
    cypher: str = ""
    """Its Cypher, written here."""
    description: str = ""
    """For people."""
    severity: Severity = "medium"
    """Of its findings, where a row doesn't say another."""
    writes: tuple[str, ...] = ()
    """The variables and relations it derives; a row that sets anything else is refused. Findings need no naming."""
    reads: tuple[str, ...] = ()
    """Derived variables and relations, or ids of other rules, that must be settled before it runs (strata)."""
    lasting: Duration | None = Field(default=None, alias="for")
    """A comparison that must have held for so long, without a gap, to be a finding, or to set off the transition (S23).
    Such a rule returns `subject`, `variable`, `op`, `reference`, `margin`.
    """
    transition: Transition | None = None
    """What it returns is a step of a state machine, not something that holds as long as it is returned."""
    enabled: bool = True
    """False leaves it out."""

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if bool(self.file) == bool(self.cypher):
            raise ValueError("a rule has either `file` or `cypher`")
        return self

    @model_validator(mode="after")
    def _writes_one_way(self) -> Self:
        if self.lasting is not None and self.lasting <= 0:
            raise ValueError("`for` must be longer than nothing")
        if self.lasting is not None and self.writes:
            raise ValueError("a rule with `for` derives no values: it has no `writes`")
        if self.transition is not None and self.writes:
            raise ValueError("a transition writes its machine's state only: it has no `writes`")
        return self
