"""The story of one row, link by link."""
