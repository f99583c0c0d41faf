"""Rails: `<digits>_name.rb`, which are programs; the ledger has their digits."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import TEXT, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import applied, ignored, of_file
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Migration, Recorded

_NAME = re.compile(r"(?:.*/)?([0-9]+)_([_a-z0-9]*)(?:\.[_a-z0-9]*)?\.rb")
_MADE_SO = re.compile(r"<\s*ActiveRecord::Migration\b")
_NO_TRANSACTION = re.compile(r"^\s*disable_ddl_transaction!", re.MULTILINE)
_FORM = "its name is not of the form <digits>_name.rb"
_QUERY = """
select m.version::text, null::text
  from {table} m
 order by pg_catalog.length(pg_catalog.ltrim(m.version, '0')), m.version collate "C"
"""


def _claims(listing: Listing) -> bool:
    return any(_MADE_SO.search(text) for text in listing.peeked(".rb"))


def _seen(listing: Listing) -> SeenFiles:
    named = {file: match for file in listing.files if (match := _NAME.fullmatch(file))}
    found: list[Migration] = [
        of_file(
            listing,
            file,
            version=_number(match[1]),
            name=match[2],
            transactional=lambda text: _NO_TRANSACTION.search(text) is None,
            is_sql=False,
        )
        for file, match in named.items()
    ]
    found.sort(key=lambda one: int(one.version))
    others = [file for file in listing.files if file.endswith(".rb") and file not in named]
    return SeenFiles(found, tuple(ignored(listing, others, _FORM)))


def _number(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _split(said: str) -> tuple[str, str]:
    return _number(said), ""


def _row(migration: Migration) -> dict[str, str]:
    return _key(migration)


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"version": literal(one.version)}


def _lost(_one: Recorded) -> str:
    return "`bin/rails db:migrate:status` lists it as NO FILE; no command of Rails removes the row."


LEDGER = Ledger(
    name="rails",
    title="Rails",
    claims=_claims,
    seen=_seen,
    code=True,
    kept=Kept(
        usual="schema_migrations",
        columns={"version": TEXT},
        beside="ar_internal_metadata",
        lost=_lost,
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=partial(applied, split=_split),
    ),
)
