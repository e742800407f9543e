"""Rules inside a transaction: rows, premises, derived facts (S22)."""

from __future__ import annotations

import pytest
from contracts.scene import (
    ABOVE,
    HOT,
    MINUTE,
    NOBODY,
    NOON,
    SECOND,
    UNSAYABLE,
    Scene,
    belongs,
    born,
    decide,
    depends,
    say,
)

from graphtwin.errors import RuleRefused
from graphtwin.model.commit import Draft, RuleText
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact

A, B, BOOK, HALL = "bus:a", "bus:b", "book:a", "book:hall"


def derived(subject: str, name: str, value: object, at: int, *, op: str = "assert") -> Fact:
    """What the rule engine writes on the record of (hot, subject)."""
    return decide(
        f"rule:hot/{subject}", name, value, at, event=f"rule {name} {at} {op}", source="rule", kind="inference", op=op
    )


class RulesContract:
    async def test_a_rule_returns_rows_on_what_the_transaction_has_written_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), born(B), say(A, "reading", 20), say(B, "reading", 40))

        async with scene.store.begin(scene.lease) as transaction:
            before = await transaction.rule_rows(HOT)
            await transaction.write(Draft(now=NOON + MINUTE, facts=(say(A, "reading", 50, NOON + MINUTE),)))
            after = await transaction.rule_rows(HOT)

        assert [row.subject for row in before] == [B]
        assert [row.subject for row in after] == [A, B]
        assert after[0].rule == "hot"
        assert dict(after[0].values) == {"mode": "alarm"}
        assert after[0].finding is not None
        assert dict(after[0].finding) == {"message": "too hot", "severity": "high"}
        assert after[0].premises == ((A, "reading"),)
        assert after[0].edges == ()

    async def test_a_query_returns_columns_of_its_own_on_what_the_transaction_has_written_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), born(B), say(A, "reading", 20), say(B, "reading", 40), say(B, "mode", "on"))
        await scene.store.admit([ABOVE])

        async with scene.store.begin(scene.lease) as transaction:
            before = await transaction.query_rows(ABOVE)
            await transaction.write(Draft(now=NOON + MINUTE, facts=(say(A, "reading", 50, NOON + MINUTE),)))
            after = await transaction.query_rows(ABOVE)

        on = {"subject": B, "reading": 40, "modes": ["on"], "since": NOON // SECOND}
        new = {"subject": A, "reading": 50, "modes": [None], "since": NOON // SECOND + 60}
        assert [dict(row) for row in before] == [on]
        assert [dict(row) for row in after] == [new, on]

    @pytest.mark.parametrize("query", [NOBODY, UNSAYABLE], ids=lambda query: query.id)
    async def test_a_query_that_says_nothing_usable_is_refused_and_named_s22(self, scene: Scene, query: RuleText):
        assert scene.lease is not None
        await scene.write(born(A))

        async with scene.store.begin(scene.lease) as transaction:
            with pytest.raises(RuleRefused, match=query.id):
                await transaction.query_rows(query)

    async def test_a_rule_sees_its_own_world_only_s3(self, scene: Scene):
        other = await Scene.make(scene.store, scene.world + "-b")
        await other.write(born(A), say(A, "reading", 99))
        assert scene.lease is not None

        async with scene.store.begin(scene.lease) as transaction:
            assert await transaction.rule_rows(HOT) == ()

    async def test_the_claims_behind_premises_are_found_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(
            born(A), born("notes:a"), belongs(A, "s", event="1"), belongs("notes:a", "s", event="2"), born(HALL, "zone"),
            say(A, "reading", 20), say("notes:a", "reading", 25), say("notes:a", "reading", 21, layer="desired"),
            depends(A, HALL), depends("notes:a", HALL), say(A, "level", 1), say("notes:a", "level", 3),
        )  # fmt: skip

        names = ["reading", "reading_desired", "reading_expected", "DEPENDS_ON", "depends_on", TYPE, "level", "nothing"]
        async with scene.store.begin(scene.lease) as transaction:
            found = await transaction.winning_facts([*(("s", name) for name in names), ("nobody", "reading")])

        by_name = {name: (fact.record, fact.name, fact.layer) for (_, name), fact in found.items()}
        assert by_name == {
            "reading": (A, "reading", "reported"),
            "reading_desired": ("notes:a", "reading", "desired"),
            "DEPENDS_ON": (A, "depends_on", "reported"),
            "depends_on": (A, "depends_on", "reported"),
            TYPE: (A, TYPE, "reported"),
            "level": (A, "level", "reported"),
        }
        assert found["s", "reading"].seq == 1

    async def test_entities_are_seen_fused_and_with_their_disputes_as_the_transaction_left_them_s11(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), born(BOOK), belongs(A, "s", event="1"), belongs(BOOK, "s", event="2"))

        async with scene.store.begin(scene.lease) as transaction:
            said = [say(A, "reading", 21), say(BOOK, "reading", 25), say(A, "level", 1.0), say(BOOK, "level", 3.0)]
            await transaction.write(Draft(now=NOON + MINUTE, facts=tuple(said)))
            found = await transaction.entities(["s", "nobody"])
            await transaction.commit("key", "run")

        reported = found["s"].reported
        assert set(found) == {"s"}
        assert (reported["reading"].value, reported["reading"].disputed) == (21, True)
        assert 1.0 < reported["level"].value < 3.0
        assert found["s"] == await scene.seen("s")

    async def test_of_several_edges_the_newest_is_the_premise_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), born(B), born(HALL, "zone"), depends(A, HALL, at=NOON - 1), depends(A, B))

        async with scene.store.begin(scene.lease) as transaction:
            found = await transaction.winning_facts([(A, "DEPENDS_ON"), (B, "DEPENDS_ON")])

        assert {premise: fact.object for premise, fact in found.items()} == {(A, "DEPENDS_ON"): B}

    async def test_premises_see_what_the_transaction_has_written_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), say(A, "reading", 20))

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON + MINUTE, facts=(say(A, "reading", 50, NOON + MINUTE),)))
            found = await transaction.winning_facts([(A, "reading")])

        assert found[A, "reading"].value == 50

    async def test_the_founding_record_of_an_entity_is_the_smallest_that_exists_s14(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), born(B), *(belongs(one, "s", event=one) for one in (A, B, "bus:0")))

        async with scene.store.begin(scene.lease) as transaction:
            assert dict(await transaction.founding_records(["s", "nobody"])) == {"s": A}

    async def test_what_a_rule_derives_founds_nothing_s14(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(
            born("zoo:1"), derived("zoo:1", TYPE, "sensor", BEGIN), derived("zoo:1", ENTITY, "zoo:1", BEGIN)
        )
        await scene.write(derived("gone", TYPE, "sensor", BEGIN))

        async with scene.store.begin(scene.lease) as transaction:
            founding = dict(await transaction.founding_records(["zoo:1", "rule:hot/gone"]))

        assert founding == {"zoo:1": "zoo:1"}

    async def test_derived_facts_are_the_tops_of_a_rules_own_records_s22(self, scene: Scene):
        assert scene.lease is not None
        facts = (
            derived(A, TYPE, "sensor", BEGIN),
            derived(A, ENTITY, A, BEGIN),
            derived(A, "mode", "alarm", NOON),
            decide("rule:hotter/x", "mode", "no", event="another rule"),
        )
        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(
                Draft(now=NOON, facts=(born(A), say(A, "mode", "idle", NOON - 60 * MINUTE), *facts))
            )
            first = await transaction.derived("hot")
            await transaction.commit("key", "run")
        shown = await scene.value(A, "mode")
        async with scene.store.begin(scene.lease) as transaction:
            ends = (derived(A, "mode", None, NOON + MINUTE, op="end"),)
            await transaction.write(Draft(now=NOON + MINUTE, facts=ends))
            second = await transaction.derived("hot")
            await transaction.commit("key-2", "run")

        assert [(fact.name, fact.op) for fact in first] == [(ENTITY, "assert"), (TYPE, "assert"), ("mode", "assert")]
        assert [(fact.name, fact.op) for fact in second] == [(ENTITY, "assert"), (TYPE, "assert"), ("mode", "end")]
        assert shown == "alarm"
        assert await scene.value(A, "mode") == "idle"
        assert (await scene.seen(A)).records == (A, f"rule:hot/{A}")

    async def test_a_withdrawn_derivation_has_no_top_s22(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(derived(A, "mode", "alarm", NOON))

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON, facts=(derived(A, "mode", None, NOON, op="withdraw"),)))
            assert await transaction.derived("hot") == ()
