// purpose: Who decided what, as the audit chain has it: claims, overrides, identities, approvals, freezes, users, rollbacks.
//   `said` is the record itself, as JSON, and so are the texts; `graphtwin audit verify` proves the chain.
// mode: read
// params: world, by, kinds
// returns: n, at, kind, by, about, reason, run, said
// needed: the world's id
// :param world => 'third-floor'
// default: one principal only, such as 'ann'; null is everybody
// :param by => null
// default: the kinds of records
// :param kinds => ['principal-added', 'principal-revoked', 'claim', 'override', 'identity', 'approval', 'rejection', 'frozen', 'unfrozen', 'configuration', 'rollback', 'restore']
MATCH (record:GtAudit)
WHERE record.world = $world AND record.kind IN $kinds AND record.n >= 0
WITH record, replace(record.body, '\\"', "'") AS body
WITH record, body, split(split(body, '"principal":"')[1], '"')[0] AS by
WHERE $by IS NULL OR by = $by
RETURN record.n AS n, datetime({epochMillis: record.at / 1000}) AS at, record.kind AS kind, by,
  coalesce(
    split(split(body, '"entity":"')[1], '"')[0],
    split(split(body, '"entities":["')[1], '"')[0],
    split(split(body, '"plan":"')[1], '"')[0],
    split(split(body, '"id":"')[1], '"')[0],
    split(split(body, '"undone":"')[1], '"')[0]
  ) AS about,
  split(split(body, '"reason":"')[1], '"')[0] AS reason, record.run AS run, record.body AS said
ORDER BY n DESC
