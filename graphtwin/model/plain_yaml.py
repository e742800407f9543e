"""The YAML that both twin.yaml and YAML sources are read as: what JSON could have said, and nothing guessed."""

from __future__ import annotations

import re
from typing import Final

import yaml

MAX_NODES: Final = 200_000
"""Nodes of one document once its aliases are written out; more is a mistake or an attack."""

FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
WORDS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
PLAIN: Final = "!plain"
STANDARD: Final = "tag:yaml.org,2002:"


class PlainLoader(yaml.CSafeLoader):
    """Composes nodes only; plain scalars get one tag, so that YAML 1.1's `no`, `1:30` and dates stay text."""


PlainLoader.yaml_implicit_resolvers = {None: [(PLAIN, re.compile(""))]}
