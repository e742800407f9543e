"""The store in memory keeps the contract of stores."""

import pytest
from contracts.lasting_contract import LASTING_STAND_INS
from contracts.machines_contract import MACHINE_STAND_INS
from contracts.scene import STAND_INS, SteppingClock
from contracts.store_contract import StoreContract

from graphtwin.store.memory import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(SteppingClock(), rules=STAND_INS | LASTING_STAND_INS | MACHINE_STAND_INS)
