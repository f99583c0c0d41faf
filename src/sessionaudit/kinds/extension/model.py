"""Extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessionaudit.core.entries import listed
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Kind, beside
from sessionaudit.core.node import PRESENT

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An installed extension; its version is read, not judged."""

    version: str = field(default="", compare=False)


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


def read(_node: Node, _schema: str) -> Extension:
    """Read an entry of `extensions:`; the name says it all."""
    return Extension()


KIND = Kind(
    name="extension",
    section="extensions",
    identity=("name",),
    model=Extension,
    query=beside(__file__),
    entries=listed,
    read=read,
    load=lambda row, _schema: Extension(version=row[0]),
    show=lambda _extension: PRESENT,
    missing=MISSING,
    forbidden=FORBIDDEN,
    attributes=(),
    ignored=frozenset({"version"}),
    shape={"type": "string"},
)
