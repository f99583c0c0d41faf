"""A private, temporary PostgreSQL server."""
