"""Tell which migrations were looked at: without a finding, nothing is known of any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.findings_of import file_ref, migration_ref
from sessionaudit.audits.migrations.model import IgnoredFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.migrations.verdicts import MigrationVerdict
    from sessionaudit.core.ref import ObjectRef

_RAN = {"applied", "empty"}


def ref_of(one: MigrationVerdict) -> ObjectRef:
    """Return the reference of what a verdict is about: a migration, or a file that the tool does not see."""
    if about := one.migration or one.recorded:
        return migration_ref(about)
    return file_ref(IgnoredFile(one.file, ""))


def was_looked_at(one: MigrationVerdict, *, live: bool) -> bool:
    """Whether all of a migration was looked at: in the ledger and the database if that is `live`, else by a run."""
    return one.is_seen and (live or (one.replay is not None and one.replay.state in _RAN))


def refs_looked_at(verdicts: Iterable[MigrationVerdict], *, live: bool) -> Iterator[ObjectRef]:
    """Return the references of those that were looked at."""
    return (ref_of(one) for one in verdicts if was_looked_at(one, live=live))
