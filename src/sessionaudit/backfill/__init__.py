"""How rows that break a promise are mended, and how that is taken back."""
