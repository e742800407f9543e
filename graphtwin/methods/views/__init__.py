"""The forms in which a state is published."""
