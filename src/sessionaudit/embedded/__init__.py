"""Run a private, temporary PostgreSQL server."""
