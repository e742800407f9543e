"""How far a sync trusts what it read (S25)."""

from __future__ import annotations

from e2e.small_world import SmallWorld, details, reading

INSTANTS = tuple(f"2026-01-01T00:0{minute}:00Z" for minute in range(3))


async def test_one_lasting_contradiction_counts_for_one_value_among_all_that_are_read(plant: SmallWorld):
    plant.config["sources"]["other"] = {**plant.config["sources"]["readings"], "path": "other.jsonl"}
    shares = []

    for number, ts in enumerate(INSTANTS):
        plant.say(*(reading(f"t{one}", 20, ts) for one in range(2, 11)), reading("t1", 20 + number, ts))
        plant.say(reading("t1", 60 + number, ts), to="other.jsonl")
        outcome = await plant.sync()
        shares.append(details(outcome)["confidence"]["steps"]["integrate"])

    assert outcome.report.status.value != "failed"
    assert [round(share, 2) for share in shares[1:]] == [0.9, 0.9]
