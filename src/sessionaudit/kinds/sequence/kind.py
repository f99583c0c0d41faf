"""Sequences: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.common import owner_and_grants, role_grants
from sessionaudit.kinds.sequence.model import (
    KEYS,
    PERSISTENCE,
    PRIVILEGES,
    NumberSequence,
    brief,
    condensed,
    load,
    read,
    show,
    show_options,
    show_owned_by,
    spell,
)
from sessionaudit.kinds.sequence.options import OPTIONS, differing, gives_less

MISSING = Rule(
    "SA121",
    "missing-sequence",
    Severity.ERROR,
    "A sequence of the contract does not exist.",
    "A call of nextval that names it fails (42P01), and so does every insert that takes a value from it.",
    "The sequence {object} does not exist: nextval fails (42P01), and so does every insert that takes a value from it.",
)
FORBIDDEN = Rule(
    "SA122",
    "forbidden-sequence",
    Severity.WARNING,
    "A sequence that the contract declares absent exists.",
    "It was meant to be removed; a default may still take values from it.",
    "The sequence {object} exists, and the contract declares it absent.",
)
TYPE = Rule(
    "SA123",
    "sequence-type",
    Severity.ERROR,
    "The data type of a sequence differs from the contract.",
    "A narrower one reaches its limit earlier (2200H); a wider one returns values that the column cannot hold (22003).",
    "The sequence {object} is {actual}, expected {expected}: it reaches its limit earlier (2200H), or returns values "
    "that the column cannot hold (22003).",
)
OWNED_BY = Rule(
    "SA125",
    "sequence-owned-by",
    Severity.WARNING,
    "The column that owns a sequence differs from the contract.",
    "A sequence is dropped with the column that owns it; without one it remains. TRUNCATE … RESTART IDENTITY restarts "
    "only the sequences that columns of the table own.",
    otherwise="A note where the contract does not state which column owns the sequence.",
)
PERSISTENCE_RULE = Rule(
    "SA126",
    "sequence-persistence",
    Severity.WARNING,
    "Whether a sequence is unlogged differs from the contract.",
    "An unlogged sequence is reset after a crash of the server, and returns the same values again.",
    "The sequence {object} is {actual}, expected {expected}: an unlogged sequence is reset after a crash.",
)
OWNER = Rule(
    "SA127",
    "sequence-owner",
    Severity.WARNING,
    "The owner of a sequence differs from the contract.",
    "Migrations that run as another role fail to alter it.",
    "The sequence {object} belongs to {actual}, expected {expected}: migrations run as {expected} may fail.",
)
GRANTS = Rule(
    "SA128",
    "sequence-grant",
    Severity.ERROR,
    "A role lacks a privilege on a sequence that the contract gives it.",
    "Without USAGE, its inserts that take a value from the sequence fail with “permission denied” (42501).",
)
EXCESS = Rule(
    "SA129",
    "sequence-excess-grant",
    Severity.WARNING,
    "A role has more privileges on a sequence than the contract gives it.",
    "With UPDATE it can set the sequence back, so that numbers are given out twice, and inserts fail (23505).",
)
PASSED_ON = Rule(
    "SA120",
    "sequence-grant-option",
    Severity.WARNING,
    "A role may grant its privileges on a sequence to others (WITH GRANT OPTION).",
    "Other roles may get, from this one, privileges that the contract does not give them.",
)


def same_type(expected: NumberSequence, actual: NumberSequence) -> bool:
    """Whether both count in the same type, where the contract states it."""
    return expected.options is None or actual.options is None or expected.options.type == actual.options.type


def same_options(expected: NumberSequence, actual: NumberSequence) -> bool:
    """Whether both count alike; where the types differ, that says it all."""
    return expected.options is None or not same_type(expected, actual) or expected.options == actual.options


def same_owning(expected: NumberSequence, actual: NumberSequence) -> bool:
    """Whether the same column owns it; one that fills its column needs no mention."""
    if expected.options is None or (expected.owned_by is None and actual.filling):
        return True
    return (expected.owned_by or ()) == actual.owned_by


def owning_severity(expected: NumberSequence, _actual: NumberSequence) -> Severity:
    """A note where the contract does not mention an owning column."""
    return Severity.NOTE if expected.owned_by is None else Severity.WARNING


def owning_message(ref: ObjectRef, expected: NumberSequence, actual: NumberSequence) -> str:
    """Say what is dropped with what."""
    found = show_owned_by(actual)
    if expected.owned_by is None:
        return f"The sequence {ref.dotted} is {found}, which the contract does not state: it is dropped with it."
    ending = "it is dropped with that column" if actual.owned_by else "it remains when the column is dropped"
    return f"The sequence {ref.dotted} is {found}, expected {show_owned_by(expected)}: {ending}."


def options_severity(expected: NumberSequence, actual: NumberSequence) -> Severity:
    """An error where it reaches its limit earlier, or repeats values."""
    less = expected.options and actual.options and gives_less(expected.options, actual.options)
    return Severity.ERROR if less else Severity.WARNING


def options_message(ref: ObjectRef, expected: NumberSequence, actual: NumberSequence) -> str:
    """Say which options differ."""
    if expected.options is None or actual.options is None:
        raise AssertionError(ref)
    return f"The sequence {ref.dotted} has other options than expected: {differing(expected.options, actual.options)}."


def goes_with(sequence: NumberSequence) -> tuple[ObjectRef, ...]:
    """Return the column that owns it; that of an identity is a part of its column."""
    return (ObjectRef("column", sequence.owned_by),) if sequence.owned_by and not sequence.identity else ()


KIND = Kind(
    name="sequence",
    section="sequences",
    classes=("sequence",),
    keys=KEYS,
    identity=("schema", "name"),
    model=NumberSequence,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    brief=brief,
    condensed=condensed,
    goes_with=goes_with,
    taking_back=owner_and_grants.taking_back,
    missing=MISSING,
    forbidden=FORBIDDEN,
    shapes_writes=True,
    roles=lambda _path, sequence: [name for name, _ in sequence.grants or () if name != sequence.owner],
    attributes=(
        Attribute(
            facet="type", keys=("definition",), rule=TYPE, fields=("options",), show=show_options, same=same_type
        ),
        Attribute(
            facet="options",
            keys=("definition",),
            rule=OPTIONS,
            fields=("options",),
            show=show_options,
            same=same_options,
            severity=options_severity,
            message=options_message,
        ),
        Attribute(
            facet="owned_by",
            keys=("definition",),
            rule=OWNED_BY,
            fields=("owned_by",),
            show=show_owned_by,
            same=same_owning,
            severity=owning_severity,
            message=owning_message,
        ),
        Attribute(
            facet="persistence",
            rule=PERSISTENCE_RULE,
            fields=("persistence",),
            show=lambda sequence: sequence.persistence,
            same=lambda expected, actual: expected.persistence in {None, actual.persistence},
        ),
        *owner_and_grants.attributes(
            lambda ref: f"the sequence {ref.dotted}",
            PRIVILEGES,
            owner_and_grants.Rules(OWNER, GRANTS, EXCESS, PASSED_ON),
            ": inserts that take a value from it fail (42501) without USAGE.",
        ),
    ),
    ignored=frozenset({"filling", "identity", "held"}),
    shape={
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "definition": {"type": "string", "description": "What follows the name in CREATE SEQUENCE."},
                    "persistence": {"enum": list(PERSISTENCE)},
                    "owner": {"type": "string", "description": "The role that owns the sequence."},
                    "grants": role_grants.shape(PRIVILEGES),
                },
            },
        ]
    },
)
