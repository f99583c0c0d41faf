"""Collations: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.kinds.collation.model import Collation, load, read
from sessionaudit.kinds.common import existence

MISSING = Rule(
    "SA171",
    "missing-collation",
    Severity.ERROR,
    "A collation of the contract does not exist.",
    "Tables, indexes and queries that name it cannot be created or run.",
    "The collation {object} does not exist: whatever names it fails (42704)."
    " It cannot be created from the contract, which does not define it.",
    fix="The contract says only that it exists. Create it with CREATE COLLATION, as in a database that has it.",
)
FORBIDDEN = Rule(
    "SA172",
    "forbidden-collation",
    Severity.WARNING,
    "A collation that the contract declares absent exists.",
    "It was meant to be removed; columns and indexes may still use it.",
    "The collation {object} exists, and the contract declares it absent.",
)

KIND = Kind(
    name="collation",
    section="collations",
    classes=("collation",),
    identity=("schema", "name"),
    model=Collation,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=lambda _collation: PRESENT,
    spell=lambda _collation: dict[str, str](),
    missing=MISSING,
    forbidden=FORBIDDEN,
    attributes=(),
    ignored=frozenset({"provider"}),
    shape=existence.SHAPE,
)
