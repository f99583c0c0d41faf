"""Find what only the plan of a write tells: null for a column that requires a value, and a conflict without a key.

The plan has what is written as the server completed it: with its defaults, and null where there is none. A constant
null there is one in every run; a parameter is none for certain.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.required_columns import GETS_DEFAULT, left_out, may_be_filled, refuses_null
from sessionaudit.audits.code.rows_of_values import is_null, rows_of_values
from sessionaudit.core import sqlstate
from sessionaudit.core.query import constant
from sessionaudit.postgres.generic_plans import plans_of
from sessionaudit.postgres.parse import parse_all
from sessionaudit.sql.text import Token, UnclosedError, cut, identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.audits.code.rows_of_values import RowOfSeveral
    from sessionaudit.audits.code.schema_cache.model import RelationPath
    from sessionaudit.core.finding import Rule
    from sessionaudit.postgres.connection import Connection

_WRITES = ("insert", "update")
_NULL = re.compile(r"NULL::[^()'<>=+*/|-]+(?:\([\d,]+\)[\w ]*)?(?:\[\])*")
_COLUMNS = constant(Path(__file__).with_name("written_columns.sql").read_text(encoding="utf-8"))
_OIDS = """
select pg_catalog.array_agg(pg_catalog.to_regclass(u.name)::oid order by u.place)
  from pg_catalog.unnest(%s::text[]) with ordinality as u (name, place)"""
_NOT_PLANNED = "whether null is written where none may be: the role that judges may not have the write planned"
_NOT_ALONE = "a row with null, of several, cannot be looked at by itself"
_CHILDREN = {"Outer", "Member"}  # as PostgreSQL 14 and 13 call that of which the rows come
_MOST_PARTS = 2  # of a name
_BEHIND_COLUMNS = set("values select default table overriding with".split())
_SEVERAL = "Values Scan"
_WHOLE_ROWS = 140_000  # before that version, an update had a place for each column, as an insert has


class _PlannedColumn(NamedTuple):
    path: RelationPath
    oid: int
    alone: bool
    fills_inserted: bool
    fills_updated: bool
    number: int
    name: str
    required: bool
    has_default: bool
    dropped: bool


class PlanFault(NamedTuple):
    """Why a statement fails: the rule, the code, the sentence and the hint, and where it stands, from 1, or 0.

    It is about a column, or about the statement as a whole.
    """

    rule: Rule
    state: str
    message: str
    hint: str = ""
    position: int = 0
    path: RelationPath | None = None
    column: str = ""


class WrittenNulls(Struct):
    """What is found of a statement: faults, and why others are not known."""

    faults: list[PlanFault] = field(default_factory=list[PlanFault])
    doubts: list[str] = field(default_factory=list[str])


class _Write(NamedTuple):
    """A statement that is planned as one write of a table, and the places at which its rows have a constant null."""

    text: str
    tokens: Sequence[Token]
    inserts: bool
    columns: Sequence[_PlannedColumn]
    width: int
    nulls: Sequence[int]


def written_nulls(connection: Connection, texts: Sequence[str]) -> dict[str, WrittenNulls]:
    """Return what is found of statements that the server has parsed, in the open transaction. Raises psycopg.Error."""
    found, several = _planned(connection, [text for text in texts if _writes(text)])
    _judge_rows(connection, several, found)
    return {text: one for text, one in found.items() if one.faults or one.doubts}


def _planned(connection: Connection, asked: Sequence[str]) -> tuple[dict[str, WrittenNulls], list[str]]:
    """Return what the plan of each write tells, and those writes of several rows, which it does not show."""
    found = {text: WrittenNulls() for text in asked}
    roots: dict[str, dict[str, Any]] = {}
    for text, plan in zip(asked, plans_of(connection, asked), strict=True):
        if plan.state == sqlstate.INSUFFICIENT_PRIVILEGE:
            found[text].doubts.append(f"{_NOT_PLANNED}: {plan.message}")
        elif plan.state == sqlstate.INVALID_COLUMN_REFERENCE:
            found[text].faults += (faults := _without_key(text, plan.message))
            found[text].doubts += [] if faults else [plan.message]
        elif plan.state:
            found[text].doubts.append(f"the server does not plan it: {plan.message}")
        elif len(plan.plans) == 1 and plan.plans[0].get("Operation") in {"Insert", "Update"}:
            roots[text] = plan.plans[0]
    columns = _columns(connection, {path for root in roots.values() if (path := _path(root)) is not None})
    writes = [
        write
        for text, root in roots.items()
        if (path := _path(root)) in columns and (write := _write(text, root, columns[path])) is not None
    ]
    inserts = [one for one in writes if one.inserts]
    for one, nulls in zip(inserts, _named(connection, inserts), strict=True):
        _judge_insert(one, nulls, found[one.text])
    updates = [one for one in writes if not one.inserts]
    for one, numbers in zip(updates, _assigned(connection, updates), strict=True):
        _judge_update(one, numbers, found[one.text])
    return found, [text for text, root in roots.items() if _below(root).get("Node Type") == _SEVERAL]


def _writes(text: str) -> bool:
    """Tell whether a statement is an insert or an update, which may stand behind the parts of a WITH."""
    words = [token.text.lower() for token in _tokens(text)]
    behind = (word for before, word in pairwise(words) if before == ")")
    return words[:1] != [] and (words[0] in _WRITES or (words[0] == "with" and any(word in _WRITES for word in behind)))


def _without_key(text: str, message: str) -> list[PlanFault]:
    """Return what is wrong with an ON CONFLICT for which there is no unique index, whatever the parameters."""
    words = _tokens(text)
    said = [token.text.lower() for token in words]
    start = said.index("conflict") if "conflict" in said else len(said)
    end = said.index("do", start) if "do" in said[start:] else len(said)
    if start == end or any(token.sort == "parameter" for token in words[start:end]):
        return []
    state = sqlstate.INVALID_COLUMN_REFERENCE
    return [PlanFault(rules.NO_CONFLICT_KEY, state, message, position=words[start].start + 1)]


def _judge_rows(connection: Connection, texts: Sequence[str], found: Mapping[str, WrittenNulls]) -> None:
    """Judge each row with a null of statements with several.

    A statement may have several VALUES. Those that are written are those of which a row alone is planned as one.
    """
    rows = {text: some for text in texts if (some := _looked_at(text)) is not None}
    alone = list(dict.fromkeys(row.text for some in rows.values() for row in some))
    refused = {text for text, why in zip(alone, parse_all(connection, alone), strict=True) if why is not None}
    nulls, several = _planned(connection, [text for text in alone if text not in refused])
    elsewhere = refused.union(several)
    for text, some in rows.items():
        if any(row.has_null and row.text in refused for row in some) or all(row.text in elsewhere for row in some):
            found[text].doubts.append(_NOT_ALONE)
        for row in some:
            own = nulls.get(row.text, WrittenNulls())
            told = {one.column for one in found[text].faults}
            found[text].faults += [
                one._replace(position=row.position(one.position)) for one in own.faults if one.column not in told
            ]
            found[text].doubts += [why for why in own.doubts if why not in found[text].doubts]


def _looked_at(text: str) -> list[RowOfSeveral] | None:
    """Return the rows with a null, or the first, of each VALUES with several; None if none at all has a null."""
    lists = rows_of_values(text, _tokens(text))
    if not any(row.has_null for rows in lists for row in rows):
        return None
    several = [rows for rows in lists if len(rows) > 1]
    return [row for rows in several for row in ([one for one in rows if one.has_null] or rows[:1])]


def _path(root: Mapping[str, Any]) -> RelationPath | None:
    schema, name = root.get("Schema"), root.get("Relation Name")
    return (schema, name) if isinstance(schema, str) and isinstance(name, str) else None


def _columns(connection: Connection, paths: set[RelationPath]) -> dict[RelationPath | None, list[_PlannedColumn]]:
    if not paths:
        return {}
    given = {"schemas": [schema for schema, _ in paths], "names": [name for _, name in paths]}
    rows = connection.execute(_COLUMNS, given).fetchall()
    found: dict[RelationPath | None, list[_PlannedColumn]] = {}
    for schema, name, *rest in rows:
        found.setdefault((schema, name), []).append(_PlannedColumn((schema, name), *rest))
    return found


def _write(text: str, root: Mapping[str, Any], columns: Sequence[_PlannedColumn]) -> _Write | None:
    below = _below(root)
    if below.get("One-Time Filter") == "false":
        return None
    output: list[str] = below.get("Output", [])
    nulls = [place for place, said in enumerate(output) if _NULL.fullmatch(said)]
    tokens = _tokens(text)
    inserts = root["Operation"] == "Insert"
    return _Write(text, tokens, inserts, columns, len(output), nulls) if nulls else None


def _below(root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a plan from which the written rows come; nothing, if it has several."""
    below = [one for one in root.get("Plans", ()) if one.get("Parent Relationship") in _CHILDREN]
    return below[0] if len(below) == 1 else {}


def _tokens(text: str) -> Sequence[Token]:
    try:
        return cut(text)
    except UnclosedError:
        return ()


def _named(connection: Connection, writes: Sequence[_Write]) -> list[list[tuple[_PlannedColumn, bool]]]:
    """Return the columns that get null, and whether the statement names each: named twice, the server refuses it."""
    found: list[list[tuple[_PlannedColumn, bool]]] = []
    for one in writes:
        # Each column has a place, a dropped one, too.
        numbers = {place + 1 for place in one.nulls} if one.width == len(one.columns) else set[int]()
        some = [column for column in one.columns if column.required and column.number in numbers]
        opening = _opening(one)
        twice = [_with(one.text, opening.end, f"{identifier(column.name)}, ") for column in some] if opening else []
        refusals = parse_all(connection, twice) if opening else [None] * len(some)
        found.append(
            [
                (column, refusal is not None and refusal.state == sqlstate.DUPLICATE_COLUMN)
                for column, refusal in zip(some, refusals, strict=True)
            ]
        )
    return found


def _opening(one: _Write) -> Token | None:
    """Return the parenthesis that opens the list of columns of an insert, if it has one."""
    if not one.tokens or one.tokens[0].text.lower() != "insert":
        return None
    for token in one.tokens:
        if token.text == "(":
            return token
        if token.sort == "word" and token.text.lower() in _BEHIND_COLUMNS:
            return None
    return None


def _judge_insert(one: _Write, nulls: Sequence[tuple[_PlannedColumn, bool]], found: WrittenNulls) -> None:
    says_null = any(is_null(token) for token in one.tokens)
    for column, named in nulls:
        if column.fills_inserted:
            found.doubts.append(may_be_filled(column.path, column.name))
        elif named or column.has_default or (says_null and _opening(one) is None):
            found.faults.append(_null(one, column))
        else:
            message = left_out(column.path, column.name)
            found.faults.append(_fault(column, rules.OMITTED_COLUMN, message, position=_table(one)))


def _null(one: _Write, column: _PlannedColumn) -> PlanFault:
    hint = GETS_DEFAULT if one.inserts and column.has_default else ""
    said = [token.start + 1 for token in one.tokens if is_null(token)]
    named = [token.start + 1 for token in one.tokens if token.text.strip('"') == column.name]
    at = said[0] if len(said) == 1 else named[0] if len(named) == 1 else 0
    message = refuses_null(column.path, column.name)
    return _fault(column, rules.NULL_VALUE, message, hint, at)


def _fault(column: _PlannedColumn, rule: Rule, message: str, hint: str = "", position: int = 0) -> PlanFault:
    state = sqlstate.NOT_NULL_VIOLATION
    return PlanFault(rule, state, message, hint, position, column.path, column.name)


def _table(one: _Write) -> int:
    """Return where the name stands behind the first INTO."""
    words = [token.text.lower() for token in one.tokens]
    place = words.index("into") + 1 if "into" in words else len(words)
    return one.tokens[place].start + 1 if place < len(words) else 0


def _assigned(connection: Connection, writes: Sequence[_Write]) -> list[list[int]]:
    """Return the numbers of the columns that the places of each update stand for.

    From PostgreSQL 14 on, it has places for what is assigned alone, in the order of the table. Which columns these are
    the server tells: it refuses an update that assigns one of them twice.
    """
    if connection.info.server_version < _WHOLE_ROWS:
        # That of a table below may have another order.
        return [[column.number for column in one.columns if column.alone] for one in writes]
    targets = [_target(one) for one in writes]
    names = [name for name, _ in targets]
    row = connection.execute(_OIDS, (names,)).fetchone() if names else None
    found: list[list[int]] = []
    for one, (_, end), oid in zip(writes, targets, row[0] if row else (), strict=True):
        numbers: list[int] = []
        if end and oid == one.columns[0].oid:  # and no view of it, which may call the columns otherwise
            there = [column for column in one.columns if not column.dropped]
            twice = [_with(one.text, end, f" {identifier(column.name)} = default,") for column in there]
            refusals = parse_all(connection, twice)
            numbers = [
                column.number
                for column, refusal in zip(there, refusals, strict=True)
                if refusal is not None and refusal.state == sqlstate.SYNTAX_ERROR
            ]
        found.append(numbers)
    return found


def _target(one: _Write) -> tuple[str, int]:
    """Return the name of the table that an update begins with, as it is spelled, and where its SET ends; "" and 0."""
    words = [token.text.lower() if token.sort == "word" else "" for token in one.tokens]
    if words[:1] != ["update"] or "set" not in words:
        return "", 0
    first = 2 if words[1] == "only" else 1
    end = first + 1
    while one.tokens[end].text == "." and end + 1 < len(words):
        end += 2
    parts = one.tokens[first:end:2]
    spelled = all(token.sort == "word" or token.text.startswith('"') for token in parts)
    if not spelled or len(parts) > _MOST_PARTS:
        return "", 0
    return ".".join(token.text for token in parts), one.tokens[words.index("set")].end


def _judge_update(one: _Write, numbers: Sequence[int], found: WrittenNulls) -> None:
    by_number = {column.number: column for column in one.columns}
    for place in one.nulls:
        column = by_number.get(numbers[place]) if place < len(numbers) else None
        if column is None or not column.required:
            continue
        if column.fills_updated:
            found.doubts.append(may_be_filled(column.path, column.name))
        else:
            found.faults.append(_null(one, column))


def _with(text: str, at: int, more: str) -> str:
    return f"{text[:at]}{more}{text[at:]}"
