"""What `pip install graphtwin` puts on a machine works without the source tree."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = folder.glob("graphtwin-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def _python(unpacked: Path, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment, cwd=unpacked
    )
    return done.stdout.strip()


def test_the_wheel_carries_the_statements_the_schemas_and_the_examples(unpacked: Path) -> None:
    packed = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*")}

    assert "graphtwin/_data/cypher/fact/create_facts.cypher" in packed
    assert "graphtwin/_data/reference/sync_report.schema.json" in packed
    assert {"graphtwin/_data/reference/ontology.ttl", "graphtwin/_data/reference/shapes.ttl"} <= packed
    assert "graphtwin/_data/examples/this-machine/twin.yaml" in packed
    assert "graphtwin/_data/examples/building-floor-3/building/physics.py" in packed
    assert "graphtwin/_data/examples/requirement.yaml" in packed
    assert "graphtwin/store/server/jars.lock.json" in packed
    assert not any("__pycache__" in path for path in packed)


def test_the_installed_package_finds_its_own_files(unpacked: Path) -> None:
    code = (
        "import graphtwin; from graphtwin.store.neo4j.cypher_files import statements;"
        "from graphtwin.model.resources import resource_folder;"
        "from graphtwin.model.configuration.load import load_twin;"
        "print(graphtwin.__file__); print(len(statements()));"
        "print(load_twin(resource_folder('examples') / 'this-machine' / 'twin.yaml').world.id)"
    )

    where, count, world = _python(unpacked, code).splitlines()

    assert Path(where).is_relative_to(unpacked)
    assert int(count) > 20
    assert world == "this-machine"


def test_the_installed_command_says_its_version(unpacked: Path) -> None:
    said = _python(
        unpacked, "import sys; sys.argv = ['graphtwin', '--version']; from graphtwin.cli import main; main()"
    )

    assert "0.1.0" in said


def test_the_compose_file_brings_the_pinned_database_on_loopback() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))

    neo4j = compose["services"]["neo4j"]
    assert neo4j["image"].startswith("neo4j:2026.09.0")
    assert all(port.startswith("127.0.0.1:") for port in neo4j["ports"])
