"""Schema: what a database holds of what a contract names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Skipped
    from sessionaudit.core.kind import ObjectPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The objects of one snapshot by kind's name and path; a kind that could not be read is not there.

    `schemas` are the names of all schemas that the database has, whether the contract names them or not.
    """

    objects: Mapping[str, Mapping[ObjectPath, Any]]
    schemas: frozenset[str]
    skipped: tuple[Skipped, ...] = ()
