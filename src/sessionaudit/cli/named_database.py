"""Tell whether a live database is named, by the option or by an environment variable."""

from __future__ import annotations

import os

from sessionaudit.errors import UsageError

_URL = "DATABASE_URL"
_OF_LIBPQ = (_URL, "PGHOST", "PGSERVICE", "PGDATABASE")


def is_named(url: str | None) -> bool:
    """Whether it is; `url` is the option. Raises UsageError if the variable is empty, as of a missing secret."""
    if url is None and not os.environ.get(_URL, "unset"):
        raise UsageError(f"{_URL} is empty", hint="Set it to the URL of a database, or unset it to do without one.")
    return url is not None or any(os.environ.get(name) for name in _OF_LIBPQ)
