"""Values with their unit, and how sure one may be of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from graphtwin.model.base import Confidence, Json, Number, Object, Text, Value


class UncertaintyType(StrEnum):
    """Whether more knowledge would help (epistemic), not (aleatoric), or in part (mixed)."""

    EPISTEMIC = "epistemic"
    ALEATORIC = "aleatoric"
    MIXED = "mixed"


class Interval(Value):
    """The bounds a value is held to lie between."""

    low: Number | None = Field(default=None, description="Lower bound; absent when open.")
    high: Number | None = Field(default=None, description="Upper bound; absent when open.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            message = f"low {self.low} is above high {self.high}"
            raise ValueError(message)
        return self


class Distribution(Value):
    """A named distribution; its parameters stand beside the name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Json] = Field(init=False)

    name: Text = Field(description="The family, such as normal or uniform.")


class Uncertainty(Value):
    """How sure a claim is, and of which sort its doubt is."""

    type: UncertaintyType = Field(description="Whether more knowledge would lessen the doubt.")
    confidence: Confidence = Field(description="How probable it is that the claim holds.")
    interval: Interval | None = Field(default=None, description="Bounds of the value.")
    distribution: Distribution | None = Field(default=None, description="Distribution of the value.")
    notes: str | None = Field(default=None, description="Where the doubt comes from, in a sentence.")


class Quantity(Value):
    """A value with its unit, scale and uncertainty."""

    value: StrictBool | StrictInt | StrictFloat | StrictStr | Object = Field(
        description="A number, text, a boolean or an object; never null, never infinite."
    )
    unit: str | None = Field(default=None, description="UCUM code of the unit, absent for what has none.")
    scale: str | None = Field(default=None, description="Level of measurement: nominal, ordinal, interval, ratio.")
    uncertainty: Uncertainty | None = Field(default=None, description="How sure the value is.")
