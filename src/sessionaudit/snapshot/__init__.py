"""A contract made from what a database has."""
