"""Extensions: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import listed
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.kinds.extension.model import Extension, read

MISSING = Rule(
    "SA101",
    "missing-extension",
    Severity.ERROR,
    "An extension that the contract names is not installed.",
    "Its types, functions and operators do not exist: whatever uses them fails.",
    "The extension {name} is not installed: its types and functions do not exist.",
)
FORBIDDEN = Rule(
    "SA102",
    "forbidden-extension",
    Severity.WARNING,
    "An extension that the contract declares absent is installed.",
    "It was meant to be removed; its types and functions may still be used.",
    "The extension {name} is installed, and the contract declares it absent.",
)

KIND = Kind(
    name="extension",
    section="extensions",
    classes=("extension",),
    identity=("name",),
    model=Extension,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=listed,
    read=read,
    load=lambda row, _schema: Extension(version=row[0]),
    show=lambda _extension: PRESENT,
    spell=lambda _extension: None,
    missing=MISSING,
    forbidden=FORBIDDEN,
    needed_by_queries=True,
    attributes=(),
    ignored=frozenset({"version"}),
    shape={"type": "string"},
)
