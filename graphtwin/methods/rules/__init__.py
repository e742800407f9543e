"""In which order rules run, and what a derivation writes."""
