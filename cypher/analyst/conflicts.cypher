// purpose: Where sources contradict each other: every claim in force about such a value, with its score, best first.
//   The winner is shown; `disputed` says that it isn't clear (S11). As `graphtwin why` has it, for the whole world.
// mode: read
// params: world, disputed_only
// returns: entity, variable, layer, place, value, unit, source, score, confidence, observed, wins, disputed, fact
// needed: the world's id
// :param world => 'third-floor'
// default: true shows only what is disputed
// :param disputed_only => false
MATCH (world:GtWorld {id: $world})
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
WITH world, properties(configuration) AS policy
MATCH (record:GtRecord)
WHERE record.world = $world AND record.entity >= '' AND record.type IS NOT NULL AND record.lifecycle <> 'retired'
MATCH (thing:Entity {world: $world, id: record.entity})
MATCH (key:GtKey {world: $world, record: record.id})
WHERE NOT key.name STARTS WITH '@' AND coalesce(key.object, '') = ''
CALL (world, key) {
  MATCH (fact:GtFact)
  WHERE fact.key = key.key AND fact.valid_from <= world.valid AND fact.prio >= 0 AND fact.id >= ''
    AND fact.seq <= world.seq
  WITH fact
  ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
  WITH collect(fact) AS said
  RETURN [place IN range(0, size(said) - 1)
    WHERE said[place].op <> 'withdraw'
      AND (place = 0 OR said[place - 1].valid_from <> said[place].valid_from) | said[place]][0] AS claim
}
WITH policy, thing, key.layer AS layer, key.name AS name, claim
WHERE claim.op = 'assert'
WITH policy, thing, layer, name, collect(claim {
    .*, observed_at: coalesce(claim.observed_at, claim.valid_from), unit: coalesce(claim.unit, '')
  }) AS said
WITH *, [claim IN said WHERE claim.kind <> 'assumption'] AS spoken, [place IN range(0, size(policy.fields) - 1)
  WHERE policy.fields[place] IN [thing.type + '/' + name, '/' + name] | place][0] AS place
WITH policy, thing, layer, name, CASE WHEN size(spoken) > 0 THEN spoken ELSE said END AS standing,
  policy.fields[place] AS field, coalesce(policy.half_lives[place], policy.half_life) AS half_life,
  coalesce(policy.strategies[place], policy.strategy) AS strategy
WHERE any(claim IN standing WHERE claim.unit <> standing[0].unit
  OR NOT coalesce(claim.value = standing[0].value OR claim.value_json = standing[0].value_json, false))
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
    END DESC, points DESC, claim.confidence DESC, claim.observed_at DESC, claim.record DESC
  RETURN collect(claim {.*, points: points}) AS ranked
}
WITH *, ranked[0] AS winner, [claim IN ranked
  WHERE claim.unit <> ranked[0].unit
    OR NOT coalesce(claim.value = ranked[0].value OR claim.value_json = ranked[0].value_json, false)] AS others
WITH *, strategy = 'merge_with_uncertainty' AND all(claim IN ranked
  WHERE claim.points < 1e308 AND claim.unit = winner.unit AND claim.value_json IS NULL
    AND valueType(claim.value) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL']) AS merged
WITH *, NOT merged AND winner.points < 1e308
  AND (strategy = 'escalate_to_human' OR any(claim IN others WHERE winner.points - claim.points < 0.152003093)
  ) AS disputed
WHERE disputed OR NOT $disputed_only
UNWIND range(0, size(ranked) - 1) AS place
WITH *, ranked[place] AS claim
RETURN thing.id AS entity, name AS variable, layer, place + 1 AS place,
  coalesce(claim.value, claim.value_json) AS value, claim.unit AS unit, claim.source AS source,
  CASE WHEN claim.points < 1e308 THEN claim.points END AS score, claim.confidence AS confidence,
  datetime({epochMillis: claim.observed_at / 1000}) AS observed, merged OR place = 0 AS wins, disputed, claim.id AS fact
ORDER BY entity, variable, layer, place
