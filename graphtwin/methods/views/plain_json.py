"""Values of the program as plain JSON: dataclasses as objects, tuples as lists, numbers that JSON can say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel


def plain_json(value: Any) -> Any:
    """The value as JSON has it; numbers that aren't finite become text, as nothing else in JSON can say them."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_json(item) for item in value]
    pairs = _pairs(value)
    return str(value) if pairs is None else {str(key): plain_json(item) for key, item in pairs.items()}


def _pairs(value: Any) -> Mapping[Any, Any] | None:
    """The value as a mapping, None for one that has no parts."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None
