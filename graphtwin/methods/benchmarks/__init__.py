"""What benchmarks measure and how their figures read."""
