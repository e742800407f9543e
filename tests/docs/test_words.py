"""One thing has one name on every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.tour import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("reference/*.md"), *ROOT.glob("examples/*/*.md")])
WORDS = ("entity", "record", "fact", "event", "valid time", "transaction time", "commit", "snapshot", "drift", "checkpoint",
         "clearance")  # fmt: skip
OTHERWISE = {
    r"\bsave ?points?\b": "checkpoint",
    r"\b(system|knowledge|record(ing)?) time\b": "transaction time",
    r"\b(event|effective|business) time\b(?! order)": "valid time",
    r"(?<!N-)\btriples?\b": "fact",
    r"\bdigital shadow\b": "twin",
    r"\bauthori[sz]ations?\b(?!(\": f?\"|: )Bearer)": "clearance",  # but for the header of HTTP
    r"\bdrifts? score\b": "deviation",
    r"\bgolden records?\b": "entity",
    r"\bdead[ -]letters?\b": "quarantine",
    r"\bKafka\b": "nothing: it isn't part of this version",
}
"""Other people's words for things that have a name here."""


def test_the_words_are_explained():
    index = (ROOT / "reference" / "README.md").read_text("utf-8")

    assert [word for word in WORDS if f"| {word} | " not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_the_words_of_the_house(page: Path):
    text = page.read_text("utf-8")

    found = {word: ours for pattern, ours in OTHERWISE.items() for word in _words(pattern, text)}

    assert found == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_wrapped_for_those_who_read_it_as_text(page: Path):
    text = re.sub(
        r"^```.*?^```|<!-- generated.*?<!-- end -->", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )

    long = [line for line in text.splitlines() if len(line) > 150 and not line.startswith(("|", "!["))]

    assert long == []


def test_the_readme_is_short_enough_to_be_read():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 180


def test_pictures_are_light():
    pictures = [*(ROOT / "reference" / "images").iterdir()]

    assert pictures
    assert [one.name for one in pictures if one.stat().st_size >= 300_000] == []


def _words(pattern: str, text: str) -> list[str]:
    return [found[0] for found in re.finditer(pattern, text, re.IGNORECASE)]
