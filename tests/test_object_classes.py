"""No class of object that PostgreSQL knows is forgotten silently."""

from __future__ import annotations

import re

from pages import not_looked_at
from servers import connect
from sessionaudit.core.object_classes import IN_WORDS, WITH_OTHERS
from sessionaudit.demo import system
from sessionaudit.kinds import KINDS, NOT_AUDITED

# Of getObjectTypeDescription and getRelationTypeDescription, PostgreSQL 13 to 18.
CLASSES = """
access method, aggregate, cast, collation, composite type, composite type column, conversion, database, default acl,
default value, domain constraint, event trigger, extension, foreign table, foreign table column, foreign-data wrapper,
function, function of access method, index, index column, language, large object, materialized view,
materialized view column, operator, operator class, operator family, operator of access method, parameter ACL, policy,
procedure, publication, publication namespace, publication relation, role, role membership, rule, schema, sequence,
sequence column, server, statistics object, subscription, table, table column, table constraint, tablespace,
text search configuration, text search dictionary, text search parser, text search template, toast table,
toast table column, transform, trigger, type, user mapping, view, view column"""
EVERY = frozenset(re.split(r",\s+", CLASSES.strip()))
COVERED = {name for kind in KINDS for name in kind.classes}


def test_every_class_is_audited_or_said_not_to_be() -> None:
    assert COVERED | WITH_OTHERS | IN_WORDS.keys() == EVERY
    assert not COVERED & (WITH_OTHERS | IN_WORDS.keys())


def test_a_server_knows_no_other(database: str) -> None:
    with connect(database) as connection:
        for statement in system.statements(system.GOOD):
            connection.execute(statement.encode())
        found = connection.execute(
            "select distinct (pg_identify_object(classid, objid, objsubid)).type from pg_depend where objid <> 0"
        ).fetchall()
    assert {row[0] for row in found} - {None} <= EVERY


def test_a_page_says_what_is_not_audited() -> None:
    assert [words for words in NOT_AUDITED if words not in not_looked_at()] == []
