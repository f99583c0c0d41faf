"""node-pg-migrate: programs, or SQL with `-- Up Migration` and `-- Down Migration`, recorded by their names."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import TEXT, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import applied, ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import NODE_PG_MIGRATE
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Migration, Recorded

_NAME = re.compile(r"([0-9]+)[^/]*\.(sql|js|ts|cjs|mjs|cts|mts)")
_MILLISECONDS = re.compile(r"[0-9]{13}_[^/]*\.(?:sql|js|ts|cjs|mjs|cts|mts)")
_LABEL = re.compile(r"[0-9]+[_-]?")
_UTC = 17  # digits of a time that is written out, to the millisecond
_BEGIN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_NO_TRANSACTION = re.compile(r"\bnoTransaction\s*\(")
_FORM = "its name does not begin with digits"
_QUERY = """
select m.name::text, m.run_on::text
  from {table} m
 order by m.run_on, m.id
"""


def _claims(listing: Listing) -> bool:
    """Its marks in a file of SQL, or names that begin with milliseconds since 1970, of which some are programs."""
    named = [file for file in listing.top if _MILLISECONDS.fullmatch(file)]
    if any(not file.endswith(".sql") for file in named):
        return True
    return any(NODE_PG_MIGRATE.search(text) for text in listing.peeked())


def _seen(listing: Listing) -> SeenFiles:
    paired = any(file.endswith(".up.sql") for file in listing.sql)
    named = {file: match for file in listing.top if (match := _NAME.fullmatch(file)) and not file.endswith(".d.ts")}
    found: list[Migration] = []
    for file in sorted(named, key=lambda file: (_moment(named[file][1]), file)):
        if paired and file.endswith(".down.sql"):
            continue
        whole = file.rpartition(".")[0].removesuffix(".up" if paired else "")
        is_sql = file.endswith(".sql")
        found.append(
            of_file(
                listing,
                file,
                version=whole,
                name=_LABEL.sub("", whole, count=1),
                marks=NODE_PG_MIGRATE if is_sql else None,
                transactional=lambda text: _NO_TRANSACTION.search(text) is None,
                is_sql=is_sql,
            )
        )
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    return SeenFiles(found, tuple(ignored(listing, others, _FORM, "it is in a directory below")))


def _moment(digits: str) -> float:
    """Return what the digits of a name mean: milliseconds, or a time that is written out."""
    if len(digits) == _UTC:
        try:
            written = dt.datetime.strptime(f"{digits}000+0000", "%Y%m%d%H%M%S%f%z")
            return (written - _BEGIN) / _MILLISECOND
        except ValueError:
            pass
    return int(digits)


def _split(said: str) -> tuple[str, str]:
    return said, _LABEL.sub("", said, count=1)


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "run_on": "pg_catalog.now()"}


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"name": literal(one.version)}


LEDGER = Ledger(
    name="node-pg-migrate",
    title="node-pg-migrate",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="pgmigrations",
        columns={"id": ("integer",), "name": TEXT, "run_on": TIME},
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=partial(applied, split=_split),
    ),
)
