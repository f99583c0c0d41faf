"""Schema: what a database holds of what a contract names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Skipped
    from sessionaudit.core.kind import Entry, ObjectPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The objects of one snapshot by kind's name and path; a kind that could not be read is not there.

    `schemas` are the names of all schemas that the database has, whether the contract names them or not.
    """

    objects: Mapping[str, Mapping[ObjectPath, Any]]
    schemas: frozenset[str]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a contract names, before what it says of each is read.

    `entries` are by kind's name and path. `relations` are the schema and the name of every relation that holds others,
    by the name of its kind.
    """

    file: str
    schema: str
    entries: Mapping[str, Mapping[ObjectPath, Entry]]
    relations: Mapping[str, list[ObjectPath]]
