"""How other programs call what this one has: by an option here, or by one with a value."""

from __future__ import annotations

ELSEWHERE = {
    "config": "--contract",
    "connection": "--database-url",
    "db": "--database-url",
    "db-url": "--database-url",
    "dbname": "--database-url",
    "dsn": "--database-url",
    "force": "--yes",
    "host": "--database-url",
    "json": "--format json",
    "silent": "--quiet",
    "uri": "--database-url",
    "url": "--database-url",
}
