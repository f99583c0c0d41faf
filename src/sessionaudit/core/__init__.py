"""The vocabulary. No I/O, and names no kind."""
