"""A module that is only loaded when something of it is first used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def later(module: str) -> ModuleType:
    """Stands for a module. What only a running command needs (the driver of Neo4j, numpy, the models) takes a second
    to load; --help, --version and a mistyped command must not wait for it.
    """
    return _Later(module)
