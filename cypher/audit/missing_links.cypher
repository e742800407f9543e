// purpose: Facts that point to something and the registry doesn't say so.
// mode: read
// params: world, functional, limit
// returns: links
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq >= 0
WITH DISTINCT fact.key AS text, [
    fact.object,
    CASE WHEN fact.op = 'assert' AND (fact.name = '@entity' OR fact.name IN $functional) THEN toString(fact.value) END
  ] AS ends
UNWIND ends AS end
WITH DISTINCT text, end
WHERE end IS NOT NULL AND NOT EXISTS { MATCH (link:GtLink {key: text, object: end}) }
WITH replace(text, '\u001f', ' ') + ' to ' + end AS link
LIMIT $limit
RETURN collect(link) AS links
