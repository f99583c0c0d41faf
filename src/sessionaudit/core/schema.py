"""Define Schema: the objects of a database that a contract names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Skipped
    from sessionaudit.core.kind import Entry, ObjectPath


class Schema(Struct, frozen=True, kw_only=True):
    """The objects of one snapshot by kind's name and path; kinds that could not be read are missing.

    `schemas` are the names of all schemas of the database, including those that the contract does not name.
    """

    objects: Mapping[str, Mapping[ObjectPath, Any]]
    schemas: frozenset[str]
    skipped: tuple[Skipped, ...] = ()


class Named(Struct, frozen=True, kw_only=True):
    """The names in a contract, before the definitions are read.

    `entries` are by kind's name and path. `relations` are the schema and the name of every relation that holds others,
    by the name of its kind.
    """

    file: str
    schema: str
    entries: Mapping[str, Mapping[ObjectPath, Entry]]
    relations: Mapping[str, list[ObjectPath]]
