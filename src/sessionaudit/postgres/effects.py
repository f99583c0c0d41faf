"""Find functions and relations that read-only SQL must not use, because they have side effects.

PostgreSQL marks a function as volatile if it may have side effects or depend on more than its arguments and the tables.
Built-in functions and those of extensions are marked correctly, so the server is asked. For other functions, their
owner is responsible.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.sql.text import sent, tokens, unliteral, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.core.query import Part
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.sql.text import Token

HINT = "If it is intended, call it in a view or function in the database, and use that here."
_QUERY = Path(__file__).with_suffix(".sql").read_bytes()
# Volatile, but without side effects: random values, the clock, sizes.
HARMLESS = frozenset(
    """random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday array_sample array_shuffle
    pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size pg_is_in_recovery pg_partition_tree
    pg_partition_ancestors pg_xact_commit_timestamp uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
    gen_random_bytes gen_salt normal_rand""".split()
)
# What a transaction that is rolled back takes back, but for the numbers of a sequence.
OF_WRITING = frozenset(("nextval", "currval", "lastval", "pg_advisory_xact_lock", "pg_try_advisory_xact_lock"))
# Not volatile, but they read what a text names, or assign a transaction number.
_LISTED = (
    *("table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema"),
    *("schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema"),
    *("database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema"),
    *("txid_current", "pg_current_xact_id"),
)
_OF_EXTENSIONS = "^(crosstab|connectby|xpath_table|dblink)"  # not all are volatile, but they run a text as SQL
# Relations that contain secrets, or the server's files.
_SECRET = ("pg_authid", "pg_shadow", "pg_user_mapping", "pg_user_mappings", "pg_subscription", "pg_largeobject")
_ROW_LOCKS = {tuple(words.split()) for words in ("for update", "for share", "for no key", "for key share")}


class _Use(StrEnum):
    """How a name is used in a text."""

    CALL = "function"
    FIELD = "field"
    OPERATOR = "operator"
    OTHER = "relation"


class _Mention(Struct, frozen=True):
    """A name in a text; with `schema` if it is qualified."""

    part: Part
    offset: int
    name: str
    schema: str
    use: _Use


def found(connection: Connection, parts: Sequence[Part], *, writing: bool = False) -> Iterator[tuple[Part, int, str]]:
    """Find what the parts use that has side effects: the part, the position, and a clause that describes it.

    Parts that are `writing` may lock rows and move sequences. Raises psycopg.Error.
    """
    for part in () if writing else parts:
        yield from _locks(part)
    mentions = [mention for part in parts for mention in _mentions(part)]
    if not mentions:
        return
    rows = connection.execute(
        _QUERY,
        {
            "allowed": sorted(HARMLESS | OF_WRITING if writing else HARMLESS),
            "listed": list(_LISTED),
            "of_extensions": _OF_EXTENSIONS,
            "relations": list(_SECRET),
            "names": sorted({one.name for one in mentions if one.use is not _Use.OPERATOR}),
            "operators": sorted({one.name for one in mentions if one.use is _Use.OPERATOR}),
        },
    ).fetchall()
    for mention in mentions:
        if any(_meant(mention, *row) for row in rows):
            yield (
                mention.part,
                mention.offset,
                _told(mention, "a step of a journey" if writing else "SQL that only reads"),
            )


def _meant(mention: _Mention, sort: str, schema: str, name: str, visible: bool, of_one: bool) -> bool:
    """Whether a mention refers to the object found; without a schema, the object must be on the search path."""
    if name != mention.name or not (visible if not mention.schema else schema == mention.schema):
        return False
    if mention.use is _Use.FIELD:  # `(x).f` and `t.f` may call a function too: `x.f` can mean f(x)
        return sort == _Use.CALL and of_one
    return sort == mention.use


def _told(mention: _Mention, who: str) -> str:
    if mention.use is _Use.OTHER:
        return (
            f"the relation {mention.name} holds secrets, or calls a function with side effects: {who} must not use it"
        )
    sort = "operator" if mention.use is _Use.OPERATOR else "function"
    return f"the {sort} {mention.name} has side effects: {who} must not call it"


def _locks(part: Part) -> Iterator[tuple[Part, int, str]]:
    words = [token for token in tokens(part.text) if token.sort != "quoted"]
    for index, token in enumerate(words):
        following = tuple(word.text.lower() for word in words[index : index + 3])
        if following in _ROW_LOCKS or following[:2] in _ROW_LOCKS:
            yield part, token.start, "this locks rows: SQL that only reads must not"


def _mentions(part: Part) -> Iterator[_Mention]:
    words = list(tokens(part.text))
    for index, token in enumerate(words):
        if token.sort == "operator":
            yield _Mention(part, token.start, token.text, "", _Use.OPERATOR)
        if token.sort not in {"word", "quoted"}:
            continue
        name = _name(words, index)
        end = index + 2 if _escaped(words, index) else index
        after = words[end + 1].text if end + 1 < len(words) else ""
        dotted = index > 0 and words[index - 1].text == "."
        schema = _name(words, index - 2) if dotted and words[index - 2].sort in {"word", "quoted"} else ""
        if after == "(":
            yield _Mention(part, token.start, name, schema, _Use.CALL)
        elif dotted:
            yield _Mention(part, token.start, name, "", _Use.FIELD)
        if after not in {"(", "."}:
            yield _Mention(part, token.start, name, schema, _Use.OTHER)


def _name(words: Sequence[Token], index: int) -> str:
    """Return a token's identifier, truncated as PostgreSQL does; `UESCAPE` may follow it."""
    text = words[index].text
    if _escaped(words, index):
        escape = unliteral(words[index + 2].text)
        text = text.replace("\\", "\\\\").replace(escape, "\\") if len(escape) == 1 else text
    return sent(unquote(text))[:63].decode(errors="ignore")


def _escaped(words: Sequence[Token], index: int) -> bool:
    """Whether UESCAPE and its escape character follow a name."""
    unicode = words[index].text[:2] in {"u&", "U&"} and len(words) > index + 2
    return unicode and words[index + 1].text.lower() == "uescape"
