"""Reads a twin.yaml: every mistake with file, line, place and what to write instead, several at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from graphtwin.errors import ConfigurationError, ConfigurationProblem
from graphtwin.model.configuration.requested import configuration_part
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_checks import checks
from graphtwin.model.configuration.twin_words import nearest, problems_of
from graphtwin.model.configuration.yaml_tree import Tree, read_tree
from graphtwin.model.vocabulary import SyncMode

SHOWN: Final = 10
"""Problems that one error tells."""


@dataclass(frozen=True, slots=True)
class SyncInput:
    """What a file asks for: the world's configuration and, in the short form, how to sync it this time.

    `prior_snapshot` is a snapshot, or the name of a file or version; None when the file doesn't say.
    """

    config: TwinConfig
    prior_snapshot: dict[str, Any] | str | None = None
    sync_mode: SyncMode | None = None


def load_twin(path: Path | str) -> TwinConfig:
    """The world that a twin.yaml describes, rule files and model file read in.

    Raises ConfigurationError with the first problems, their lines and hints (`problems` holds them all).
    """
    return load_input(path).config


def load_input(path: Path | str) -> SyncInput:
    """As `load_twin`, with `prior_snapshot` and `sync_mode` where the file gives them."""
    place = Path(path)
    return parse_input(_text_of(place, place.name), file=place.name, folder=place.parent)


def parse_twin(text: str, *, file: str = "twin.yaml", folder: Path | None = None) -> TwinConfig:
    """The world that a text describes; `file` names it in errors, `folder` is where rule and model files lie."""
    return parse_input(text, file=file, folder=folder).config


def parse_input(text: str, *, file: str = "twin.yaml", folder: Path | None = None) -> SyncInput:
    """As `parse_twin`, with `prior_snapshot` and `sync_mode` where the text gives them."""
    tree, problems = read_tree(text, file)
    if tree.fields is None:
        raise ConfigurationError(
            "A twin.yaml is a mapping that begins with `world:` and `sources:`.", file=file, line=tree.line
        )
    prior, mode = _asked(tree, problems)
    whole = _with_files(configuration_part(tree, problems), _Folder(folder), problems)
    found = [*problems, *checks(whole)]
    config = _validated(whole, found)
    if config is None or found:
        raise _error(_told_once(found), file)
    return SyncInput(config, prior, mode)


def _validated(tree: Tree, found: list[ConfigurationProblem]) -> TwinConfig | None:
    try:
        return TwinConfig.model_validate(tree.plain())
    except ValidationError as error:
        found.extend(problems_of(error, tree))
        return None


def _told_once(found: list[ConfigurationProblem]) -> list[ConfigurationProblem]:
    """One problem a place, the first found (it says most), in the order of the files; the whole last."""
    by_place: dict[tuple[str, str], ConfigurationProblem] = {}
    for problem in found:
        by_place.setdefault((problem.file, problem.path), problem)
    whole = [problem for problem in by_place.values() if not problem.path]
    parts = [problem for problem in by_place.values() if problem.path]
    return sorted(parts, key=lambda problem: problem.line) or whole


def _error(problems: list[ConfigurationProblem], file: str) -> ConfigurationError:
    first = problems[0]
    if len(problems) == 1:
        message = f"{first.path}: {first.message}" if first.path else first.message
        hint = first.hint[:1].upper() + first.hint[1:]
        return ConfigurationError(message, file=first.file, line=first.line, hint=hint, problems=tuple(problems))
    lines = [f"{len(problems)} things are wrong:", *(f"  {problem}" for problem in problems[:SHOWN])]
    if len(problems) > SHOWN:
        lines.append(f"  … and {len(problems) - SHOWN} more")
    return ConfigurationError(
        "\n".join(lines), file=file, line=first.line, hint="Mend these and run it again.", problems=tuple(problems)
    )


def _asked(tree: Tree, problems: list[ConfigurationProblem]) -> tuple[dict[str, Any] | str | None, SyncMode | None]:
    prior, mode = tree.child("prior_snapshot"), tree.child("sync_mode")
    prior_value = prior.plain() if prior else None
    if prior and not isinstance(prior_value, dict | str | None):
        what = "must be a snapshot, or the name of a file or version"
        problems.append(ConfigurationProblem(prior.file, prior.line, "prior_snapshot", what))
        prior_value = None
    modes = [str(known) for known in SyncMode]
    if mode is None or mode.value is None:
        return prior_value, None
    if mode.value not in modes:
        what = f"{mode.value!r} isn't one of {', '.join(modes)}"
        problems.append(ConfigurationProblem(mode.file, mode.line, "sync_mode", what, nearest(mode.value, modes)))
        return prior_value, None
    return prior_value, SyncMode(mode.value)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The folder of a twin.yaml: files beside or below it can be read, no others."""

    path: Path | None

    def read(self, name: str) -> str:
        """The text of a file. Raises ValueError that says what is wrong with it."""
        if self.path is None:
            raise ValueError("there is no folder to read files from; write the text here")
        home = self.path.resolve()
        place = (home / name).resolve()
        if not place.is_relative_to(home):
            raise ValueError(f"the file {name!r} lies outside the folder of twin.yaml; put it inside")
        if not place.is_file():
            raise ValueError(f"there is no file {name!r} in the folder of twin.yaml")
        text = _read(place)
        if not text.strip():
            raise ValueError(f"the file {name!r} is empty")
        return text


def _with_files(tree: Tree, folder: _Folder, problems: list[ConfigurationProblem]) -> Tree:
    """The tree with the model file's entities and the texts of Cypher files in their places (S9)."""
    entities = tree.child("entities")
    if entities is not None and entities.fields is not None:
        tree = tree.with_fields(entities=_model_file(entities, folder, problems))
    tree = _with_texts(tree, "rules", "", folder, problems)
    constraints, actions = tree.child("constraints"), tree.child("actions")
    if constraints is not None and constraints.fields is not None:
        tree = tree.with_fields(
            constraints=_with_texts(constraints, "interlocks", "constraints.", folder, problems),
        )
    if actions is not None and actions.items is not None:
        told = tuple(
            _with_texts(action, "criteria", f"actions[{i}].", folder, problems)
            for i, action in enumerate(actions.items)
        )
        tree = tree.with_fields(actions=Tree(actions.file, actions.line, items=told))
    return tree


def _with_texts(holder: Tree, section: str, prefix: str, folder: _Folder, problems: list[ConfigurationProblem]) -> Tree:
    """The holder with the files that the items of a section name read in."""
    listed = holder.child(section) if holder.fields is not None else None
    if listed is None or listed.items is None:
        return holder
    texts = tuple(_with_text(item, f"{prefix}{section}[{i}]", folder, problems) for i, item in enumerate(listed.items))
    return holder.with_fields(**{section: Tree(listed.file, listed.line, items=texts)})


def _model_file(entities: Tree, folder: _Folder, problems: list[ConfigurationProblem]) -> Tree:
    name = entities.child("file")
    nothing = Tree(entities.file, entities.line, items=())
    if name is None or not isinstance(name.value, str) or set(entities.fields or {}) != {"file"}:
        what = "must be a list of entities, or {file: model.yaml}"
        problems.append(ConfigurationProblem(entities.file, entities.line, "entities", what))
        return nothing
    try:
        read, found = read_tree(folder.read(name.value), name.value)
    except ValueError as error:
        problems.append(ConfigurationProblem(name.file, name.line, "entities.file", str(error)))
        return nothing
    problems.extend(found)
    inner = read.child("entities") if read.fields is not None and set(read.fields) == {"entities"} else read
    if inner is None or inner.items is None:
        problems.append(ConfigurationProblem(read.file, read.line, "entities", "a model file is a list of entities"))
        return nothing
    return inner


def _with_text(rule: Tree, path: str, folder: _Folder, problems: list[ConfigurationProblem]) -> Tree:
    name = rule.child("file") if rule.fields is not None else None
    if name is None or not isinstance(name.value, str) or not name.value or rule.child("cypher") is not None:
        return rule
    try:
        text = folder.read(name.value)
    except ValueError as error:
        problems.append(ConfigurationProblem(name.file, name.line, f"{path}.file", str(error)))
        text = "RETURN null AS subject"
    return rule.with_fields(file=None, cypher=name.scalar(text))


def _text_of(place: Path, file: str) -> str:
    try:
        return _read(place)
    except ValueError as error:
        raise ConfigurationError(
            f"{error}.", file=file, hint=f"Give the path of a twin.yaml; graphtwin init writes one ({place})."
        ) from error


def _read(place: Path) -> str:
    try:
        raw = place.read_bytes()
    except OSError as error:
        raise ValueError(f"the file {str(place)!r} can't be read: {(error.strerror or str(error)).lower()}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(f"the file {str(place)!r} isn't UTF-8 text (line {line})") from error
