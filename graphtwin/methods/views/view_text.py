"""Documents as JSON and YAML text that read back as exactly what was written."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029\ufeff]")
"""Characters that YAML folds away unless they are escaped."""


def json_text(document: Any) -> str:
    """Indented JSON, non-ASCII characters as they are; raises ValueError for NaN and infinities."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def yaml_text(document: Any) -> str:
    """YAML, keys in the order they have; ends in a line break."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: a value that stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML asks about each value
        return True


def _write_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _LINE_ENDS.search(text) else None)


_Dumper.add_representer(str, _write_str)
