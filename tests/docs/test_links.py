"""Every link of every page leads somewhere, inside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.tour import ROOT

PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("reference/**/*.md"), *ROOT.glob("examples/**/*.md"))
    if not any(part in {"runs", "audit"} for part in page.parts)
)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def test_there_are_pages_to_look_at():
    assert {"README.md", "CONTRIBUTING.md", "architecture.md", "cypher.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_to_a_file_and_a_heading_that_exist(page: Path):
    broken = [link for link in _links(page) if not _leads_somewhere(page, link)]

    assert broken == []


def test_every_page_of_the_reference_is_in_its_index():
    index = (ROOT / "reference" / "README.md").read_text("utf-8")

    missing = [file.name for file in (ROOT / "reference").iterdir() if file.is_file() and f"({file.name})" not in index]

    assert sorted(set(missing) - {"README.md"}) == []


def _links(page: Path) -> Iterator[str]:
    text = _FENCED.sub("", page.read_text("utf-8"))
    return (link for link in _LINK.findall(text) if "://" not in link)


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
