"""A private PostgreSQL, made from nothing and gone when it is no longer needed."""
