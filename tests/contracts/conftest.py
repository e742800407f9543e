"""Shared by the contract suites: readable failures inside the abstract suites."""

import pytest

pytest.register_assert_rewrite("contracts")
