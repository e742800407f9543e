"""What a row of a rule with `for:` compares, whether two values stand so to each other, and how that is said (S23)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from graphtwin.errors import RuleRefused
from graphtwin.methods.reading.units import UnknownUnit, convert
from graphtwin.methods.rules.lasting import Past, Stretch, unbroken_since
from graphtwin.methods.rules.rule_columns import check_columns, subject_of
from graphtwin.methods.rules.words import lasting_words, value_words
from graphtwin.methods.state.canonical_json import same_json
from graphtwin.model.commit import RuleRow, RuleText
from graphtwin.model.fact import BEGIN
from graphtwin.model.state import Held

Variable = tuple[str, str]
"""[entity id, property of the present]."""
Pasts = Mapping[Variable, Past]
"""What is known of the variables that comparisons are about."""

_ORDERS: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OPS: Final = (*_ORDERS, "=", "<>")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`variable` of `subject` is above, below, equal to or different from `reference`, by `margin`.

    `reference` is a value, or a property of an entity.
    """

    subject: str
    variable: str
    op: str
    reference: Any
    margin: float

    @property
    def left(self) -> Variable:
        """What is compared."""
        return (self.subject, self.variable)

    @property
    def right(self) -> Variable | None:
        """What it is compared with, where that is a variable too."""
        return self.reference if isinstance(self.reference, tuple) else None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Both, as far as they are variables."""
        return (self.left,) if self.right is None else (self.left, self.right)

    def holds(self, one: Stretch, other: Stretch) -> bool:
        """Whether the two values stand so to each other, in decimals as people read them; what has no order, or no common
        unit, never does.
        """
        try:
            reference = _in_unit(other, one.unit)
        except UnknownUnit:
            return False
        if self.op in _ORDERS:
            signed = self.margin if self.op.startswith(">") else -self.margin
            return _numbers(one.value, reference) and _ORDERS[self.op](
                _decimal(one.value), _decimal(reference) + _decimal(signed)
            )
        return self._equal(one.value, reference) is (self.op == "=")

    def _equal(self, one: Any, other: Any) -> bool:
        if _numbers(one, other):
            return abs(_decimal(one) - _decimal(other)) <= _decimal(self.margin)
        return same_json(one, other)


def comparison_of(rule: RuleText, record: Mapping[str, Any]) -> Comparison:
    """The comparison that a returned row asks for. Raises RuleRefused for columns that aren't what S23 asks for."""
    check_columns(rule, record)
    subject, variable, op = subject_of(rule, record), record["variable"], record["op"]
    reference, margin = record["reference"], 0 if record["margin"] is None else record["margin"]
    if not isinstance(variable, str) or not variable:
        raise _refused(rule, subject, "`variable`", "return the name of one of the subject's variables, as text")
    if op not in OPS:
        raise _refused(rule, subject, "`op`", f"return one of {', '.join(OPS)}, as text")
    if not _number(margin) or margin < 0:
        raise _refused(rule, subject, "`margin`", "return a number that isn't negative; 0 for none")
    if isinstance(reference, list | tuple):
        if len(reference) != 2 or not all(isinstance(part, str) and part for part in reference):  # noqa: PLR2004
            raise _refused(rule, subject, "`reference`", "return a value, or [entity id, variable]")
        reference = (reference[0], reference[1])
    if reference is None or isinstance(reference, Mapping):
        raise _refused(rule, subject, "`reference`", "return a value, or [entity id, variable]")
    if op in _ORDERS and not isinstance(reference, tuple) and not _number(reference):
        raise _refused(rule, subject, "`reference`", f"{op} compares numbers")
    return Comparison(subject, variable, op, reference, margin)


def held_since(compared: Comparison, pasts: Pasts, *, until: int) -> int | None:
    """Since when it has held without a gap up to `until`, as far back as the pasts go; None where it doesn't hold then."""
    constant = (Stretch(BEGIN, compared.reference),)
    right = pasts[compared.right].stretches if compared.right else constant
    return unbroken_since(pasts[compared.left].stretches, right, compared.holds, until=until)


def held_row(rule: RuleText, compared: Comparison, pasts: Pasts, *, since: int) -> RuleRow:
    """The row of a comparison that holds now; `since` (epoch µs) is when it had lasted long enough. Raises ValueError
    for a variable without a value: nothing holds of it.
    """
    one = pasts[compared.left].now
    other = pasts[compared.right].now if compared.right else None
    if one is None:
        raise ValueError(f"{compared.left} has no value")
    reference = other.value if other else compared.reference
    finding = {
        "message": _sentence(rule, compared, one, other),
        "about": compared.variable,
        "variable": compared.variable,
        "reported": one.value,
        "reference": reference,
    }
    return RuleRow(rule.id, compared.subject, {}, (), finding, compared.variables, since)


def _sentence(rule: RuleText, compared: Comparison, one: Held, other: Held | None) -> str:
    """`ahu:floor/1 temperature is 23.5 Cel, at least 1.5 Cel above its setpoint of 22 Cel, for more than 10 minutes`."""
    unit = f" {one.unit}" if one.unit else ""
    margin = f"{value_words(compared.margin)}{unit} " if compared.margin else ""
    stands = {
        ">": f"more than {margin}above" if margin else "above",
        ">=": f"at least {margin}above" if margin else "at or above",
        "<": f"more than {margin}below" if margin else "below",
        "<=": f"at least {margin}below" if margin else "at or below",
        "=": f"within {margin}of" if margin else "equal to",
        "<>": f"more than {margin}away from" if margin else "not",
    }[compared.op]
    return (
        f"{compared.subject} {compared.variable} is {value_words(one.value)}{unit}, {stands} "
        f"{_reference(compared, other, unit)}, for more than {lasting_words(rule.lasting)}"
    )


def _reference(compared: Comparison, other: Held | None, unit: str) -> str:
    if compared.right is None or other is None:
        return f"{value_words(compared.reference)}{unit}"
    entity, name = compared.right
    whose = "its" if entity == compared.subject else f"{entity}'s"
    return f"{whose} {name} of {value_words(other.value)}{f' {other.unit}' if other.unit else ''}"


def _in_unit(other: Stretch, unit: str) -> Any:
    if not _number(other.value) or not other.unit or not unit or other.unit == unit:
        return other.value
    return convert(other.value, other.unit, unit)


def _numbers(*values: Any) -> bool:
    return all(_number(value) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimal(value: float) -> Decimal:
    """What people see: 0.1 is a tenth."""
    return Decimal(repr(value))


def _refused(rule: RuleText, subject: str, column: str, hint: str) -> RuleRefused:
    return RuleRefused(f"The rule {rule.id} returns a {column} about {subject} that can't be compared", hint=hint)
