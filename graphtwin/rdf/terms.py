"""Values as literals in the syntax of N-Quads, and back: whoever reads one gets exactly the value that was written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from graphtwin.methods.views.view_value import write_time
from graphtwin.rdf.vocabulary import RDF, XSD

_BOOLEAN: Final = f'"^^<{XSD.boolean}>'
_DOUBLE: Final = f'"^^<{XSD.double}>'
_INTEGER: Final = f'"^^<{XSD.integer}>'
_MOMENT: Final = f'"^^<{XSD.dateTime}>'
_JSON: Final = f'"^^<{RDF.JSON}>'
_SPECIAL: Final = re.compile('[\x00-\x1f"\\\\\x7f\ufffe\uffff]')
_SHORT: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_WHOLE: Final = frozenset(
    {str(XSD.integer), str(XSD.long), str(XSD.int), str(XSD.short), str(XSD.byte), str(XSD.nonNegativeInteger)}
)
_REAL: Final = frozenset({str(XSD.double), str(XSD.float), str(XSD.decimal)})


def literal(value: Any) -> str:
    """A JSON value as a literal: text, integer, double and boolean by their own datatypes, all else as rdf:JSON."""
    kind = type(value)
    if kind is float:
        return f'"{value!r}{_DOUBLE}'
    if kind is str:
        return text(value)
    if kind is bool:
        return f'"{"true" if value else "false"}{_BOOLEAN}'
    if kind is int:
        return f'"{value}{_INTEGER}'
    return json_literal(value)


def text(value: str) -> str:
    """A plain literal, escaped as canonical N-Quads are: what needs no escape has none."""
    return f'"{_SPECIAL.sub(_escaped, value)}"' if _SPECIAL.search(value) else f'"{value}"'


def json_literal(value: Any) -> str:
    """A literal of rdf:JSON, the fields of objects sorted; numbers keep their type (20.0 stays 20.0)."""
    written = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )
    return f'"{_SPECIAL.sub(_escaped, written)}{_JSON}'


def moment(micros: int) -> str:
    """An instant of epoch µs as xsd:dateTime."""
    return f'"{write_time(micros)}{_MOMENT}'


def value_of(lexical: str, datatype: str) -> Any:
    """The value that a literal says. Raises ValueError for a form that its datatype doesn't have."""
    if datatype == str(XSD.string):
        return lexical
    if datatype in _WHOLE:
        return int(lexical)
    if datatype in _REAL:
        return float(lexical)
    if datatype == str(XSD.boolean):
        return {"true": True, "1": True, "false": False, "0": False}[lexical]
    return json.loads(lexical) if datatype == str(RDF.JSON) else lexical


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}"


def _plain(value: Any) -> Any:
    """Mappings that the json module doesn't know."""
    return dict(value) if isinstance(value, Mapping) else list(value)
