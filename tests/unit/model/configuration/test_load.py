"""Every mistake in a twin.yaml is told with its line, its place, plain words and a hint."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.load import SHOWN, load_input, load_twin, parse_input, parse_twin
from graphtwin.model.configuration.secrets import resolve_secrets
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_schema import twin_schema

ROOT = Path(__file__).parents[4]
GOOD = """\
world: {id: shop}
sources:
  inventory:
    type: file
    path: inventory.csv
types:
  host:
    variables:
      cpu: {unit: "1", limit: {max: 0.9}}
"""


def problems(text, **where):
    with pytest.raises(ConfigurationError) as caught:
        parse_twin(text, **where)
    return caught.value.problems


def only(text, **where):
    (problem,) = problems(text, **where)
    return problem


def with_line(line, after):
    """GOOD with one more line behind the one that begins with `after`; and that line's number."""
    lines = GOOD.splitlines()
    at = next(i for i, old in enumerate(lines) if old.strip().startswith(after)) + 1
    return "\n".join([*lines[:at], *line.splitlines(), *lines[at:]]), at + 1


@pytest.mark.parametrize(
    ("line", "after", "path", "message", "hint"),
    [
        ("    frmat: csv", "path:", "sources.inventory.frmat", "isn't a setting", "did you mean `format`?"),
        ("    format: cvs", "path:", "sources.inventory.format", "isn't one of auto, csv", "did you mean `csv`?"),
        ("    roster: perhaps", "path:", "sources.inventory.roster", "must be true or false, not 'perhaps'", ""),
        ("    timeout: 10", "path:", "sources.inventory.timeout", "has no unit", "write 10s, 10m or 10h"),
        ("    timeout: soon", "path:", "sources.inventory.timeout", "'soon' is not a duration", ""),
        (
            "    mapping: {type: hots}",
            "path:",
            "sources.inventory.mapping.type",
            "isn't declared",
            "did you mean `host`?",
        ),
        (
            "    mapping: {type: host, id: 'a..b'}",
            "path:",
            "sources.inventory.mapping.id",
            "isn't a JMESPath",
            "quotes",
        ),
        ("    weight: 2", "path:", "sources.inventory.weight", "less than or equal to 1", ""),
        ("    path: other.csv", "path:", "sources.inventory.path", "stands twice, first at line 5", "keep one"),
        ("    max_output: .nan", "path:", "sources.inventory.max_output", "isn't a number", ""),
        ("    max_output: 1e400", "path:", "sources.inventory.max_output", "isn't a number", ""),
        (
            "    records: '${HOME}'",
            "path:",
            "sources.inventory.records",
            "environment variable",
            "endpoint, env, username",
        ),
        ("      status: {}", "cpu:", "types.host.variables.status", "is reserved", ""),
        ("      heat_at: {}", "cpu:", "types.host.variables.heat_at", "'_at' are reserved", ""),
        ("      fan: {datatype: numbr}", "cpu:", "types.host.variables.fan.datatype", "isn't one of", "`number`"),
        ("      fan: [1]", "cpu:", "types.host.variables.fan", "must be a mapping", ""),
        ("  GtThing: {}", "types:", "types.GtThing", "reserved", ""),
        ("  Host: {}", "types:", "types.host", "both become 'Host'", "label"),
        ("  pump: {is_a: asett}", "types:", "types.pump.is_a", "isn't declared", "did you mean `asset`?"),
        ("  graphtwin: {type: file, path: x}", "sources:", "sources.graphtwin", "reserved", ""),
        ("  two: {type: file}", "sources:", "sources.two", "needs `path`", ""),
        ("  two: {path: x}", "sources:", "sources.two.type", "`type` is missing", ""),
        ("  two: {type: command, command: ls -l}", "sources:", "sources.two.command", "list of words", ""),
        (
            "  two: {type: kafka}",
            "sources:",
            "sources.two.type",
            "aren't supported; these are: api, command",
            "command",
        ),
        ("relations: {gt_on: {}}", "world:", "relations.gt_on", "reserved", ""),
        ("relations: {on: {attributes: {world: {}}}}", "world:", "relations.on.attributes.world", "reserved", ""),
        ("relations: {on: {functional: {}}}", "world:", "relations.on.functional", "true or false, not a mapping", ""),
        ("entities: [{id: a, type: hst}]", "world:", "entities[0].type", "isn't declared", "did you mean `host`?"),
        ("entities: [{id: a}]", "world:", "entities[0].type", "`type` is missing", ""),
        ("trust: {sources: {inventroy: 1}}", "world:", "trust.sources.inventroy", "no source", "`inventory`"),
        ("trust: {classes: {human: 1}}", "world:", "trust.classes.human", "isn't one of derived_inference", ""),
        ("rules: [{id: r}]", "world:", "rules[0]", "either `file` or `cypher`", ""),
        ("rules: [{id: r, file: r.cypher}]", "world:", "rules[0].file", "no folder", ""),
        ("rules: [{id: r, cypher: RETURN 1, for: 10}]", "world:", "rules[0].for", "has no unit", "10m"),
        ("rules: [{id: r, cypher: RETURN 1, for: 0s}]", "world:", "rules[0]", "longer than nothing", ""),
        ("rules: [{id: r, cypher: RETURN 1, for: 1m, writes: [x]}]", "world:", "rules[0]", "no `writes`", ""),
        (
            "rules: [{id: r, cypher: X, transition: {variable: mod, from: a, to: b}}]",
            "world:",
            "rules[0].transition.variable",
            "no type has",
            "give a variable",
        ),
        ("constraints: {max_drift: 1}", "world:", "constraints.max_drift", "isn't a setting", "`max_drift_threshold`"),
        ("constraints: {allowed_actions: [x]}", "world:", "constraints.allowed_actions[0]", "no action 'x'", ""),
        ("actions: [{id: a, title: A, when: [no_such_rule]}]", "world:", "actions[0].when[0]", "no finding", ""),
        (
            "actions: [{id: a, title: A, when: ['drift:host.cpus']}]",
            "world:",
            "actions[0].when[0]",
            "no finding",
            "`host.cpu`",
        ),
        (
            "actions: [{id: a, title: A, when: ['silence:inventry']}]",
            "world:",
            "actions[0].when[0]",
            "no finding",
            "`inventory`",
        ),
        (
            "entities: [{id: a, type: host, desired: {cpus: 1}}]",
            "world:",
            "entities[0].desired.cpus",
            "no variable",
            "`cpu`",
        ),
        (
            "entities: [{id: a, type: host, relations: {depends_on: b}}]",
            "world:",
            "entities[0].relations.depends_on",
            "no entity",
            "",
        ),
        ("audit: {log_path: !!python/name:os.system x}", "world:", "audit.log_path", "the tag", ""),
        ("audit: {<<: {}}", "world:", "audit", "plain text", ""),
        ("wrld: {}", "world:", "wrld", "isn't a setting", "did you mean `world`?"),
    ],
)
def test_a_mistake_is_told_at_its_line(line, after, path, message, hint):
    text, number = with_line(line, after)

    found = problems(text)

    problem = next(problem for problem in found if problem.path == path)
    shifted = number if path != "types.host" else number + 1  # the second of the two is the one to rename
    assert (problem.file, problem.line) == ("twin.yaml", shifted)
    assert message in problem.message
    assert hint in problem.hint
    assert len(found) == 1


def test_the_time_zone_is_looked_up():
    problem = only(GOOD.replace("{id: shop}", "{id: shop, timezone: Mars/Base}"))

    assert (problem.line, problem.path) == (1, "world.timezone")


def test_findings_that_exist_can_be_answered_and_inherited_variables_wished_for():
    more = """\
  web: {is_a: host}
rules: [{id: full, cypher: RETURN 1}]
actions: [{id: a, title: A, when: [full, "drift:web.cpu", "missing:depends_on", "silence:inventory", "unobserved:web"]}]
entities:
- {id: "web:acme/shop/w1", type: web, desired: {cpu: 0.5}}
- {id: w2, type: web, relations: {depends_on: w1}}
"""

    assert parse_twin(GOOD + more).entities[0].desired == {"cpu": 0.5}


def test_one_mistake_reads_as_file_line_place_words_and_hint():
    text, line = with_line("    frmat: csv", "path:")

    with pytest.raises(ConfigurationError) as caught:
        parse_twin(text, file="shop.yaml")

    assert str(caught.value) == (
        f"shop.yaml:{line}: sources.inventory.frmat: `frmat` isn't a setting here\n  Did you mean `format`?"
    )


def test_several_mistakes_are_told_at_once_the_first_ten_of_them():
    text = GOOD + "".join(f"      v{i}_at: {{}}\n" for i in range(12))

    with pytest.raises(ConfigurationError) as caught:
        parse_twin(text)

    assert len(caught.value.problems) == 12
    assert str(caught.value).count("twin.yaml:") == SHOWN + 1
    assert "… and 2 more" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("# nothing\n", 1, "empty"),
        ("- a\n", 1, "mapping that begins with"),
        ("a: [1\nb: 2\n", 2, "isn't YAML"),
        ("world:\n\tid: x\n", 2, "doesn't take tabs"),
        ("a: &x [*x]\n", 1, "refers to itself"),
        ("a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
         + "".join(f"c{i}: &c{i} [{','.join(['*' + ('b' if i == 0 else f'c{i - 1}')] * 9)}]\n" for i in range(6)),
         None, "Aliases make over"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, "deeper than 32"),
        ("a: \x00\n", 1, "isn't YAML"),
        ("a: 1\n---\nb: 2\n", 2, "isn't YAML"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_at_all_is_one_clear_error(text, line, words):
    with pytest.raises(ConfigurationError) as caught:
        parse_twin(text)

    assert words in str(caught.value)
    assert line is None or caught.value.line == line


def test_of_several_mistakes_each_says_its_own_line_and_the_whole_says_none():
    with pytest.raises(ConfigurationError) as caught:
        parse_twin("world: {id: x}\nsources: {}\nschedule: {interval: soon}\nnonsense: 1\n", file="bad.yaml")

    first, *rest = str(caught.value).splitlines()
    assert first == f"bad.yaml: {len(caught.value.problems)} things are wrong:"
    assert all(f"  bad.yaml:{one.line}: " in line for one, line in zip(caught.value.problems, rest, strict=False))


def test_words_that_yaml_1_1_would_twist_stay_text():
    text, _ = with_line("    env: {A: no, B: 1:30, C: 2024-01-01, D: on}", "path:")

    assert parse_twin(text).sources["inventory"].env == {"A": "no", "B": "1:30", "C": "2024-01-01", "D": "on"}


@given(st.text(max_size=60))
def test_any_text_loads_or_is_refused_with_a_configuration_error(text):
    try:
        config = parse_twin(GOOD + text)
    except ConfigurationError:
        return
    assert config.world.id == "shop"


def test_rule_files_are_read_into_the_rules_and_change_the_hash(tmp_path):
    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules" / "full.cypher"
    rule.write_text("MATCH (h:Host) RETURN h.id AS subject\n")
    (tmp_path / "twin.yaml").write_text(GOOD + "rules: [{id: full, file: rules/full.cypher}]\n")

    first = load_twin(tmp_path / "twin.yaml")
    rule.write_text("MATCH (h:Host) WHERE h.cpu > 1 RETURN h.id AS subject\n")
    second = load_twin(tmp_path / "twin.yaml")

    assert first.rules[0].cypher == "MATCH (h:Host) RETURN h.id AS subject\n"
    assert first.rules[0].file == ""
    assert first.hash() != second.hash()
    assert TwinConfig.model_validate(json.loads(json.dumps(first.normalised()))).hash() == first.hash()


@pytest.mark.parametrize("name", ["../secret.cypher", "/etc/passwd", "link.cypher"])
def test_a_file_outside_the_folder_is_not_read(tmp_path, name):
    folder = tmp_path / "twin"
    folder.mkdir()
    (tmp_path / "secret.cypher").write_text("RETURN 1")
    (folder / "link.cypher").symlink_to(tmp_path / "secret.cypher")

    problem = only(GOOD + f"rules:\n  - id: r\n    file: {name}\n", folder=folder)

    assert "outside the folder" in problem.message
    assert (problem.path, problem.line) == ("rules[0].file", 12)


def test_a_model_file_holds_the_entities_and_its_mistakes_name_its_lines(tmp_path):
    (tmp_path / "model.yaml").write_text("- {id: h1, type: host}\n- {id: h2, type: host}\n")
    text = GOOD + "entities: {file: model.yaml}\n"
    assert [entity.id for entity in parse_twin(text, folder=tmp_path).entities] == ["h1", "h2"]

    (tmp_path / "model.yaml").write_text("entities:\n- {id: h1, type: host}\n- {id: h2, tpye: host}\n")
    found = problems(text, folder=tmp_path)

    assert {(problem.file, problem.line) for problem in found} == {("model.yaml", 3)}
    assert {problem.path for problem in found} == {"entities[1].tpye", "entities[1].type"}


@pytest.mark.parametrize(
    ("content", "words"), [(None, "there is no file"), (b"\xff\xfe\n", "isn't UTF-8"), (b" ", "is empty")]
)
def test_a_bad_rule_file_is_told_where_it_is_named(tmp_path, content, words):
    if content is not None:
        (tmp_path / "r.cypher").write_bytes(content)

    problem = only(GOOD + "rules:\n  - id: r\n    file: r.cypher\n", folder=tmp_path)

    assert words in problem.message
    assert problem.line == 12


def test_a_missing_twin_yaml_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigurationError, match=r"can't be read: no such file[\s\S]*graphtwin init"):
        load_twin(tmp_path / "twin.yaml")


def test_the_short_input_of_a_sync_becomes_a_configuration():
    text = """\
sources:
  - type: mqtt
    endpoint: "mqtt://sensors.example.com/floor-3"
  - type: api
    endpoint: "https://building.api/hvac/status"
  - type: file
    name: notes
    endpoint: "file:///srv/notes.jsonl"
world_id: "building-floor-3-twin"
constraints:
  max_drift_threshold: 0.15
  require_approval_above_risk: 0.7
prior_snapshot: {version: v46}
sync_mode: delta_only
"""
    asked = parse_input(text)

    assert asked.config.world.id == "building-floor-3-twin"
    assert list(asked.config.sources) == ["sensors.example.com-floor-3", "building.api-hvac-status", "notes"]
    assert asked.config.sources["sensors.example.com-floor-3"].kind == "message_bus"
    assert asked.config.sources["notes"].path == "/srv/notes.jsonl"
    assert asked.config.constraints.require_approval_above_risk == 0.7
    assert (asked.prior_snapshot, asked.sync_mode) == ({"version": "v46"}, "delta_only")


def test_mistakes_in_the_short_input_keep_their_lines():
    found = problems("world_id: -x\nsync_mode: incremntal\nprior_snapshot: 7\nsources:\n  - type: kafak\n  - 5\n")

    assert [(problem.line, problem.path) for problem in found] == [
        (1, "world.id"), (2, "sync_mode"), (3, "prior_snapshot"), (5, "sources.kafak.type"), (6, "sources[1]"),
    ]  # fmt: skip
    assert found[1].hint == "did you mean `incremental`?"


def test_secrets_stay_names_in_the_configuration_and_are_filled_in_when_used():
    text, _ = with_line('    env: {TOKEN: "${SHOP_TOKEN}"}', "path:")
    config = parse_twin(text)

    assert config.sources["inventory"].env["TOKEN"] == "${SHOP_TOKEN}"  # noqa: S105 - a name
    assert resolve_secrets("Bearer ${SHOP_TOKEN}", {"SHOP_TOKEN": "s3cret"}) == "Bearer s3cret"
    with pytest.raises(ConfigurationError, match=r"SHOP_TOKEN, which .* isn't set"):
        resolve_secrets("${SHOP_TOKEN}", {})


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/twin.yaml")), ids=lambda path: path.parent.name)
def test_every_example_loads_and_fits_the_published_schema(path):
    import yaml

    asked = load_input(path)

    assert asked.config.world.id
    published = json.loads((ROOT / "reference" / "twin.schema.json").read_text())
    jsonschema.validate(yaml.safe_load(path.read_text()), published)


def test_the_published_schema_is_the_codes():
    published = json.loads((ROOT / "reference" / "twin.schema.json").read_text())

    assert {key: published[key] for key in twin_schema()} == twin_schema()


def test_the_schema_takes_the_short_forms():
    document = {
        "world": {"id": "w"},
        "sources": {"s": {"type": "file", "path": "x", "mapping": {"type": "host", "variables": {"cpu": "load"}}}},
        "entities": {"file": "model.yaml"},
    }

    jsonschema.validate(document, twin_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "wrld": 1}, twin_schema())
