"""Identity policy: each confidence falls into one band, and thresholds can't be out of order."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from graphtwin.model.identity_policy import MatchBand, Thresholds


@pytest.mark.parametrize(
    ("confidence", "band"),
    [
        (1.0, MatchBand.MERGE),
        (0.9, MatchBand.MERGE),
        (0.89, MatchBand.SUGGEST),
        (0.75, MatchBand.SUGGEST),
        (0.74, MatchBand.REMEMBER),
        (0.6, MatchBand.REMEMBER),
        (0.59, MatchBand.WATCH),
        (0.4, MatchBand.WATCH),
        (0.39, MatchBand.SPLIT_REVIEW),
        (0.0, MatchBand.SPLIT_REVIEW),
    ],
)
def test_a_threshold_belongs_to_the_band_above_it(confidence: float, band: MatchBand) -> None:
    assert Thresholds().band(confidence) is band


def test_thresholds_that_rise_are_refused() -> None:
    with pytest.raises(ValidationError, match="thresholds must fall"):
        Thresholds(auto_merge=0.7, suggest_merge=0.8)
