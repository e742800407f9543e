// purpose: The records that a decision ever put into one of the entities: [entity, record].
// mode: read
// params: world, rows
// returns: members
UNWIND $rows AS entity
MATCH (link:GtLink {world: $world, object: entity})
WHERE link.name = '@entity'
RETURN collect([entity, link.record]) AS members
