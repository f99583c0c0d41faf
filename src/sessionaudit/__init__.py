"""Holds a live PostgreSQL database against the schema that an application expects."""

__version__ = "0.1.0"
