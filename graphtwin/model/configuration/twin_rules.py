"""The part of twin.yaml about rules: what follows from the present, and what is wrong with it (S22, S23)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.amounts import Duration, Severity


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
    """A comparison that must have held for so long, without a gap, to be a finding (S23). Such a rule returns `subject`,
    `variable`, `op`, `reference`, `margin`.
    """
    enabled: bool = True
    """False leaves it out."""

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if bool(self.file) == bool(self.cypher):
            raise ValueError("a rule has either `file` or `cypher`")
        return self

    @model_validator(mode="after")
    def _only_compares(self) -> Self:
        if self.lasting is not None and self.lasting <= 0:
            raise ValueError("`for` must be longer than nothing")
        if self.lasting is not None and self.writes:
            raise ValueError("a rule with `for` makes findings only: it has no `writes`")
        return self
