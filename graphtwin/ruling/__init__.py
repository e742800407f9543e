"""Rules at work inside a commit: what they ask of its transaction, and what is to be written."""
