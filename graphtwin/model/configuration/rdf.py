"""How a world is called in RDF: the IRI that all its names begin with."""

from __future__ import annotations

from typing import Final

import pyoxigraph
from pydantic import field_validator

from graphtwin.model.base import Value

_ENDS: Final = "/#:"
_WORLD: Final = "{world}"


class RdfConfig(Value):
    """How the world is called in RDF."""

    base: str = "urn:graphtwin:{world}/"
    """The IRI that the names of all things begin with; `{world}` is the world's id. It ends in `/`, `#` or `:`."""

    @field_validator("base")
    @classmethod
    def _begins_iris(cls, value: str) -> str:
        check_base(value.replace(_WORLD, "world"))
        return value

    def base_of(self, world: str) -> str:
        """The base of a world's names."""
        return self.base.replace(_WORLD, world)


def check_base(base: str) -> str:
    """The base itself. Raises ValueError for one that isn't an absolute IRI, or that a name can't be put behind."""
    try:
        pyoxigraph.NamedNode(base + "entity")
    except ValueError as error:
        raise ValueError(f"{base!r} can't begin IRIs ({error}); use one like https://twin.example/plant/") from error
    if base[-1] not in _ENDS:
        raise ValueError(f"{base!r} can't begin IRIs: end it with a slash, like {base}/")
    return base
