"""Documents made from the schema: every root with all that it needs, and every field that it can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

VALUES: Mapping[str, Any] = {
    "String": "nothing",
    "Int": 1,
    "Float": 0.5,
    "Boolean": False,
    "JSON": {},
    "Instant": "2026-01-01T00:00:00Z",
}
"""A value of each scalar that can be meant."""


def roots(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    """(kind, name, field) of every query and mutation."""
    for kind in (schema.query_type, schema.mutation_type):
        assert kind is not None
        for name, field in kind.fields.items():
            yield kind.name, name, field


def streams(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """(name, field) of every subscription."""
    assert schema.subscription_type is not None
    yield from schema.subscription_type.fields.items()


def document(kind: str, name: str, field: GraphQLField, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A document that asks one root for everything, and its variables: those given, else something for what is required."""
    arguments = {
        one: argument for one, argument in field.args.items() if one in given or is_required_argument(argument)
    }
    variables = {one: given[one] if one in given else _value(argument) for one, argument in arguments.items()}
    declared = ", ".join(f"${one}: {argument.type}" for one, argument in arguments.items())
    passed = ", ".join(f"{one}: ${one}" for one in arguments)
    head = f"{kind.lower()} ({declared})" if declared else kind.lower()
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {_selection(field.type)} }}", variables


def _selection(kind: Any) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType)
    return "{ " + " ".join(f"{name} {_selection(field.type)}" for name, field in named.fields.items()) + " }"


def _value(argument: GraphQLArgument | Any) -> Any:
    kind = argument.type.of_type if is_non_null_type(argument.type) else argument.type
    if is_list_type(kind):
        return ["nothing"]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _value(field) for name, field in kind.fields.items() if is_required_input_field(field)}
    return VALUES[kind.name]
