"""Define what the page of migrations is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.listed import verdict_words

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict


class MigrationsPage(Struct, frozen=True, kw_only=True):
    """What was found."""

    found: MigrationsReport


def word(one: MigrationVerdict, page: MigrationsPage) -> str:
    """Return the verdict in a few words: the rules that it violates, “ok”, or that it was not looked at."""
    return verdict_words(one, page.found.report)
