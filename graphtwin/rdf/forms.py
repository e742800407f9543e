"""The forms of an export: lines as they were written, or turned into those that people and web programs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import groupby
from typing import IO, Any, Final

import orjson
import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from graphtwin.rdf.vocabulary import RDF, XSD


class Form(StrEnum):
    """How an export is written; also the ending of its file."""

    TTL = "ttl"
    NT = "nt"
    NQ = "nq"
    TRIG = "trig"
    JSONLD = "jsonld"

    @property
    def has_graphs(self) -> bool:
        """Whether it names the graph that a statement belongs to."""
        return self not in (Form.TTL, Form.NT)

    @property
    def is_lines(self) -> bool:
        """One statement a line: written as it is made, in constant memory."""
        return self in (Form.NT, Form.NQ)


_EXACT: Final = 2**53 - 1
_WHOLE, _BOOLEAN, _STRING = str(XSD.integer), str(XSD.boolean), str(XSD.string)
_PREFIX: Final = b"@prefix"


def rewrite(lines: IO[bytes], form: Form, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """Turn lines of N-Quads (of N-Triples, where the form has no graphs) into a form that isn't lines. Statements keep their
    order, those about one thing stand together, and the same lines make the same bytes.
    """
    quads = pyoxigraph.parse(lines, format=RdfFormat.N_QUADS)
    match form:
        case Form.TTL:
            triples = (Triple(quad.subject, quad.predicate, quad.object) for quad in quads)
            pyoxigraph.serialize(triples, _SortedPrefixes(out), RdfFormat.TURTLE, prefixes=dict(prefixes))  # type: ignore[arg-type]
        case Form.TRIG:
            pyoxigraph.serialize(quads, _SortedPrefixes(out), RdfFormat.TRIG, prefixes=dict(prefixes))  # type: ignore[arg-type]
        case Form.JSONLD:
            _write_json_ld(quads, prefixes, out)
        case _:
            out.writelines(lines)


class _SortedPrefixes:
    """A file that brings the prefixes at its beginning into order, as their writer leaves that to chance."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._head: bytes | None = b""

    def write(self, data: bytes) -> int:
        """Hold back what may still be prefixes."""
        if self._head is None:
            return self._out.write(data)
        self._head += data
        lines = self._head.splitlines(keepends=True)
        rest = next((place for place, line in enumerate(lines) if not _PREFIX.startswith(line[: len(_PREFIX)])), None)
        if rest is not None:
            self._out.write(b"".join((*sorted(lines[:rest]), b"\n", *lines[rest:])))
            self._head = None
        return len(data)

    def flush(self) -> None:
        """Pass on what was held back."""
        if self._head:
            self._out.write(b"".join(sorted(self._head.splitlines(keepends=True))))
            self._head = None
        self._out.flush()


def _write_json_ld(quads: Iterator[Quad], prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """One node object a line, those of a named graph inside it."""
    short = _Short(prefixes)
    out.write(b'{"@context":' + orjson.dumps(dict(prefixes), option=orjson.OPT_SORT_KEYS) + b',\n"@graph":[\n')
    for place, (graph, inside) in enumerate(groupby(quads, key=lambda quad: quad.graph_name)):
        out.write(b",\n" if place else b"")
        named = isinstance(graph, NamedNode)
        if named:
            out.write(b'{"@id":' + orjson.dumps(short.iri(graph.value)) + b',"@graph":[\n')
        for number, (subject, said) in enumerate(groupby(inside, key=lambda quad: quad.subject)):
            out.write(b",\n" if number else b"")
            out.write(orjson.dumps(_node(subject.value, said, short)))
        out.write(b"\n]}" if named else b"")
    out.write(b"\n]}\n")


def _node(subject: str, said: Iterator[Quad], short: _Short) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": short.iri(subject)}
    for quad in said:
        if quad.predicate.value == str(RDF.type):
            node.setdefault("@type", []).append(_value(quad.object, short)["@id"])
        else:
            node.setdefault(short.iri(quad.predicate.value), []).append(_value(quad.object, short))
    return {name: value[0] if name != "@id" and len(value) == 1 else value for name, value in node.items()}


def _value(term: Any, short: _Short) -> Any:
    """What a JSON-LD reader takes for exactly this term: plain JSON only where no digit or type could change."""
    if not isinstance(term, Literal):
        return {"@id": short.iri(term.value)}
    kind = term.datatype.value
    if kind == _STRING:
        return term.value
    if kind == _BOOLEAN:
        return term.value == "true"
    if kind == _WHOLE and abs(int(term.value)) <= _EXACT:
        return int(term.value)
    return {"@type": short.iri(kind), "@value": term.value}


class _Short:
    """IRIs by their prefixes."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._names = {namespace: prefix for prefix, namespace in prefixes.items()}
        self._lengths = sorted({len(namespace) for namespace in self._names}, reverse=True)

    def iri(self, iri: str) -> str:
        """`prefix:rest` by the longest namespace that it begins with; itself where there is none, or where the rest would
        read as a host.
        """
        for length in self._lengths:
            prefix = self._names.get(iri[:length])
            if prefix is not None and not iri.startswith("//", length):
                return f"{prefix}:{iri[length:]}"
        return iri


__all__ = ["Form", "rewrite"]
