"""Values of a request in the units that the other side speaks: `{setpoint:degF}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphtwin.errors import ConfigurationError
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.units import convert, convertible
from graphtwin.model.configuration.acting import Action
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.request_template import placeholders, value_and_unit


def in_units(names: Iterable[str], values: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    """What the placeholders with a unit stand for, by their names, worked out exactly from the value in the declared unit of its
    variable (`units`). Those without a unit, or of no value, are left out. Raises Refusal.
    """
    told: dict[str, Any] = {}
    for name in names:
        known, unit = value_and_unit(name)
        if unit and known in values:
            told[name] = _converted(known, values[known], units.get(known.removeprefix("effect:"), ""), unit)
    return told


def _converted(name: str, value: Any, declared: str, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(f"{name} isn't a number, and so can't be sent in {unit!r}", "leave the unit out")
    if not declared:
        raise Refusal(f"no unit is declared for {name}, and so it can't be sent in {unit!r}", "declare its unit")
    return convert(value, declared, unit)


def check_request_units(config: TwinConfig) -> None:
    """Raises ConfigurationError for a unit in a request that no variable of the name can be sent in. Types that aren't
    declared are proposed later: then it is told where the plan is made.
    """
    for action in config.actions if config.types else ():
        for name in _placeholders(action):
            known, unit = value_and_unit(name)
            variable = known.removeprefix("effect:")
            declared = {
                kind.variables[variable].unit for kind in config.types.values() if variable in kind.variables
            } - {""}
            if unit and not any(convertible(one, unit) for one in declared):
                told = ", ".join(sorted(declared)) or "no unit"
                raise ConfigurationError(
                    f"The request of action {action.id} asks for {{{name}}}, and {variable} is declared in {told}: there is "
                    f"no exact way to {unit!r}.",
                    hint="write a unit that it can be converted to, as a UCUM code such as Cel or [degF]",
                )


def _placeholders(action: Action) -> Iterator[str]:
    requests = [action.request, action.compensation.request if action.compensation else None]
    for request in requests:
        if request is not None:
            yield from sorted(placeholders([request.path, request.body]))
