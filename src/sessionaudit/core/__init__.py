"""Define the vocabulary. No I/O, and no kind is named here."""
