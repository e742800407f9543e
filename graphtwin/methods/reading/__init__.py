"""Signals in: strict parsing, times, units, mappings, event ids."""
