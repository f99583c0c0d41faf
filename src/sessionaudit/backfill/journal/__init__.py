"""The journal of a backfill, and all that reads it."""
