"""The reference files that are generated from the model."""
