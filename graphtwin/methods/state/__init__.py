"""State from facts: claims, fusion, existence, identity, hashes (S4 to S24)."""
