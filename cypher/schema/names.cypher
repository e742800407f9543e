// purpose: The names of all constraints and indexes.
// mode: read
// params: -
// returns: names
SHOW INDEXES YIELD name
RETURN collect(name) AS names
