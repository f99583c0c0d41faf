"""Operator classs: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.kinds.common import existence
from sessionaudit.kinds.operator_class.model import OperatorClass, load, read

MISSING = Rule(
    "SA175",
    "missing-operator-class",
    Severity.ERROR,
    "An operator class of the contract does not exist.",
    "Indexes and partition keys that name it cannot be created.",
    "The operator class {object} does not exist: indexes that name it cannot be created (42704)."
    " It cannot be created from the contract, which does not define it.",
    fix="The contract says only that it exists. Create it with CREATE OPERATOR CLASS, as in a database that has it.",
)
FORBIDDEN = Rule(
    "SA176",
    "forbidden-operator-class",
    Severity.WARNING,
    "An operator class that the contract declares absent exists.",
    "It was meant to be removed; indexes may still use it.",
    "The operator class {object} exists, and the contract declares it absent.",
)

KIND = Kind(
    name="operator_class",
    section="operator_classes",
    classes=("operator class",),
    identity=("schema", "name"),
    model=OperatorClass,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=lambda _class: PRESENT,
    spell=lambda _class: dict[str, str](),
    missing=MISSING,
    forbidden=FORBIDDEN,
    attributes=(),
    ignored=frozenset({"methods"}),
    shape=existence.SHAPE,
)
