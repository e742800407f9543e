"""`graphtwin serve`: the GraphQL API on this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of
from graphtwin.cli.later import later
from graphtwin.cli.output import next_step, say

if TYPE_CHECKING:
    from graphtwin.api import limits
    from graphtwin.api import serve as serving
    from graphtwin.store import api_key, keys
else:
    limits, serving = later("graphtwin.api.limits"), later("graphtwin.api.serve")
    api_key, keys = later("graphtwin.store.api_key"), later("graphtwin.store.keys")


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="An address of this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes one that is free.")] = 8700,
    introspection: Annotated[
        bool, typer.Option("--introspection/--no-introspection", help="Whether clients may ask for the schema.")
    ] = True,
) -> None:
    """Serve the GraphQL API until stopped. Clients show the key that lies in your configuration folder, or a principal's."""
    doors, folder = doors_of(context), keys.keys_folder()
    key = api_key.load_or_create_api_key(folder)
    doors.start()

    def listening(address: str) -> None:
        say(Text(f"{address}/graphql", "bold"), f"  key in {folder / api_key.NAME}")
        next_step(f"curl {address}/readyz")

    async def go() -> None:
        async with doors.connect() as store:
            bounds = limits.Limits(introspection=introspection)
            await serving.serve(store, key, bounds, host, port, listening)

    asyncio.run(go())
