"""Hasura: `<milliseconds>_name/up.sql`; what was applied is kept as JSON in its own catalog, which is not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing

_NAME = re.compile(r"([0-9]+)(?:_([^/]*))?/up\.sql")
_MILLISECONDS = re.compile(r"[0-9]{13}(?:_[^/]*)?/up\.sql")
_DOWN = re.compile(r"[^/]+/down\.sql")
_WHY = "only the file up.sql in a directory whose name begins with digits is a migration"


def _claims(listing: Listing) -> bool:
    return any(_MILLISECONDS.fullmatch(file) for file in listing.files) and not listing.sql


def _seen(listing: Listing) -> SeenFiles:
    named = {file: match for file in listing.files if (match := _NAME.fullmatch(file))}
    found = [of_file(listing, file, version=match[1], name=match[2] or "") for file, match in named.items()]
    found.sort(key=lambda one: (int(one.version), one.file))
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    return SeenFiles(found, tuple(ignored(listing, (file for file in others if not _DOWN.fullmatch(file)), _WHY)))


LEDGER = Ledger(name="hasura", title="Hasura", claims=_claims, seen=_seen)
