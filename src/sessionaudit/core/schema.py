"""Define Schema: the objects of a database that a contract names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Skipped
    from sessionaudit.core.kind import Entry, ObjectPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The objects of one snapshot by kind's name and path; kinds that could not be read are missing.

    `schemas` are the names of all schemas of the database, including those that the contract does not name.
    """

    objects: Mapping[str, Mapping[ObjectPath, Any]]
    schemas: frozenset[str]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names in a contract, before the definitions are read.

    `entries` are by kind's name and path. `relations` are the schema and the name of every relation that holds others.
    """

    file: str
    schema: str
    entries: Mapping[str, Mapping[ObjectPath, Entry]]
    relations: list[ObjectPath]
