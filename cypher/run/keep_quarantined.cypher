// purpose: Keep messages that weren't taken, once.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (message:GtQuarantine {world: $world, id: row[0]})
ON CREATE SET message.source = row[1], message.place = row[2], message.reason = row[3], message.hint = row[4],
  message.raw = row[5], message.size = row[6], message.sha256 = row[7], message.at = row[8], message.run = row[9]
