"""What shows of a sequence without a database: the column that owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, relation_name
from sessionaudit.kinds.common.named_columns import columns_of, relation_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.sequence.model import NumberSequence


def names(_ref: ObjectRef, sequence: NumberSequence, _schema: str) -> Iterator[NamedObject]:
    """The column that owns it, and its table."""
    if sequence.owned_by:
        yield relation_of(sequence.owned_by[:2])
        yield from columns_of(sequence.owned_by[:2], sequence.owned_by[2:])


LINT = Lint(names=names, takes=relation_name)
