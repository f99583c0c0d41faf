"""Find statements of SQL: in what is given to `execute(…)`, `fetch(…)`, `text(…)` and their like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    Choice,
    CodeStatement,
    CodeValue,
    Dynamic,
    Fate,
    Known,
    Span,
    Unknown,
    Unread,
    possible,
)
from sessionaudit.audits.code.readers.commands import is_judged
from sessionaudit.audits.code.readers.placeholders import Style, moved, numbered
from sessionaudit.audits.code.readers.python.connections import runs_sql
from sessionaudit.audits.code.readers.python.failures import raised
from sessionaudit.audits.code.readers.python.scopes import resolve
from sessionaudit.audits.code.readers.python.settings import Sets
from sessionaudit.audits.code.readers.python.syntax import argument, called, children, field, given, inner

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.readers.python.constants import PythonValues
    from sessionaudit.audits.code.readers.python.modules import PythonModules
    from sessionaudit.audits.code.readers.python.syntax import PythonFile

_WORDS = (
    "execute|executemany|execute_batch|execute_values|fetch|fetchrow|fetchval|fetch_all|fetch_one|fetch_val|iterate|"
    "fetchmany|cursor|prepare|exec_driver_sql|scalar|scalars|raw|stream|mogrify|read_sql|read_sql_query|text"
)
_NAMES = re.compile(rb"(?<!\w)(?P<at>" + _WORDS.encode() + rb")\s*\(")
_BEGINS = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select\s|insert\s+into\s|delete\s+from\s|merge\s+into\s|"
    r"update\s[^;]*?\sset\s|with\s+(?:recursive\s+)?[\w\"]+\s*(?:\([^()]*\)\s*)?as\s|"
    r"call\s+[\w.]+\s*\(|values\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_DATABASE = re.compile(
    rb"^\s*(?:from|import)\s+(?:sqlite3|aiosqlite|MySQLdb|pymysql|aiomysql|mysql|duckdb|pyodbc|pymssql|cx_Oracle|"
    rb"oracledb|snowflake|clickhouse\w*|cassandra|google\.cloud\.(?:bigquery|spanner)|trino|pyspark|databricks|libsql\w*)\b",
    re.MULTILINE,
)
_OURS = re.compile(rb"^\s*(?:from|import)\s+(?:psycopg2?|asyncpg|aiopg|pg8000)\b", re.MULTILINE)
_UNTYPED = re.compile(rb"^\s*(?:from|import)\s+asyncpg\b", re.MULTILINE)  # which asks the server for the types
_TYPED = re.compile(rb"^\s*(?:from|import)\s+(?:psycopg2?|aiopg|pg8000|sqlalchemy|sqlmodel|django)\b", re.MULTILINE)
_SQLALCHEMY = re.compile(rb"\b(?:sqlalchemy|sqlmodel)\b")
_TEXT = ("text", "sql.SQL", "SQL", "psycopg.sql.SQL", "sqlalchemy.text", "sa.text", "db.text")


def sql_statements(
    source: PythonFile, evaluator: PythonValues, modules: PythonModules, unread: list[Unread]
) -> list[CodeStatement]:
    """Return the statements of a file in order."""
    if _OTHER_DATABASE.search(source.bytes) and not _OURS.search(source.bytes):
        return []
    several = _OTHER_DATABASE.search(source.bytes) is not None
    found: list[CodeStatement] = []
    seen: set[int] = set()
    for name in source.words(_NAMES):
        function = source.parent(name)
        if function is None or name.type != "identifier":
            continue
        call = source.parent(function) if function.type == "attribute" else function
        if call is None or call.type != "call" or not _is_function(source, call, name):
            continue
        said = source.text(name)
        arguments = given(source, call)
        place = 1 if said in {"execute_batch", "execute_values"} else 0
        query = argument(arguments, place, "query")
        query = query if query is not None else arguments.named.get("sql", arguments.named.get("statement"))
        if query is None or query.id in seen:
            continue
        if said == "text" and (_is_given(source, call) or not _SQLALCHEMY.search(source.bytes)):
            continue  # it is read where it is executed, or is a text of another sort
        seen.add(query.id)
        wrapped, whole = _unwrapped(source, query)
        values = (len(arguments.positional) > place + 1) or bool(arguments.named) or arguments.more
        styles = Style.COLON | (Style.FORMAT if not wrapped and said != "text" else Style(0))
        styles |= Style.MARK if values and not wrapped else Style(0)
        for one in possible(evaluator.value(source, whole)):
            text = _known(one)
            if text is None:
                continue
            if not _BEGINS.match(text) and not (is_judged(text) and not several and runs_sql(source, call, modules)):
                continue
            at = source.span(call)
            if isinstance(one, Unknown):
                unread.append(Unread(at, one.why, "a statement of SQL"))
            elif several or said == "execute_values":
                why = Dynamic.CALL if several else Dynamic.EXPRESSION
                unread.append(Unread(at, why, "a statement of SQL"))
            elif isinstance(one, Known):
                found.append(_statement(source, call, text, _parts(source, evaluator, whole, one), styles, said))
    return found


def _is_function(source: PythonFile, call: Node, name: Node) -> bool:
    function = field(call, "function")
    if function is None:
        return False
    attribute = field(function, "attribute")
    return function.id == name.id or (attribute is not None and attribute.id == name.id) or source.text(name) == "text"


def _is_given(source: PythonFile, call: Node) -> bool:
    """Tell whether a text is given to another call, or a name that may be."""
    above = source.parent(call)
    if above is None or above.type != "argument_list":
        return False
    return re.search(r"^(?:execute|scalars?|stream|fetch\w*|read_sql\w*)$", _callee(source, above)) is not None


def _callee(source: PythonFile, arguments: Node) -> str:
    call = source.parent(arguments)
    function = field(call, "function") if call is not None else None
    attribute = field(function, "attribute") if function is not None else None
    return source.text(attribute) if attribute is not None else called(source, call) if call is not None else ""


def _unwrapped(source: PythonFile, node: Node) -> tuple[bool, Node]:
    """Return a text without `text(…)` or `sql.SQL(…)`, and whether it is one of SQLAlchemy's."""
    node = inner(node)
    if node.type == "call" and called(source, node) in _TEXT:
        arguments = given(source, node).positional
        if arguments:
            return "SQL" not in called(source, node), arguments[0]
    return False, node


def _known(value: CodeValue) -> str | None:
    if isinstance(value, Known):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Unknown) and value.parts:
        return "".join(str(part.value) if isinstance(part, Known) else "?" for part in value.parts)
    return None


def _parts(source: PythonFile, evaluator: PythonValues, node: Node, whole: Known) -> list[tuple[int, Known]]:
    """Return the texts that stand in a file, one after another, with the offsets of each."""
    if whole.exact:
        return [(0, whole)]
    node = inner(node)
    if node.type == "identifier":
        found = resolve(source, node)
        one = found[1][0] if found is not None and len(found[1]) == 1 else None
        node = inner(one.value) if one is not None and one.sort is Sets.VALUE and one.value is not None else node
    if node.type != "concatenated_string":
        return []
    parts: list[tuple[int, Known]] = []
    length = 0
    for child in children(node):
        value = evaluator.value(source, child)
        if isinstance(value, Choice) or not isinstance(value, Known):
            return []
        if value.exact:
            parts.append((length, value))
        length += len(str(value.value))
    return parts


def _statement(
    source: PythonFile, call: Node, text: str, parts: list[tuple[int, Known]], styles: Style, said: str
) -> CodeStatement:
    outcome = raised(source, call) if said not in {"text", "mogrify", "cursor", "prepare"} else None
    whole = numbered(text, styles)
    places: list[tuple[int, Span]] = []
    for start, part in parts:
        end = start + len(str(part.value))
        ahead = [(offset, before) for offset, before in whole.kept if before <= start]
        if ahead:
            offset, before = ahead[-1]
            places.append((offset + start - before, part.at))
        for offset, before in whole.kept:
            if start < before <= end:
                places.append((offset, moved(str(part.value), part.at, before - start)))
    fate = outcome.fate if outcome is not None else Fate.UNKNOWN
    at = source.span(outcome.at) if outcome is not None and fate is not Fate.UNKNOWN else None
    return CodeStatement(
        at=source.span(call),
        text=whole.text,
        typed=_TYPED.search(source.bytes) is not None or not _UNTYPED.search(source.bytes),
        places=tuple(sorted(set(places))),
        fate=fate,
        fate_at=at,
    )
