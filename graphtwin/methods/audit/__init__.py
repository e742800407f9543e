"""The audit chain and what its records say."""
