"""Statistics objects: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.statistics.model import (
    Statistics,
    create_on,
    load,
    ordered,
    read,
    same_covered,
    show,
    show_target,
    spell,
)

_WORDS = "statistics object"
MISSING = missing(
    "SA421",
    "statistics",
    "the planner treats its columns as independent, and may choose slow plans",
    Severity.WARNING,
    words=_WORDS,
)
UNEXPECTED = unexpected("SA422", "statistics", words=_WORDS)
FORBIDDEN = forbidden("SA423", "statistics", "ANALYZE still collects it", words=_WORDS)
DEFINITION = Rule(
    "SA424",
    "statistics-definition",
    Severity.WARNING,
    "The kinds, columns or expressions of a statistics object differ from the contract.",
    "The planner does not know what the contract wants it to know, and may choose slow plans.",
    "The statistics object {name} of {parent} covers other columns than expected, or covers them differently: the "
    "planner may choose slow plans.",
)
TARGET = Rule(
    "SA425",
    "statistics-target",
    Severity.WARNING,
    "The statistics target of a statistics object differs from the contract.",
    "ANALYZE collects less than the contract states, or takes longer; with target 0 it collects nothing.",
    "The statistics object {name} of {parent} has the target {actual}, expected {expected}: the planner knows less "
    "than expected, or ANALYZE takes longer.",
)

# What stands between the name and FROM.
READ = """
    select pg_catalog.left(x.rest, - pg_catalog.length(' FROM ' || s.stxrelid::pg_catalog.regclass::text))
      from pg_catalog.pg_statistic_ext s
     cross join lateral pg_catalog.pg_get_statisticsobjdef(s.oid) d (text)
     cross join lateral (
             select pg_catalog.substr(d.text, pg_catalog.strpos(d.text, pg_catalog.format('.%I ', s.stxname))
                      + pg_catalog.length(pg_catalog.format('.%I ', s.stxname)))) x (rest)
     where s.stxrelid = %(on)s::pg_catalog.regclass and s.stxname = %(name)s"""

KIND = Kind(
    name="statistics",
    section="statistics",
    classes=("statistics object",),
    within=("table",),
    identity=("relation", "name"),
    model=Statistics,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    misnamed=True,
    attributes=(
        Attribute(
            facet="definition",
            rule=DEFINITION,
            fields=("definition",),
            show=lambda statistics: statistics.definition,
            same=same_covered,
            form=Form(
                text=lambda statistics: ordered(statistics.definition),
                sort=Sort.STATISTICS,
                evaluated=True,
                wrap=None,
                trial=Trial(
                    setup=lambda statistics, on, name: (create_on(statistics, on, f"pg_temp.{name}"),),
                    read=READ,
                    pick=ordered,
                    stand_in=TABLE,
                ),
            ),
        ),
        Attribute(
            facet="target",
            rule=TARGET,
            fields=("target",),
            show=show_target,
            same=lambda expected, actual: expected.target is None or show_target(expected) == show_target(actual),
        ),
    ),
    shape={
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["definition"],
                "properties": {
                    "definition": {"type": "string"},
                    "target": {
                        "oneOf": [
                            {"type": "integer", "minimum": 0, "maximum": 10000},
                            {"type": "string", "pattern": "^([0-9]+|default)$"},
                        ]
                    },
                },
            },
        ]
    },
)
