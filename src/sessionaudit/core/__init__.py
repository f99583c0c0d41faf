"""The vocabulary. No I/O, and no kind by name."""
