"""Write and read the journal of a backfill."""
