// purpose: The world at an instant, as it was known at another: entities, values, relationships.
//   Each value is the winner of all claims (S7 to S15, S24), as `graphtwin snapshot` has it.
// mode: read
// params: world, at, known_at, version, entity
// returns: entity, type, status, layer, name, value, unit, object, since, source, confidence, rivals, disputed, fact
// needed: the world's id
// :param world => 'third-floor'
// default: when it was so, such as '2026-03-02T10:00:00Z'; null is the version's own time
// :param at => null
// default: as it was known then, an instant like that; null is now
// :param known_at => null
// default: as a version knew it, 3 or 'v3'; null is the newest
// :param version => null
// default: one entity only, by its id; null is all
// :param entity => null

// Which version speaks, of which instant, and what its configuration says.
MATCH (world:GtWorld {id: $world})
CALL (world) {
  MATCH (commit:GtCommit)
  WHERE commit.world = world.id
    AND ($version IS NULL OR commit.seq = toInteger(replace(toString($version), 'v', '')))
    AND ($known_at IS NULL OR commit.committed_at <=
      datetime($known_at).epochSeconds * 1000000 + datetime($known_at).microsecond)
  RETURN commit
  ORDER BY commit.seq DESC
  LIMIT 1
}
MATCH (configuration:GtConfiguration {world: $world, hash: commit.configuration})
WITH commit.seq AS seq, properties(configuration) AS policy, coalesce(world.rostered, []) AS rostered,
  coalesce(datetime($at).epochSeconds * 1000000 + datetime($at).microsecond, commit.valid) AS valid

// What each record claims: of each key the newest cell that wasn't withdrawn, and of each cell the greatest fact.
CALL () {
  OPTIONAL MATCH (link:GtLink {world: $world, object: $entity, name: '@entity'})
  RETURN collect(link.record) + [$entity] AS ever
}
MATCH (key:GtKey)
WHERE key.world = $world AND key.name >= '' AND ($entity IS NULL OR key.record IN ever)
CALL (key, seq, valid) {
  MATCH (fact:GtFact)
  WHERE fact.key = key.key AND fact.valid_from <= valid AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= seq
  WITH fact
  ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
  WITH collect(fact) AS said
  UNWIND [place IN range(0, size(said) - 1)
    WHERE place = 0 OR said[place - 1].valid_from <> said[place].valid_from | said[place]] AS cell
  WITH cell
  WHERE cell.op <> 'withdraw'
  RETURN cell AS claim
  ORDER BY cell.valid_from DESC
  LIMIT 1
}
WITH seq, valid, policy, rostered, claim
WHERE claim.op = 'assert'
WITH seq, valid, policy, rostered, claim.record AS record, collect(claim {
    .*, observed_at: coalesce(claim.observed_at, claim.valid_from), unit: coalesce(claim.unit, ''),
    far: CASE
      WHEN claim.name IN policy.functional THEN toString(claim.value)
      ELSE claim.object
    END
  }) AS claims

// Who exists, as which entity: the records, and those that they point to.
CALL (seq, valid, policy, rostered, record, claims) {
  UNWIND [record] + [claim IN claims WHERE claim.far IS NOT NULL | claim.far] AS end
  WITH DISTINCT seq, valid, policy, rostered, end, split(end, ':')[0] AS source
  CALL (seq, valid, end) {
    UNWIND ['@type', '@entity'] AS name
    MATCH (key:GtKey {world: $world, record: end, name: name, layer: 'reported'})
    MATCH (fact:GtFact)
    WHERE fact.key = key.key AND fact.valid_from <= valid AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= seq
    WITH name, fact
    ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
    WITH name, collect(fact) AS said
    WITH name, [place IN range(0, size(said) - 1)
      WHERE said[place].op <> 'withdraw'
        AND (place = 0 OR said[place - 1].valid_from <> said[place].valid_from) | said[place]][0] AS top
    WHERE top.op = 'assert'
    RETURN collect([name, top.value]) AS told
  }
  // A record that its source's newest roster misses, and nobody spoke of since, is stale, then retired.
  CALL (seq, valid, policy, rostered, end, source) {
    WITH seq, valid, policy, end, source
    WHERE source IN rostered AND end <> source + ':@roster'
    MATCH (key:GtKey {world: $world, record: end})
    MATCH (fact:GtFact)
    WHERE fact.key = key.key AND fact.valid_from <= valid AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= seq
    WITH seq, valid, policy, end, source, key, fact
    ORDER BY fact.prio, fact.id
    WITH seq, valid, policy, end, source, key.key AS about, fact.valid_from AS cell, collect(fact) AS said
    WHERE said[-1].op <> 'withdraw' AND any(fact IN said WHERE fact.prio < 1152921504606846976)
    WITH seq, valid, policy, source, max(cell) AS last,
      ',"' + replace(replace(substring(end, size(source) + 1), '\\', '\\\\'), '"', '\\"') + '",' AS local
    MATCH (key:GtKey {world: $world, record: source + ':@roster', name: '@roster'})
    MATCH (fact:GtFact)
    WHERE fact.key = key.key AND fact.valid_from <= valid AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= seq
    WITH policy, source, last, local, fact
    ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
    WITH policy, source, last, local, collect(fact) AS said
    WITH policy, source, [place IN range(0, size(said) - 1)
      WHERE said[place].op = 'assert'
        AND (place = 0 OR said[place - 1].valid_from <> said[place].valid_from) |
      last <= said[place].valid_from
        AND NOT ',' + substring(said[place].value_json, 1, size(said[place].value_json) - 2) + ',' CONTAINS local
      ] AS misses
    WITH coalesce([place IN range(0, size(misses) - 1) WHERE NOT misses[place] | place][0], size(misses)) AS missed,
      coalesce([place IN range(0, size(policy.sources) - 1)
        WHERE policy.sources[place] = source | policy.retire_after[place]][0], 2) AS limit
    RETURN collect(CASE WHEN missed >= limit THEN 'retired' WHEN missed > 0 THEN 'stale' ELSE 'active' END) AS lifecycle
  }
  WITH end, coalesce(lifecycle[0], 'active') AS lifecycle,
    [one IN told WHERE one[0] = '@type' | one[1]][0] AS type,
    coalesce([one IN told WHERE one[0] = '@entity' | toString(one[1])][0], end) AS entity
  RETURN collect({record: end, entity: entity, lifecycle: lifecycle,
    exists: type IS NOT NULL AND lifecycle <> 'retired'}) AS ends
}
WITH policy, record, claims, ends, [one IN ends WHERE one.record = record][0] AS own
WHERE own.exists
WITH policy, own.entity AS entity, collect({record: record, lifecycle: own.lifecycle}) AS records,
  reduce(all = [], part IN collect([claim IN claims | claim {
      .*, target: [one IN ends WHERE one.record = claim.far][0]
    }]) | all + part) AS claims
WHERE $entity IS NULL OR entity = $entity

// What the entity is: the winner of its records' types; stale when nobody is left who speaks of it.
CALL (policy, claims) {
  WITH policy, [claim IN claims WHERE claim.layer = 'reported' AND claim.name = '@type'] AS said
  WITH policy, said, [claim IN said WHERE claim.kind <> 'assumption'] AS spoken
  WITH policy, CASE WHEN size(spoken) > 0 THEN spoken ELSE said END AS standing
  WITH policy, standing,
    reduce(newest = standing[0].observed_at, claim IN standing |
      CASE WHEN claim.observed_at > newest THEN claim.observed_at ELSE newest END) AS newest
  UNWIND standing AS claim
  WITH policy, claim, newest, coalesce([place IN range(0, size(policy.sources) - 1)
    WHERE policy.sources[place] = claim.source | policy.trusts[place]][0], policy.trusts[-1]) AS trust
  WITH policy, claim, CASE
      WHEN claim.source IN policy.outranking THEN 1e308
      ELSE round(log(CASE WHEN trust > 1e-9 THEN trust ELSE 1e-9 END
        * CASE WHEN claim.confidence > 1e-9 THEN claim.confidence ELSE 1e-9 END) / log(2)
        - toFloat(newest - claim.observed_at) / policy.half_life, 9)
    END AS points
  ORDER BY
    CASE
      WHEN points = 1e308 THEN 1e308
      WHEN policy.strategy = 'prefer_recent' THEN toFloat(claim.observed_at)
      WHEN policy.strategy = 'prefer_high_confidence' THEN claim.confidence
      ELSE 0.0
    END DESC, points DESC, claim.confidence DESC, claim.observed_at DESC, claim.record DESC
  LIMIT 1
  RETURN toString(claim.value) AS type
}
WITH policy, entity, type, claims, [one IN records
  WHERE NOT any(voice IN ['rule:', 'override:', 'plan:', 'transition:', 'model:'] WHERE one.record STARTS WITH voice)
  ] AS speaking, records
WITH policy, entity, type, claims,
  CASE
    WHEN all(one IN CASE WHEN size(speaking) > 0 THEN speaking ELSE records END WHERE one.lifecycle = 'stale')
      THEN 'stale'
    ELSE 'active'
  END AS lifecycle

// The groups of claims that say one thing, and the winner of each.
OPTIONAL CALL (policy, entity, type, claims) {
  UNWIND [claim IN claims WHERE NOT claim.name IN ['@type', '@entity', '@roster']] AS claim
  WITH policy, entity, type, claim, CASE
      WHEN claim.name IN policy.functional THEN 'functional'
      WHEN claim.name IN policy.relations THEN 'many'
      WHEN claim.object IS NOT NULL AND claim.name CONTAINS '.' AND split(claim.name, '.')[0] IN policy.relations
        THEN 'attribute'
      ELSE 'value'
    END AS form
  WITH policy, entity, type, form, claim.layer AS layer, claim.name AS name,
    CASE WHEN form IN ['many', 'attribute'] THEN coalesce(claim.target.entity, claim.far) END AS target,
    CASE WHEN form = 'many' AND NOT coalesce(claim.target.exists, false) THEN claim.far END AS missing,
    collect(claim) AS said
  WITH *, [claim IN said WHERE claim.kind <> 'assumption'] AS spoken,
    [place IN range(0, size(policy.fields) - 1)
      WHERE policy.fields[place] IN [type + '/' + name, '/' + name] | place][0] AS place
  WITH policy, entity, form, layer, name, target, size(said) - 1 AS rivals,
    CASE WHEN size(spoken) > 0 THEN spoken ELSE said END AS standing,
    policy.fields[place] AS field,
    coalesce(policy.half_lives[place], policy.half_life) AS half_life,
    coalesce(policy.strategies[place], policy.strategy) AS strategy
  CALL (policy, standing, field, half_life, strategy) {
    WITH *, reduce(newest = standing[0].observed_at, claim IN standing |
      CASE WHEN claim.observed_at > newest THEN claim.observed_at ELSE newest END) AS newest
    UNWIND standing AS claim
    WITH *, coalesce(
      [place IN range(0, size(policy.authorities) - 1)
        WHERE policy.authorities[place] = claim.source + ' ' + field | policy.authority_trusts[place]][0],
      [place IN range(0, size(policy.authorities) - 1)
        WHERE NOT claim.source IN policy.sources AND policy.authorities[place] = ' ' + field
        | policy.authority_trusts[place]][0],
      [place IN range(0, size(policy.sources) - 1)
        WHERE policy.sources[place] = claim.source | policy.trusts[place]][0],
      policy.trusts[-1]) AS trust
    WITH strategy, claim, CASE
        WHEN claim.source IN policy.outranking THEN 1e308
        ELSE round(log(CASE WHEN trust > 1e-9 THEN trust ELSE 1e-9 END
          * CASE WHEN claim.confidence > 1e-9 THEN claim.confidence ELSE 1e-9 END) / log(2)
          - toFloat(newest - claim.observed_at) / half_life, 9)
      END AS points
    ORDER BY
      CASE
        WHEN points = 1e308 THEN 1e308
        WHEN strategy = 'prefer_recent' THEN toFloat(claim.observed_at)
        WHEN strategy = 'prefer_high_confidence' THEN claim.confidence
        ELSE 0.0
      END DESC, points DESC, claim.confidence DESC, claim.observed_at DESC,
      claim.record DESC, claim.name DESC, coalesce(claim.object, '') DESC
    RETURN collect(claim {.*, points: points}) AS ranked
  }
  WITH *, ranked[0] AS winner, [claim IN ranked
    WHERE claim.unit <> ranked[0].unit
      OR NOT coalesce(claim.value = ranked[0].value OR claim.value_json = ranked[0].value_json, false)] AS others
  // A weighted mean where the field asks for one and its claims differ; else the winner's own.
  WITH *, strategy = 'merge_with_uncertainty' AND size(others) > 0 AND all(claim IN ranked
    WHERE claim.points < 1e308 AND claim.unit = winner.unit AND claim.value_json IS NULL
      AND valueType(claim.value) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL']) AS merged
  WITH *, CASE WHEN merged THEN reduce(sum = 0.0, claim IN ranked | sum + 2 ^ claim.points) END AS total
  RETURN form, layer, name, rivals, target, winner,
    CASE
      WHEN merged THEN reduce(sum = 0.0, claim IN ranked | sum + 2 ^ claim.points * claim.value) / total
      ELSE coalesce(winner.value, winner.value_json)
    END AS value,
    CASE WHEN merged THEN null ELSE winner.id END AS fact,
    CASE
      WHEN merged THEN reduce(last = winner.valid_from, claim IN ranked |
        CASE WHEN claim.valid_from > last THEN claim.valid_from ELSE last END)
      ELSE winner.valid_from
    END AS valid_from,
    CASE
      WHEN merged THEN reduce(sum = 0.0, claim IN ranked | sum + 2 ^ claim.points * claim.confidence) / total
      ELSE winner.confidence
    END AS confidence,
    NOT merged AND winner.points < 1e308 AND size(others) > 0
      AND (strategy = 'escalate_to_human' OR any(claim IN others WHERE winner.points - claim.points < 0.152003093)
      ) AS disputed
}
// Edges are drawn where both ends exist, and attributes where their edge is.
WITH entity, type, lifecycle, {form: form, layer: layer, name: name, value: value, unit: winner.unit,
  valid_from: valid_from, source: winner.source, confidence: confidence, rivals: rivals, disputed: disputed, fact: fact,
  object: CASE
    WHEN form = 'functional' AND winner.target.exists THEN winner.target.entity
    WHEN form = 'many' AND winner.target.exists AND value = true THEN target
    WHEN form = 'attribute' THEN target
  END, looped: form IN ['functional', 'many'] AND winner.far <> winner.record AND winner.target.entity = entity} AS held
WITH entity, type, lifecycle, collect(
    CASE WHEN held.form = 'value' OR (held.object IS NOT NULL AND NOT held.looped) THEN held END
  ) AS helds
UNWIND [null] + [held IN helds
  WHERE held.form <> 'attribute' OR any(edge IN helds
    WHERE edge.form IN ['functional', 'many'] AND edge.layer = held.layer AND edge.object = held.object
      AND edge.name = split(held.name, '.')[0])] AS held
RETURN entity, type,
  coalesce([one IN helds WHERE one.layer = 'reported' AND one.name = 'status' AND one.form = 'value' |
    toString(one.value)][0], lifecycle) AS status,
  held.layer AS layer, held.name AS name,
  CASE WHEN held.form IN ['functional', 'many'] THEN null ELSE held.value END AS value,
  held.unit AS unit, held.object AS object,
  CASE
    WHEN held.valid_from > -4611686018427387904
      THEN datetime({epochSeconds: held.valid_from / 1000000, nanosecond: held.valid_from % 1000000 * 1000})
  END AS since,
  held.source AS source, held.confidence AS confidence, held.rivals AS rivals, held.disputed AS disputed,
  held.fact AS fact
ORDER BY entity, layer, name, object
