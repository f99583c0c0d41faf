"""`sessionaudit backfill`: the command, and a module for each of its modes."""
