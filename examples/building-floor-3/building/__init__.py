"""A floor of a building as it really behaves: physics, sensors, controls, faults, and the two ways to speak with it."""
