"""Write graphtwin/store/server/jars.lock.json: exactly the jars that the embedded Neo4j runs on.

For developers, when the pinned version changes: `python scripts/lock_jars.py`. Needs Maven (it resolves the dependency
tree once, here, so that no user's machine ever has to); the jars are fetched into a temporary repository and hashed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

LOCK = Path(__file__).parent.parent / "graphtwin" / "store" / "server" / "jars.lock.json"
OLDEST_JAVA = 21

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>graphtwin</groupId><artifactId>embedded-neo4j</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{neo4j}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{neo4j}</version></dependency>
    <dependency>
      <groupId>org.neo4j.client</groupId><artifactId>neo4j-browser</artifactId><version>{browser}</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
  </dependencies>
</project>
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neo4j", default="2026.09.0")
    parser.add_argument("--browser", default="5.24.0")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        jars = resolve(Path(folder), options.neo4j, options.browser)
    lock = {"neo4j": options.neo4j, "browser": options.browser, "java": OLDEST_JAVA, "jars": jars}
    LOCK.write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    print(f"{len(jars)} jars, {sum(jar['size'] for jar in jars) / 1e6:.0f} MB -> {LOCK}")  # noqa: T201 - a script's output


def resolve(folder: Path, neo4j: str, browser: str) -> list[dict[str, str | int]]:
    """The run-time jars of both, in the order of their path inside a Maven repository."""
    repository, listing = folder / "repository", folder / "classpath.txt"
    (folder / "pom.xml").write_text(POM.format(neo4j=neo4j, browser=browser), encoding="utf-8")
    subprocess.run(
        [
            "mvn",
            "--quiet",
            "--batch-mode",
            "--strict-checksums",
            f"-Dmaven.repo.local={repository}",
            "-DincludeScope=runtime",
            f"-Dmdep.outputFile={listing}",
            "dependency:build-classpath",
        ],
        cwd=folder,
        check=True,
    )
    files = [Path(entry) for entry in listing.read_text(encoding="utf-8").strip().split(":")]
    return sorted((_entry(file, repository) for file in files), key=lambda jar: str(jar["path"]))


def _entry(file: Path, repository: Path) -> dict[str, str | int]:
    content = file.read_bytes()
    return {
        "path": file.relative_to(repository).as_posix(),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


if __name__ == "__main__":
    main()
