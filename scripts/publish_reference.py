"""Writes the generated files of reference/ from the model and the workflows; with --check only says which ones differ."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the checkout itself, whether or not it is installed

from graphtwin.model.publish import reference_documents  # noqa: E402 - after the path is set
from graphtwin.workflows.catalogue import workflow_catalogue  # noqa: E402


def main() -> int:
    """0 when every file stands as generated, else 1 under --check."""
    check = "--check" in sys.argv[1:]
    folder = ROOT / "reference"
    folder.mkdir(exist_ok=True)
    documents = {**reference_documents(), "workflow_catalog.yaml": workflow_catalogue()}
    differing = [
        name
        for name, text in documents.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
    for name in differing:
        sys.stdout.write(f"reference/{name} {'differs' if check else 'written'}\n")
        if not check:
            (folder / name).write_text(documents[name], encoding="utf-8")
    return 1 if check and differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
