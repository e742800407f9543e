"""Facts as lines of N-Quads: what each says, with its unit, and where it comes from (PROV-O, QUDT)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from graphtwin.model.fact import RANK, Fact
from graphtwin.model.state import Held
from graphtwin.rdf.made import Made
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import literal, text
from graphtwin.rdf.units import qudt_unit
from graphtwin.rdf.used import Used
from graphtwin.rdf.vocabulary import GT, PROV, QUDT, being, verb

_IS_FACT, _IS_MEAN, _IS_ORIGIN = being(GT.Fact), being(GT.Mean), being(PROV.Entity)
_CONFIDENCE, _KIND, _RECORD, _VALUE = verb(GT.confidence), verb(GT.kind), verb(GT.record), verb(PROV.value)
_ATTRIBUTED, _DERIVED, _GENERATED = verb(PROV.wasAttributedTo), verb(PROV.wasDerivedFrom), verb(PROV.wasGeneratedBy)
_UCUM, _NUMBER, _UNIT, _IS_QUANTITY = (
    verb(GT.ucumCode),
    verb(QUDT.numericValue),
    verb(QUDT.hasUnit),
    being(QUDT.QuantityValue),
)
NEIGHBOURS: Final = 4096
"""How many texts that only neighbours share are kept."""


class FactLines:
    """Writes facts, and gathers in `used` what they speak of. `claims` are those of the portion that is being written."""

    def __init__(self, names: Names, used: Used, end: str) -> None:
        self.claims: Mapping[str, Fact] = {}
        self._used = used
        self._end = end
        self._base = f"<{names.base}fact/"

        def attributed(source: str) -> str:
            used.sources.add(source)
            return f"{_ATTRIBUTED}{names.of('source', source)}"

        def generated(seq: int) -> str:
            used.commits.add(seq)
            return f"{_GENERATED}{names.commit(seq)}"

        def derived(event: str) -> str:
            used.events.add(event)
            return f"{_DERIVED}{names.of('event', event)}"

        self.attributed = Made(attributed)
        self._generated = Made(generated)
        self._derived = Made(derived, most=NEIGHBOURS)
        self._certain: Made[float] = Made(lambda share: f"{_CONFIDENCE}{literal(share)}", most=NEIGHBOURS)
        self._kind: Made[str] = Made(lambda kind: f"{_KIND}{text(kind)}")
        self.record: Made[str] = Made(lambda record: names.of("record", record), most=NEIGHBOURS)
        self._of_record: Made[str] = Made(lambda record: f"{_RECORD}{self.record[record]}", most=NEIGHBOURS)
        self._ucum: Made[str] = Made(lambda unit: f"{_UCUM}{text(unit)}")
        self._qudt: Made[str] = Made(lambda unit: f"{_UNIT}<{known}>" if (known := qudt_unit(unit)) else "")

    def name(self, fact: str) -> str:
        """The IRI of a fact."""
        return f"{self._base}{fact}>"

    def of_value(self, fact: str, held: Held, value: str) -> str:
        """The lines of a fact that says a value, which is given as its literal."""
        unit, said = held.unit, f"{_VALUE}{value}"
        if not unit:
            return self.of(fact, held, (said,))
        known = self._qudt[unit]
        if not known or type(held.value) not in _NUMBERS:
            return self.of(fact, held, (said, self._ucum[unit]))
        return self.of(fact, held, (_IS_QUANTITY, said, self._ucum[unit], f"{_NUMBER}{value}", known))

    def of(self, fact: str, held: Held, said: Iterable[str]) -> str:
        """The lines of a fact, `said` (predicates with their objects) among them."""
        pairs = [
            _IS_FACT if held.fact else _IS_MEAN, _IS_ORIGIN, *said, self._certain[held.confidence], self._kind[held.kind],
            self._of_record[held.record], self.attributed[held.source],
        ]  # fmt: skip
        claim = self.claims.get(held.fact)
        if claim is not None:
            pairs.append(self._generated[claim.seq])
            if event := claim.event:
                pairs.append(self._derived[event])
                if claim.prio >= RANK:
                    self._used.decisions.add(event)
        return lines_about(fact, pairs, self._end)

    def of_parts(self, mean: str, group: Iterable[Fact]) -> str:
        """The facts that a mean is made of, which are no value by themselves; `group` are all claims about it."""
        claims = list(group)
        said = sorted([one for one in claims if one.kind != "assumption"] or claims, key=lambda one: one.id)
        parts = [self.of_value(self.name(one.id), held_of(one), literal(one.value)) for one in said]
        return lines_about(mean, [f"{_DERIVED}{self.name(one.id)}" for one in said], self._end) + "".join(parts)


_NUMBERS: Final = frozenset({int, float})


def lines_about(node: str, pairs: Iterable[str], end: str) -> str:
    """A line for each predicate with its object."""
    return f"{node}{(end + node).join(pairs)}{end}"


def held_of(claim: Fact) -> Held:
    """A claim as if it stood alone."""
    return Held(
        claim.value, claim.unit, claim.valid_from, claim.observed_at, claim.confidence, claim.kind, claim.source,
        claim.record, claim.id,
    )  # fmt: skip
