"""The IRIs of one world: what a thing is called, behind the world's base, the same in every version and form."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from graphtwin.errors import UsageError
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.configuration.rdf import check_base
from graphtwin.model.fact import BEGIN
from graphtwin.model.state import At
from graphtwin.rdf.vocabulary import SECTIONS

_SAFE: Final = "/:"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_\-~:/]*")
_DOTS: Final = re.compile(r"(?:^|(?<=/))\.{1,2}(?=/|$)|\.+$")
_ALWAYS: Final = "always"


class Names:
    """Each as it stands in N-Quads: `<urn:graphtwin:plant/entity/pump:acme/p1>`."""

    def __init__(self, base: str) -> None:
        """`base` is an absolute IRI that ends in `/`, `#` or `:`. Raises UsageError."""
        try:
            self.base = check_base(base)
        except ValueError as error:
            raise UsageError(str(error), hint="Give another --base, or change rdf.base in twin.yaml.") from error
        self.world = f"<{base}world>"

    def of(self, section: str, name: str) -> str:
        """The IRI of what is called `name` in a section, such as `entity`."""
        return f"<{self.base}{section}/{encoded(name)}>"

    def version(self, seq: int) -> str:
        """The state as the commit `seq` left it; also the name of the graph that holds it."""
        return f"<{self.base}version/v{seq}>"

    def snapshot(self, at: At) -> str:
        """The state as version `at.seq` knew it at another instant than its own."""
        return f"<{self.base}version/v{at.seq}/at/{write_time(at.valid)}>"

    def commit(self, seq: int) -> str:
        """The commit that made a version."""
        return f"<{self.base}commit/v{seq}>"

    def instant(self, micros: int) -> str:
        """An instant of either axis."""
        return f"<{self.base}instant/{write_time(micros)}>"

    def since(self, micros: int, text: str = "") -> str:
        """The interval that begins at an instant of valid time, and hasn't ended; `text` is the instant's, where known."""
        return f"<{self.base}since/{_ALWAYS if micros == BEGIN else text or write_time(micros)}>"

    def prefixes(self) -> dict[str, str]:
        """A prefix for each section, for forms that people read."""
        return {section: f"{self.base}{section}/" for section in SECTIONS}


def encoded(name: str) -> str:
    """A name as part of an IRI: slashes and colons stay, all that isn't a letter, a digit or one of `_.-~` is
    percent-encoded, and so are segments that a path can't keep (`.` and `..`) and dots at the end, which readers take for
    the end of a statement. Different names stay different.
    """
    if _PLAIN.fullmatch(name):
        return name
    return _DOTS.sub(lambda dots: dots[0].replace(".", "%2E"), quote(name, safe=_SAFE))
