"""The settings of this machine and user, told apart from a world's twin.yaml: flag, then environment, then file, then default.

Environment: `GRAPHTWIN_<NAME>`, `__` between a group and its field (`GRAPHTWIN_NEO4J__URI`). File: the YAML file that
`GRAPHTWIN_SETTINGS_FILE` names, else `graphtwin/settings.yaml` in the XDG configuration folder, when it exists.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)
from yaml import YAMLError

from graphtwin.errors import ConfigurationError

MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2"

LogLevel = Literal["debug", "info", "warning", "error"]


def load_settings(**flags: Any) -> Settings:
    """The settings in force; `flags` are the command line's and win, those that are None were not given.

    Raises ConfigurationError that names the setting and where it was read from.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"The setting {name} can't be used: {first['msg']}.", hint=_places(name)) from error
    except (ValueError, YAMLError, OSError) as error:
        raise ConfigurationError(f"The settings can't be read: {error}.", hint=_places("neo4j.uri")) from error


class Neo4jSettings(BaseModel):
    """Where the database is (`uri`: one that graphtwin doesn't run), or how the embedded one is run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str | None = Field(None, description="an external Neo4j; without it graphtwin runs its own")
    user: str = Field("neo4j", description="whom to log in as, at an external Neo4j")
    password: SecretStr | None = Field(None, description="the password of an external Neo4j")
    password_file: Path | None = Field(None, description="a file that holds that password; better than `password`")
    database: str = Field("neo4j", description="the database to use, at an external Neo4j")
    heap_mb: int | None = Field(None, ge=256, description="JVM heap, MiB; default: by the machine's memory")
    page_cache_mb: int | None = Field(None, ge=32, description="store cache, MiB; default: by the machine's memory")
    transaction_timeout_s: int = Field(600, ge=1, description="the server's default limit for a transaction, seconds")
    lock_timeout_s: int = Field(60, ge=1, description="longest wait for a lock inside the server, seconds")
    start_timeout_s: int = Field(180, ge=1, description="how long a start may take until a query is answered, seconds")
    stop_timeout_s: int = Field(60, ge=1, description="how long a graceful stop may take before a kill, seconds")
    least_free_mb: int = Field(512, ge=0, description="free disk below which the server isn't started, MiB")
    fast_start: bool = Field(True, description="keep a start-up cache of the JVM beside the jars")

    @field_validator("uri")
    @classmethod
    def _scheme(cls, uri: str | None) -> str | None:
        schemes = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
        if uri is not None and uri.partition("://")[0] not in schemes:
            raise ValueError(f"an address begins with one of {', '.join(f'{scheme}://' for scheme in schemes)}")
        return uri

    @field_validator("password_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path if path is None else path.expanduser().absolute()


class Settings(BaseSettings):
    """All settings; frozen, so they can be handed down without fear."""

    model_config = SettingsConfigDict(
        env_prefix="GRAPHTWIN_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    home: Path = Field(
        default_factory=lambda: xdg_folder("XDG_DATA_HOME", ".local/share"),
        description="where the embedded database and the demo's files lie",
    )
    cache: Path = Field(
        default_factory=lambda: xdg_folder("XDG_CACHE_HOME", ".cache"),
        description="what can be fetched again; shared by all homes of a user",
    )
    maven_url: str = Field(MAVEN_CENTRAL, description="where the embedded server's jars are fetched from, once")
    log_level: LogLevel = Field(
        "warning", description="from which level on events go to standard error; info tells each step"
    )
    neo4j: Neo4jSettings = Field(Neo4jSettings(), description="the database")

    @field_validator("home", "cache")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a .env in the current folder must not steer us
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - passwords come by password_file
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=settings_file())


def settings_file() -> Path:
    """Where the settings file is looked for; it need not exist."""
    named = os.environ.get("GRAPHTWIN_SETTINGS_FILE")
    return Path(named).expanduser() if named else xdg_folder("XDG_CONFIG_HOME", ".config") / "settings.yaml"


def xdg_folder(variable: str, default: str) -> Path:
    """Graphtwin's folder under an XDG base folder (a relative one is ignored, as the XDG specification asks)."""
    base = Path(os.environ.get(variable, ""))
    return (base if base.is_absolute() else Path.home() / default) / "graphtwin"


def _places(name: str) -> str:
    variable = "GRAPHTWIN_" + name.upper().replace(".", "__")
    return f"Look at the flag, at {variable} and at {settings_file()}."
