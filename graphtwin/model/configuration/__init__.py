"""twin.yaml: its values, its loader, its mistakes."""
