"""The schema: its roots, its scalars, its limits, and its text as it is published."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import strawberry
from graphql import lexicographic_sort_schema, print_schema
from strawberry.extensions import AddValidationRules, DisableIntrospection, MaxTokensLimiter, SchemaExtension
from strawberry.schema.config import StrawberryConfig

from graphtwin.api.bounds import bounds
from graphtwin.api.deciding.acting_mutations import ActingMutations
from graphtwin.api.deciding.admission import admit
from graphtwin.api.deciding.claim_mutations import ClaimMutations
from graphtwin.api.limits import Limits
from graphtwin.api.reading.evidence_roots import EvidenceRoots
from graphtwin.api.reading.query_roots import QueryRoots
from graphtwin.api.reading.record_roots import RecordRoots
from graphtwin.api.reading.scalars import SCALARS
from graphtwin.api.reading.state_roots import StateRoots
from graphtwin.api.streams.subscription_roots import Subscription


@strawberry.type(
    description="What can be asked. All roots of one request that tell of a state read the same version of a world; runs, plans"
    " and the audit chain are told as they are."
)
class Query(StateRoots, EvidenceRoots, RecordRoots, QueryRoots):
    pass


@strawberry.type(
    description="What can be decided and done. Each is kept in the audit chain before it is carried out, and so is each refusal."
)
class Mutation(ActingMutations, ClaimMutations):
    pass


class Schema(strawberry.Schema):
    """A schema that leaves logging to the one place where errors are masked."""

    def process_errors(self, *_: object, **__: object) -> None:
        """Errors are told, masked and logged where they are answered."""


def make_schema(limits: Limits) -> Schema:
    """The schema under these limits."""
    always: list[Callable[[], SchemaExtension]] = [
        partial(AddValidationRules, [bounds(limits.depth, limits.aliases)]),
        partial(MaxTokensLimiter, max_token_count=limits.tokens),
    ]
    closed: list[Callable[[], SchemaExtension]] = [] if limits.introspection else [DisableIntrospection]
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not limits.introspection),
        extensions=[*always, *closed],
    )
    admit(schema._schema)  # noqa: SLF001 - strawberry gives no other way to the roots as they are resolved
    return schema


def schema_text() -> str:
    """What reference/schema.graphql holds."""
    schema = make_schema(Limits())._schema  # noqa: SLF001 - a sorted schema prints well, but its enums don't answer
    return print_schema(lexicographic_sort_schema(schema)) + "\n"
