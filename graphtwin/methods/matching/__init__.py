"""Which records are one thing, and what it is called."""
