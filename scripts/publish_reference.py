"""Writes what is generated in reference/ (schemas, catalogue, command line, parts of pages); --check only says what differs."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]  # the checkout itself, whether or not it is installed

import publish_cli  # noqa: E402 - after the path is set
from generated_sections import PAGES, filled  # noqa: E402

from graphtwin.api.schema import schema_text  # noqa: E402
from graphtwin.model.published.publish import reference_documents  # noqa: E402
from graphtwin.rdf.ontology import ontology_text  # noqa: E402
from graphtwin.workflows.catalogue import workflow_catalogue  # noqa: E402

FOLDER = ROOT / "reference"


def main() -> int:
    """0 when every file stands as generated, else 1 under --check."""
    check = "--check" in sys.argv[1:]
    documents = published()
    differing = [name for name, text in documents.items() if read(name) != text]
    for name in differing:
        sys.stdout.write(f"reference/{name} {'differs; run: make docs' if check else 'written'}\n")
        if not check:
            (FOLDER / name).write_text(documents[name], encoding="utf-8")
    return 1 if check and differing else 0


def published() -> dict[str, str]:
    """Every file that is generated, whole or in parts, as it should be."""
    return {
        **reference_documents(),
        "workflow_catalog.yaml": workflow_catalogue(),
        "cli.md": publish_cli.page(),
        "ontology.ttl": ontology_text(),
        "schema.graphql": schema_text(),
        **{name: filled(read(name)) for name in PAGES},
    }


def read(name: str) -> str:
    """The file as it stands; empty when there is none."""
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    raise SystemExit(main())
