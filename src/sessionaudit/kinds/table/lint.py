"""What shows of a table without a database: its parents and partitions, and that both sides tell of them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint, NamedObject, row_type_names
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.common.circles import circle_from, told_of_circle
from sessionaudit.kinds.lint_rules import CONTRADICTION
from sessionaudit.kinds.table import properties
from sessionaudit.kinds.table.model import refers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.kinds.table.model import Table


def names(_ref: ObjectRef, table: Table, _schema: str) -> Iterator[NamedObject]:
    """The tables of which it is a partition or from which it inherits, and its partitions."""
    for parent in refers(table):
        yield NamedObject((parent,))
    for partition in table.partitioning.partitions or ():
        yield NamedObject((ObjectRef("table", partition),))


def flaws(ref: ObjectRef, table: Table, models: Models, _schema: str) -> Iterator[Flaw]:
    """A partition that the list of its parent lacks, or one of that list that says that it is something else."""
    is_partition, parents = properties.parents_of(table.shape.parent) if table.shape.parent else (False, ())
    for parent in parents if is_partition else ():
        above = models["table"].get(parent)
        listed = None if above is None else above.partitioning.partitions
        if listed is not None and ref.path not in listed:
            yield Flaw(
                CONTRADICTION,
                f"{ref.dotted} is a partition of {dotted(parent)}, whose list of partitions does not have it.",
                facet="partition_of",
                words=(parent[1],),
            )
    for path in table.partitioning.partitions or ():
        below = models["table"].get(path)
        if below is None or below.shape.parent is None:
            continue
        partition, of = properties.parents_of(below.shape.parent)
        if not partition or ref.path not in of:
            yield Flaw(
                CONTRADICTION,
                f"{ref.dotted} lists {dotted(path)} as a partition, which says that it is {below.shape.parent}.",
                facet="partitions",
                words=(path[1],),
            )
    if circle := circle_from(ref.path, lambda path: _parents(path, models)):
        yield Flaw(CONTRADICTION, told_of_circle(ref, "is a child of", circle), words=(circle[-1][-1],))


def _parents(path: ObjectPath, models: Models) -> Iterator[ObjectPath]:
    table = models["table"].get(path)
    for parent in refers(table) if table is not None else ():
        yield parent.path


LINT = Lint(names=names, flaws=flaws, takes=row_type_names)
