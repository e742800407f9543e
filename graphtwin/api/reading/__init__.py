"""What is read: the roots of Query and their types."""
