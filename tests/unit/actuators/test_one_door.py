"""No code of the package reaches the outside past the one gateway: read off the syntax of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "graphtwin"
GATEWAY = "actuators/gateway.py"
ACTUATORS = ("HttpActuator", "MqttActuator", "DryRunActuator", "OneGateway")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
SPEAKING = {
    "httpx": ("actuators/", "sources/", "wire/", "store/server/jars.py"),  # the last fetches the locked jars
    "requests": (),
    "urllib.request": (),
    "http.client": (),
    "smtplib": (),
    "aiohttp": (),
    "paho": ("actuators/", "wire/"),
}
"""What can speak to the outside, and who may use it."""
OWN_SENDERS = ("wire/", "api/")
"""Rooms with a `send` of another kind: a request for a reading, an answer to whoever asked."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), tree_of(path)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_gateway_makes_commands_and_hands_them_to_an_actuator():
    makers = [place for place, tree in modules() for name, _ in calls(tree) if name == "Command"]
    senders = [
        place
        for place, tree in modules()
        for name, call in calls(tree)
        if name == "send" and len(call.args) + len(call.keywords) == 1 and not place.startswith(OWN_SENDERS)
    ]

    assert makers == senders == [GATEWAY]


def test_only_the_application_makes_actuators_and_gateways():
    makers = {place for place, tree in modules() for name, _ in calls(tree) if name in ACTUATORS}
    users = {
        place
        for place, tree in modules()
        for name in imported(tree)
        if name.startswith("graphtwin.actuators") and not place.startswith("actuators/")
    }

    assert {place for place in makers | users if not place.startswith("app/")} == set()


@pytest.mark.parametrize("library", SPEAKING)
def test_only_actuators_and_the_wire_that_sources_read_over_speak_to_the_outside(library: str):
    users = {
        place
        for place, tree in modules()
        for name in imported(tree)
        if name == library or name.startswith(f"{library}.")
    }

    assert {place for place in users if not place.startswith(SPEAKING[library])} == set()


def test_only_actuators_publish_and_send_what_could_change_something():
    publishing = {place for place, tree in modules() for name, _ in calls(tree) if name == "publish"}
    writing = {
        place
        for place, tree in modules()
        if {"httpx"} & set(imported(tree))
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and node.value in WRITING)
        or (isinstance(node, ast.Attribute) and node.attr.upper() in WRITING)
    }

    assert publishing == {"actuators/mqtt.py"}
    assert writing == {"actuators/http.py"}


def test_nobody_goes_around_the_seal_of_a_clearance():
    makers = {place for place, tree in modules() for name, _ in calls(tree) if name == "Clearance"}
    seals = {
        place
        for place, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "_SEAL") or (isinstance(node, ast.alias) and node.name == "_SEAL")
    }

    assert makers == seals == {"model/plan.py"}
