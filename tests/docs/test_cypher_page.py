"""reference/cypher.md: its queries answer on the world of the tour, and its rule derives, finds and ends."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from docs.conftest import Pumphouse
from docs.tour import ROOT, Shown, play
from neo4j import AsyncDriver

from graphtwin.methods.rules.comparison import OPS
from graphtwin.methods.rules.rule_columns import COLUMNS
from graphtwin.methods.rules.strata import stratify
from graphtwin.model.commit import RuleText
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.twin_rules import Rule
from graphtwin.model.durations import MINUTE
from graphtwin.store.neo4j.admission import PARAMETERS, check_text
from graphtwin.store.neo4j.rules import ROWS, SECONDS
from graphtwin.store.neo4j.spells import CLAIMS

PAGE = re.sub(
    r"<!-- generated.*?<!-- end -->", "", (ROOT / "reference" / "cypher.md").read_text("utf-8"), flags=re.DOTALL
)
QUERIES = re.findall(r"^```cypher\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
[RULE] = re.findall(r"^```cypher-rule\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_contract_of_a_rule_is_told_as_it_is():
    table = re.findall(r"^\| `(\w+)` \| ", PAGE.partition("## Rules")[2].partition("## ")[0], re.MULTILINE)

    check_text(RuleText("page", RULE))

    assert set(table) == COLUMNS["derivation"]
    assert all(f"`${name}`" in PAGE for name in PARAMETERS)
    assert f"at most {ROWS:,} rows" in PAGE
    assert f"at most {SECONDS:.0f} seconds" in PAGE


def test_the_contract_of_a_rule_with_for_is_told_as_it_is_s23():
    told = PAGE.partition("### What must have lasted")[2].partition("\n### ")[0]
    (declared,) = re.findall(r"^```yaml\n(.*?)^```", told, re.DOTALL | re.MULTILINE)

    (text,) = stratify([Rule.model_validate(one) for one in yaml.safe_load(declared)["rules"]])
    check_text(text)

    assert (text.kind, text.lasting) == ("held", 10 * MINUTE)
    assert set(re.findall(r"^\| `(\w+)` \| ", told, re.MULTILINE)) == COLUMNS["held"]
    assert all(f"`{op}`" in told for op in OPS)
    assert f"may read {CLAIMS:,} claims" in told


def test_the_state_machine_of_the_page_is_one_s22():
    told = PAGE.partition("### State machines")[2].partition("\n## ")[0]
    (declared,) = re.findall(r"^```yaml\n(.*?)^```", told, re.DOTALL | re.MULTILINE)

    config = parse_twin("world: {id: page}\nsources: {bus: {type: file, path: x}}\n" + declared)
    (text,) = stratify(config.rules)
    check_text(text)

    assert text.kind == "transition"
    assert all(f"`{column}`" in told for column in COLUMNS["transition"])


@pytest.mark.neo4j
@pytest.mark.timeout(900)
async def test_each_query_of_the_page_runs_and_names_its_columns(pumphouse: Pumphouse, neo4j_driver: AsyncDriver):
    answers = []
    for query in QUERIES:
        records, _, keys = await neo4j_driver.execute_query(query, routing_="r")
        answers.append((keys, [record.data() for record in records]))

    drifting, fed, _, _, versions, facts = answers
    assert [row["machine"] for row in drifting[1]] == ["machine:local/pump-1"]
    assert [(row["fed"], row["steps"]) for row in fed[1]] == [("machine:local/tank-1", 1)]
    assert [row["version"] for row in versions[1]][:4] == ["v0", "v1", "v2", "v3"]
    assert [row["value"] for row in facts[1]] == [61.5, 93]
    assert all(keys for keys, _ in answers)


@pytest.mark.neo4j
@pytest.mark.timeout(900)
async def test_the_rule_of_the_page_derives_finds_and_ends(
    pumphouse: Pumphouse, neo4j_driver: AsyncDriver, tmp_path: Path
):
    shutil.copy(pumphouse.folder / "things.csv", tmp_path)
    config = yaml.safe_load((pumphouse.folder / "twin.yaml").read_text("utf-8"))
    config["world"]["id"] = "hothouse"
    config["types"]["machine"]["variables"]["condition"] = {"datatype": "string", "judged": False}
    config["rules"] = [{"id": "overheated", "writes": ["condition"], "cypher": RULE}]
    (tmp_path / "twin.yaml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    sync = Shown("graphtwin sync twin.yaml --details -o json", ())
    cool = Shown("sed -i.before 's/,93,/,70,/' things.csv", ())

    hot, _, cooled = play([sync, cool, sync], tmp_path, dict(pumphouse.environment))

    def found(output: str) -> list[str]:
        return [one["message"] for one in json.loads(output)["details"]["findings"] if one["kind"] == "rule"]

    assert found(hot.output) == ["machine:local/pump-1 overheats and feeds machine:local/tank-1"]
    assert found(cooled.output) == []
    told = "MATCH (pump:Machine {world: 'hothouse', id: 'machine:local/pump-1'}) RETURN pump.condition AS condition"
    [row], _, _ = await neo4j_driver.execute_query(told, routing_="r")
    assert row["condition"] is None
