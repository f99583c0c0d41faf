"""Supabase: `<timestamp>_name.sql`, each with its statements in supabase_migrations.schema_migrations."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.interface import TEXT, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.listing import without_mark
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import takes_one_transaction
from sessionaudit.audits.migrations.model import Migration, Recorded, Sending
from sessionaudit.core.place import behind
from sessionaudit.core.visible import shell_word
from sessionaudit.sql.statements import UnsplitError, statements
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.sql.statements import SqlStatement

_NAME = re.compile(r"([0-9]+)_(.*)\.sql")
_TIMESTAMP = re.compile(r"[0-9]{14}_.*\.sql")
_HOME = ("supabase", "migrations")
_LAST_OF_INIT = "20211209000000"  # such a file, before this, is what an old version of the CLI made by itself
_BETWEEN = re.compile(r"[\s;]*")
_FORM = "its name is not of the form <timestamp>_name.sql"
_INIT = "the CLI skips an “init” that is older than 2021-12-09; it wants another name"
# Columns that only newer versions of the CLI make are those of `lacking` where the table does not have them.
_QUERY = """
select found.version, found.name, found.statements
  from (select null::text as name, null::text[] as statements) as lacking
 cross join lateral (select m.version::text as version, name::text as name, statements::text[] as statements
                       from {table} m) as found
 order by found.version collate "C"
"""


def _claims(listing: Listing) -> bool:
    """In the CLI's own directory, or all files have timestamps and only that."""
    if _HOME in {listing.root.absolute().parts[-2:], listing.root.resolve().parts[-2:]}:
        return True
    return bool(listing.sql) and all(_TIMESTAMP.fullmatch(file) for file in listing.sql)


def _seen(listing: Listing) -> SeenFiles:
    named = {file: match for file in listing.sql if (match := _NAME.fullmatch(file))}
    order = sorted(named, key=lambda file: (named[file][1], file))
    init = [file for file in order[:1] if named[file][2] == "init" and named[file][1] < _LAST_OF_INIT]
    init = [file for file in init if len(named[file][1]) == len(_LAST_OF_INIT)]
    found = [
        of_file(listing, file, version=named[file][1], name=named[file][2], transactional=_transactional)
        for file in order
        if file not in init
    ]
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    below = "it is in a directory below, where the CLI does not look"
    return SeenFiles(found, (*ignored(listing, init, _INIT), *ignored(listing, others, _FORM, below)))


def _transactional(text: str) -> bool:
    return takes_one_transaction(text, _runs_alone)


def _runs_alone(statement: SqlStatement) -> bool:
    """Whether the CLI runs the statements of a file one by one because of this one; it does not for others."""
    words = statement.words
    concurrent = "concurrently" in words and words[0] in {"create", "drop", "reindex"}
    return statement.alone and (concurrent or words[0] in {"vacuum", "cluster"} or words[:2] == ("alter", "system"))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    for order, (version, name, kept) in enumerate(rows):
        texts = None if kept is None else tuple(kept)
        yield Recorded(version=version, name=name or "", state="applied", statements=texts, order=order)


def _edited(migration: Migration, recorded: Recorded) -> bool | None:
    """The recorded statements, one after the other, are the file, but for semicolons and white space between them.

    So it does not matter how a version of the CLI, or whoever wrote the row, divides the file.
    """
    if recorded.statements is None:
        return None
    text, at = _unix(migration.text), 0
    for statement in recorded.statements:
        at = behind(_BETWEEN, text, at)
        said = _unix(statement).strip("; \t\r\n\f\v")
        if not text.startswith(said, at):
            return True
        at += len(said)
    return behind(_BETWEEN, text, at) != len(text)


def _unix(text: str) -> str:
    return without_mark(text).replace("\r\n", "\n")


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "name": literal(migration.name), "statements": _divided(migration.text)}


def _divided(text: str) -> str:
    """The statements as the CLI keeps them: each with the comments before it, and what comes after the last."""
    try:
        ends = [one.start + len(one.text) for one in statements(text)]
    except UnsplitError:
        ends = []
    parts = [text[start:end].strip("; \t\r\n\f\v") for start, end in pairwise((0, *ends, len(text)))]
    return f"array[{', '.join(literal(part) for part in parts if part)}]::text[]"


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"version": literal(one.version)}


def _command(one: Migration | Recorded, applied: bool) -> str:
    status = "applied" if applied else "reverted"
    return f"supabase migration repair --status {status} {shell_word(one.version)}"


def _lost(one: Recorded) -> str:
    fetched = "`supabase migration fetch` writes the files anew from the ledger. " if one.statements else ""
    return f"{fetched}`{_command(one, False)}` removes the row."


LEDGER = Ledger(
    name="supabase",
    title="Supabase",
    claims=_claims,
    seen=_seen,
    sending=Sending(drops_mark=True, feeds_copy=False, by_psql=False),
    edited=_edited,
    kept=Kept(
        usual="supabase_migrations.schema_migrations",
        columns={"version": TEXT, "statements": ("text[]",)},
        at_home={"version": TEXT},
        others=None,
        query=_QUERY,
        command=_command,
        lost=_lost,
        row=_row,
        key=_key,
        recorded=_recorded,
    ),
)
