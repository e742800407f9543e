// purpose: Keep acts: intents, and their outcomes once they are known.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (act:GtAct {world: $world, id: row[0]})
SET act.plan = row[1], act.run = row[2], act.place = row[3], act.covers = row[4], act.entity = row[5],
  act.action = row[6], act.actuator = row[7], act.request = row[8], act.effects = row[9], act.epoch = row[10],
  act.not_after = row[11], act.at = row[12], act.outcome = row[13], act.answered_at = row[14], act.answer = row[15]
