"""What every store must keep: one suite for the store in memory and the one in Neo4j.

A test class subclasses StoreContract and gives a `store` fixture: an opened graphtwin.ports.Store that runs the rules of
contracts.scene. Worlds have fresh names, so one database serves all tests.
"""

from __future__ import annotations

from uuid import uuid4

import pytest
from contracts.acting_contract import ActingContract
from contracts.cells_contract import CellsContract
from contracts.commits_contract import CommitsContract
from contracts.decisions_contract import DecisionsContract
from contracts.facts_contract import FactsContract
from contracts.graph_contract import GraphContract
from contracts.identity_contract import IdentityContract
from contracts.keeping_contract import KeepingContract
from contracts.lasting_contract import LastingContract
from contracts.layers_contract import LayersContract
from contracts.lifecycle_contract import LifecycleContract
from contracts.machines_contract import MachinesContract
from contracts.merges_contract import MergesContract
from contracts.people_contract import PeopleContract
from contracts.portions_contract import PortionsContract
from contracts.reading_contract import ReadingContract
from contracts.rules_contract import RulesContract
from contracts.scene import Scene
from contracts.spells_contract import SpellsContract

from graphtwin.ports import Store


class StoreContract(
    FactsContract,
    LayersContract,
    GraphContract,
    IdentityContract,
    LifecycleContract,
    CommitsContract,
    KeepingContract,
    PeopleContract,
    PortionsContract,
    DecisionsContract,
    MergesContract,
    ReadingContract,
    RulesContract,
    SpellsContract,
    LastingContract,
    MachinesContract,
    ActingContract,
    CellsContract,
):
    """S1 to S24 as far as a store answers for them."""

    @pytest.fixture
    async def scene(self, store: Store) -> Scene:
        return await Scene.make(store, f"w-{uuid4().hex[:12]}")
