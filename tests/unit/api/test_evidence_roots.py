"""Why a value is what it is: every claim, and the raw bytes that the winner came from."""

from __future__ import annotations

import hashlib
import json

from unit.api.conftest import Client

T1 = "sensor:local/t1"


async def test_why_shows_every_claim_with_its_score(client: Client):
    data = await client.data(
        f'{{ why(world: "plant", entity: "{T1}", variable: "reading") {{ claims {{ wins score reason fact {{ value source version }} }} }} }}'
    )

    [claim] = data["why"]["claims"]
    assert claim["wins"]
    assert claim["fact"] == {"value": 93, "source": "readings", "version": "v2"}


async def test_a_value_leads_to_its_event_and_raw_bytes_as_of_a_time(client: Client):
    query = f'query ($a: Instant) {{ valueLineage(world: "plant", entity: "{T1}", variable: "reading", asOf: $a) {{ origins {{ claim {{ fact {{ event }} }} event {{ id anchor }} evidence {{ event text sha256 size }} }} }} }}'

    for instant, said in (("2026-01-01T00:30:00Z", 20), (None, 93)):
        [origin] = (await client.data(query, a=instant))["valueLineage"]["origins"]
        evidence = origin["evidence"]
        assert json.loads(evidence["text"])["reading"] == said
        assert evidence["sha256"] == hashlib.sha256(evidence["text"].encode()).hexdigest()
        assert origin["event"]["id"] == evidence["event"] == origin["claim"]["fact"]["event"]


async def test_history_is_everything_that_was_said_newest_first(client: Client):
    data = await client.data(
        f'{{ history(world: "plant", entity: "{T1}", variable: "reading") {{ value validFrom op }} }}'
    )

    assert [one["value"] for one in data["history"]] == [93, 20]


async def test_evidence_of_an_unknown_event_is_null(client: Client):
    assert await client.data('{ evidence(world: "plant", event: "no") { text } }') == {"evidence": None}


async def test_a_layer_is_asked_for_and_answered_by_its_name(client: Client):
    data = await client.data(
        '{ history(world: "plant", entity: "sensor:local/t1", variable: "reading", layer: REPORTED) { layer value }'
        ' desired: history(world: "plant", entity: "sensor:local/t1", variable: "reading", layer: DESIRED) { layer } }'
    )

    assert [(one["layer"], one["value"]) for one in data["history"]] == [("REPORTED", 93), ("REPORTED", 20)]
    assert data["desired"] == []
