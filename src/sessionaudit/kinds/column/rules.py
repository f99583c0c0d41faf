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
    "The type of a column differs from the contract.",
    "Values that the application sends are rejected or truncated, or come back in a form that it does not expect.",
    "The column {object} is {actual}, expected {expected}: values may be rejected, or come back as another type.",
)
NULLABILITY = Rule(
    "SA205",
    "column-nullability",
    Severity.WARNING,
    "Whether a column is NOT NULL differs from the contract.",
    "Where it is NOT NULL and should not be, inserts that omit it fail (23502). Where NOT NULL is missing, the "
    "application reads nulls that it does not expect.",
)
DEFAULT = Rule(
    "SA206",
    "column-default",
    Severity.WARNING,
    "The default of a column differs from the contract.",
    "Rows that omit the column get another value, or are rejected where it is NOT NULL.",
)
GENERATION = Rule(
    "SA207",
    "column-generation",
    Severity.ERROR,
    "Whether, or how, a column is generated differs from the contract.",
    "An insert that omits the column fails or stores another value; one that names it may fail (428C9).",
)
COLLATION = Rule(
    "SA208",
    "column-collation",
    Severity.WARNING,
    "The collation of a column differs from the contract.",
    "Sorting, comparison and the use of indexes differ.",
    "The column {object} has the collation {actual}, expected {expected}: it sorts and compares differently.",
)
BLOCKING = Rule(
    "SA209",
    "blocking-column",
    Severity.ERROR,
    "A column that the contract does not name is NOT NULL and has no default.",
    "The application does not know the column, so every insert into the table fails (23502).",
    "The column {object} is NOT NULL without a default, and the contract does not name it: every insert by the "
    "application fails.",
)
