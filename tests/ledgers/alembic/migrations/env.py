"""The environment of Alembic; nothing here reads it."""
