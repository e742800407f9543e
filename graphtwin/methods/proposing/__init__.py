"""A first configuration out of what sources say: types, ids, variables, units, relations, each guess with its reason."""
