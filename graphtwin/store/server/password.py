"""The embedded server's password: generated, in a file for this user only, known to the server before its first start."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from graphtwin.errors import Unavailable
from graphtwin.store.server.home import ServerHome, write_private
from graphtwin.store.server.java import java_command, java_environment, quoted

SET_PASSWORD_TIMEOUT_S = 120


def ensure_password(home: ServerHome, java: Path, jars: list[Path]) -> str:
    """The password, made and handed to the server when the store is new.

    Raises Unavailable when a store exists whose password file is gone.
    """
    if home.password_file.exists():
        password = read_password(home.password_file)
    elif home.has_store:
        raise Unavailable(
            f"The database in {home.root} has lost its password file {home.password_file}.",
            hint="Put the file back from a backup, or move the folder away to begin with an empty database.",
        )
    else:
        password = secrets.token_hex(24)  # no sign that a command line could take for an option
        write_private(home.password_file, password + "\n")
    if not home.has_store and not (home.data / "dbms" / "auth.ini").exists():
        _set_initial_password(home, java, jars, password)
    return password


def read_password(file: Path) -> str:
    try:
        password = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Unavailable(f"The password file {file} can't be read: {error.strerror}.", hint=f"ls -l {file}") from error
    if not password:
        raise Unavailable(f"The password file {file} is empty.", hint="Put the password back from a backup.")
    return password


def _set_initial_password(home: ServerHome, java: Path, jars: list[Path], password: str) -> None:
    """By the server's own admin tool; the password goes by a file, since everybody may read a process's arguments."""
    arguments = home.run / "initial-password.args"
    write_private(arguments, f"dbms\nset-initial-password\n{quoted(password)}\n")
    command = java_command(
        home, java, jars, options=["-XX:TieredStopAtLevel=1"], main=["org.neo4j.cli.AdminTool", f"@{arguments}"]
    )
    environment = java_environment(os.environ) | {"NEO4J_HOME": str(home.root), "NEO4J_CONF": str(home.conf)}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SET_PASSWORD_TIMEOUT_S, check=False
        )
    finally:
        arguments.unlink()
    if done.returncode != 0:
        raise Unavailable(
            f"The database's first password couldn't be set: {done.stderr.strip()[-500:] or done.stdout.strip()[-500:]}",
            hint="graphtwin doctor tells what is wrong with Java or the disk",
        )
