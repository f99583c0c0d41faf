"""dbmate: `<digits>_name.sql` with `-- migrate:up` and `-- migrate:down`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import applied, ignored, of_file, plainly
from sessionaudit.audits.migrations.ledgers.upward import DBMATE, is_one_block
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Migration, Recorded

_NAME = re.compile(r"([0-9]+)(?:_(.*)|[^0-9].*)?\.sql")
_ALONE = re.compile(r"^--[ \t]*migrate:up\b[^\r\n]*\btransaction:false\b", re.MULTILINE)
_FORM = "its name does not begin with digits"
_QUERY = """
select m.version::text, null::text
  from {table} m
 order by m.version collate "C"
"""


def _claims(listing: Listing) -> bool:
    return any(DBMATE.search(text) for text in listing.peeked())


def _transactional(text: str) -> bool:
    """One that wants none is still sent whole, of which the server makes a transaction if it has several statements."""
    return is_one_block(text) if _ALONE.search(text) else True


def _seen(listing: Listing) -> SeenFiles:
    found = [
        of_file(listing, file, version=match[1], name=match[2] or "", marks=DBMATE, transactional=_transactional)
        for file in listing.sql
        if (match := _NAME.fullmatch(file))
    ]
    others = [file for file in listing.files if file.endswith(".sql") and ("/" in file or not _NAME.fullmatch(file))]
    return SeenFiles(found, tuple(ignored(listing, others, _FORM, "it is in a directory below")))


def _row(migration: Migration) -> dict[str, str]:
    return _key(migration)


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"version": literal(one.version)}


LEDGER = Ledger(
    name="dbmate",
    title="dbmate",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="schema_migrations",
        columns={"version": ("character varying",)},
        not_beside="ar_internal_metadata",
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=partial(applied, split=plainly),
    ),
)
