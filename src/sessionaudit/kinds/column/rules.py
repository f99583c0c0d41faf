"""The rules about columns."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected

MISSING = missing("SA201", "column", "every statement that names it fails (42703; PostgREST: PGRST204)")
UNEXPECTED = unexpected("SA202", "column")
FORBIDDEN = forbidden("SA203", "column")
TYPE = Rule(
    "SA204",
    "column-type",
    Severity.ERROR,
    "A column has another type than the contract states.",
    "Values that the application sends are refused, cut, or come back as something that it does not expect.",
    "The column {object} is {actual}, expected {expected}: values may be refused, or come back as another type.",
)
NULLABILITY = Rule(
    "SA205",
    "column-nullability",
    Severity.WARNING,
    "A column is nullable where it must not be, or the other way round.",
    "Where it is NOT NULL unasked, inserts that leave it out fail (23502). Where NOT NULL is missing, the "
    "application reads nulls that it does not expect.",
)
DEFAULT = Rule(
    "SA206",
    "column-default",
    Severity.WARNING,
    "A column has another default than the contract states.",
    "Rows that leave the column out get another value, or are refused where it is NOT NULL.",
)
GENERATION = Rule(
    "SA207",
    "column-generation",
    Severity.ERROR,
    "A column is generated in another way than the contract states, or not at all.",
    "An insert that leaves the column out fails or stores something else; one that names it may be refused (428C9).",
)
COLLATION = Rule(
    "SA208",
    "column-collation",
    Severity.WARNING,
    "A column has another collation than the contract states.",
    "Sorting, comparison and the use of indexes differ.",
    "The column {object} has the collation {actual}, expected {expected}: it sorts and compares otherwise.",
)
BLOCKING = Rule(
    "SA209",
    "blocking-column",
    Severity.ERROR,
    "A column that the contract does not name is NOT NULL and has no default.",
    "The application does not know it, so every insert into the table fails (23502).",
    "The column {object} is NOT NULL without a default, and the contract does not know it: every insert by the "
    "application fails.",
)
