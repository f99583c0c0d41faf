"""Which types a foreign key can compare: for every pair that is known, what PostgreSQL itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from servers import connect
from sessionaudit.core import sqlstate
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.enum.model import Enum
from sessionaudit.kinds.foreign_key.comparable import KNOWN, comparable

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template
    from sessionaudit.core.kind import ObjectPath

MODELS: dict[str, dict[ObjectPath, Any]] = {kind.name: {} for kind in KINDS}
MODELS["enum"] = {("public", name): Enum(values=("a",)) for name in ("e1", "e2")}
TYPES = (*KNOWN, "e1", "e2", "time without time zone", "oid", "interval", "integer[]", "numeric(12,2)")


@pytest.mark.thorough
def test_what_is_told_of_two_types_is_what_postgresql_says(template: Template, make_database: MakeDatabase) -> None:
    made = [f"create type e{number} as enum ('a')" for number in (1, 2)]
    made += [f"create table t{number} (id {type_} unique)" for number, type_ in enumerate(TYPES)]
    with connect(make_database(template("types", made))) as connection:
        wrong = []
        for own in TYPES:
            for number, other in enumerate(TYPES):
                refused = ""
                try:
                    connection.execute(f"create table u (a {own} references t{number} (id))")
                except psycopg.Error as error:
                    refused = error.sqlstate or ""
                connection.execute("drop table if exists u")
                assert refused in {"", sqlstate.DATATYPE_MISMATCH}, (own, other, refused)
                told = comparable(own, other, MODELS, "public")
                unknown = not {own, other} <= {*KNOWN, "e1", "e2", "numeric(12,2)"}
                if told is bool(refused) and not (told and unknown):
                    wrong.append((own, other, refused))
        assert wrong == []
