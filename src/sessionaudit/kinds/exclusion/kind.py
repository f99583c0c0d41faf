"""Exclusion constraints: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.exclusion.model import Exclusion, comparable, load, read, show, show_definition
from sessionaudit.kinds.key.kind import DEFERRAL

_WORDS = "exclusion constraint"
MISSING = missing(
    "SA361",
    "exclusion",
    "rows that conflict with each other, such as bookings that overlap, are accepted",
    words=_WORDS,
)
UNEXPECTED = unexpected(
    "SA362", "exclusion", "it may reject rows that the application considers valid (23P01)", words=_WORDS
)
FORBIDDEN = forbidden("SA363", "exclusion", "it rejects rows that should be accepted (23P01)", words=_WORDS)
DEFINITION = Rule(
    "SA364",
    "exclusion-definition",
    Severity.ERROR,
    "What an exclusion constraint compares, by which operators or of which rows, differs from the contract.",
    "Rows that conflict are accepted, or rows that do not are rejected (23P01).",
    "The exclusion constraint {name} of {parent} differs from the contract: conflicting rows may be accepted, or valid "
    "ones rejected (23P01).",
)

# What follows USING, without what says when it is checked.
READ = """
    select pg_catalog.regexp_replace(pg_catalog.substr(pg_catalog.pg_get_constraintdef(c.oid), 15),
             ' DEFERRABLE( INITIALLY DEFERRED)?$', '')
      from pg_catalog.pg_constraint c
     where c.conrelid = %(on)s::pg_catalog.regclass and c.conname = %(name)s"""

KIND = Kind(
    name="exclusion",
    section="constraints",
    classes=("table constraint",),
    within=("table",),
    leads=("exclude",),
    identity=("relation", "name"),
    model=Exclusion,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda exclusion: exclusion.inherited,
    misnamed=True,
    shapes_writes=True,
    attributes=(
        Attribute(
            facet="definition",
            rule=DEFINITION,
            fields=("definition",),
            show=show_definition,
            form=Form(
                text=lambda exclusion: exclusion.definition,
                sort=Sort.EXCLUSION,
                evaluated=True,
                wrap=comparable,
                trial=Trial(
                    setup=lambda exclusion, on, name: (
                        f"alter table {on} add constraint {name} exclude using {exclusion.definition}",
                    ),
                    read=READ,
                    stand_in=TABLE,
                ),
            ),
        ),
        Attribute(
            facet="deferral",
            rule=DEFERRAL,
            fields=("deferral",),
            show=lambda exclusion: exclusion.deferral or "not deferrable",
        ),
        enforcement.HELD,
    ),
    ignored=frozenset({"repairable", "inherited"}),
    shape={"type": "string"},
    row_repair=True,
)
