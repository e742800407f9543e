"""How deep a document is and how many aliases it has, at the cost of its length, however its fragments spread each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)


def bounds(depth: int, aliases: int) -> type[ValidationRule]:
    """The rule that refuses what is beyond. Fields of introspection have bounds of their own."""

    class Bounds(ValidationRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            definitions = context.document.definitions
            operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
            size = _Measure({one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)})
            sizes = [size.of(one.selection_set) for one in operations]
            for operation, one in zip(operations, sizes, strict=True):
                if one.depth > depth:
                    context.report_error(
                        GraphQLError(
                            f"The document is deeper than {depth} fields; its depth is {one.depth}.", operation
                        )
                    )
            if sum(one.aliases for one in sizes) > aliases:
                context.report_error(GraphQLError(f"The document has more than {aliases} aliases."))

    return Bounds


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int
    """Fields within each other, the root not counted."""
    aliases: int
    """Those of a fragment count wherever it is spread."""


_NOTHING: Final = _Size(0, 0)


class _Measure:
    """Measures each fragment once. One that spreads itself, or that isn't there, is nothing here: others refuse it."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}

    def of(self, selected: SelectionSetNode) -> _Size:
        """How deep the fields of a selection reach, and how many aliases are in it."""
        depth, aliases = 0, 0
        for one in selected.selections:
            inner = self._inside(one)
            aliases += inner.aliases
            if isinstance(one, FieldNode):
                aliases += one.alias is not None
                own = one.selection_set is None or one.name.value.startswith("__")
                depth = max(depth, 0 if own else 1 + inner.depth)
            else:
                depth = max(depth, inner.depth)
        return _Size(depth, aliases)

    def _inside(self, one: SelectionNode) -> _Size:
        if isinstance(one, FragmentSpreadNode):
            return self._spread(one.name.value)
        if isinstance(one, (FieldNode, InlineFragmentNode)) and one.selection_set is not None:
            return self.of(one.selection_set)
        return _NOTHING

    def _spread(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _NOTHING
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.of(fragment.selection_set)
        return self._known[name]
