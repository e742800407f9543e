"""graphtwin: a graph that stays true to a real or digital system, and acts on it safely and explainably."""

__version__ = "0.1.0"
