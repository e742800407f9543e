"""Trust: every class has a weight, and what is published is what a world gets without saying anything."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from graphtwin.model.configuration.twin import TrustConfig
from graphtwin.model.durations import parse_duration
from graphtwin.model.trust import AuthorityTrust, SourceClass


def test_a_model_that_forgets_a_class_is_refused() -> None:
    with pytest.raises(ValidationError, match="source_weights lacks system_of_record"):
        AuthorityTrust(source_weights={name: 0.5 for name in SourceClass if name is not SourceClass.SYSTEM_OF_RECORD})


def test_a_twin_that_declares_no_trust_gets_the_published_one() -> None:
    published = AuthorityTrust()
    configured = TrustConfig()

    assert configured.half_life_attributes == parse_duration(published.half_life)
    assert configured.half_life_variables == parse_duration(published.variable_half_life)
    assert (configured.min_trust, configured.strategy) == (published.min_trust, published.strategy)
