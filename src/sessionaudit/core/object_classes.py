"""Every class of object that PostgreSQL knows, and what it means that none of our kinds covers one.

The names are those of pg_identify_object (getObjectTypeDescription in src/backend/catalog/objectaddress.c, of
PostgreSQL 18). Each kind declares its own in `Kind.classes`; the rest is not audited.
"""

from __future__ import annotations

# What is part of another object, and audited with that.
WITH_OTHERS = frozenset(
    {
        "toast table",
        "toast table column",
        "index column",
        "sequence column",
        "view column",
        "materialized view column",
        "foreign table column",
    }
)
# In the words of people, in the plural, in the order in which they are told.
IN_WORDS = {
    "role": "roles",
    "subscription": "subscriptions",
    "cast": "casts",
    "conversion": "conversions",
    "language": "languages",
    "operator": "operators",
    "operator family": "operator families",
    "operator of access method": "operators of access methods",
    "function of access method": "functions of access methods",
    "access method": "access methods",
    "transform": "transforms",
    "text search parser": "text search parsers",
    "text search dictionary": "text search dictionaries",
    "text search template": "text search templates",
    "text search configuration": "text search configurations",
    "foreign-data wrapper": "foreign-data wrappers",
    "user mapping": "user mappings",
    "large object": "large objects",
    "database": "settings of databases",
    "tablespace": "tablespaces",
    "parameter ACL": "privileges on parameters",
}
