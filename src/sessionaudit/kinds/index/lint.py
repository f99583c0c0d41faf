"""What shows of an index without a database: the columns that it names; expressions are for PostgreSQL to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, relation_name
from sessionaudit.kinds.common.named_columns import columns_of
from sessionaudit.sql.fragment import Fragment, FragmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.index.model import Index


def names(ref: ObjectRef, index: Index, _schema: str) -> Iterator[NamedObject]:
    """The columns among its elements, and those that it includes."""
    try:
        return columns_of(ref.path[:2], [*_columns(Fragment(index.definition))])
    except FragmentError:  # which PostgreSQL has to say
        return iter(())


def _columns(fragment: Fragment) -> Iterator[str]:
    fragment.name()
    yield from listed(fragment.inner())
    if fragment.accept("include"):
        yield from listed(fragment.inner())


def listed(inner: Fragment) -> Iterator[str]:
    """The columns of a list of columns and expressions: each a name that no parenthesis, point or operator follows."""
    while not inner.done:
        if not inner.peek("("):
            name = inner.name()
            if inner.done or inner.peek(",") or inner.at_word(_AFTER_COLUMN) or inner.at_quoted:
                yield name
        if not inner.done and not inner.peek(","):
            inner.until((",",))
        inner.accept(",")


_AFTER_COLUMN = frozenset({"asc", "desc", "nulls", "collate"})
LINT = Lint(names=names, takes=relation_name)
