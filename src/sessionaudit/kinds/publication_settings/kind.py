"""Publications but for the tables that they list: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.publication_settings.model import (
    GENERATED,
    OPERATIONS,
    PublicationSettings,
    condensed,
    entries,
    load,
    read,
    show,
    show_operations,
    show_scope,
    spell,
)

MISSING = Rule(
    "SA707",
    "missing-publication-settings",
    Severity.ERROR,
    "A publication of the contract does not exist.",
    "Its subscribers receive nothing, and new subscriptions to it fail.",
    "The publication {object} does not exist: its subscribers receive nothing.",
)
FORBIDDEN = Rule(
    "SA708",
    "forbidden-publication-settings",
    Severity.WARNING,
    "A publication that the contract declares absent exists.",
    "It was meant to be removed; changes of its tables are still sent to whoever may subscribe.",
    "The publication {object} exists, and the contract declares it absent.",
)
OPERATION = Rule(
    "SA709",
    "publication-operations",
    Severity.WARNING,
    "The operations that a publication sends differ from the contract.",
    "Subscribers miss changes and become outdated, or receive changes that they must not apply.",
    "The publication {object} sends {actual}, expected {expected}: subscribers miss changes, or receive some that they "
    "must not apply.",
)
VIA_ROOT = Rule(
    "SA710",
    "publication-via-root",
    Severity.WARNING,
    "Whether a publication sends changes of partitions as those of the partitioned table differs from the contract.",
    "With publish_via_partition_root they are sent as changes of the partitioned table, without it as changes of the "
    "partition: subscribers must have a table of that name.",
    "publish_via_partition_root of the publication {object} is {actual}, expected {expected}: "
    "subscribers must have tables "
    "of other names.",
)
SCOPE = Rule(
    "SA711",
    "publication-scope",
    Severity.WARNING,
    "Whether a publication sends all tables, or those of whole schemas, differs from the contract.",
    "Tables that the contract does not list are sent, also those that are created later; or tables that it expects "
    "are not.",
    "Beside the tables that it lists, the publication {object} sends {actual}, expected {expected}.",
    fix="State in the contract what the publication is to send instead: `sessionaudit repair` prints how.",
)
OWNER = Rule(
    "SA712",
    "publication-owner",
    Severity.WARNING,
    "The owner of a publication differs from the contract.",
    "The owner can change what the publication sends, and drop it.",
    "The publication {object} belongs to {actual}, expected {expected}: {actual} can change what it "
    "sends, and drop it.",
)
GENERATED_COLUMNS = Rule(
    "SA713",
    "publication-generated-columns",
    Severity.WARNING,
    "Whether a publication sends generated columns differs from the contract.",
    "Subscribers lack the values, or receive values for columns that they generate themselves, which fails.",
    "Of generated columns, the publication {object} sends {actual}, expected {expected}: subscribers "
    "lack the values, or "
    "fail to store them.",
)

KIND = Kind(
    name="publication_settings",
    section="publication_settings",
    classes=("publication", "publication namespace"),
    identity=("publication",),
    model=PublicationSettings,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    read=read,
    load=load,
    show=show,
    spell=spell,
    condensed=condensed,
    missing=MISSING,
    forbidden=FORBIDDEN,
    attributes=(
        Attribute(facet="operations", rule=OPERATION, fields=("operations",), show=show_operations),
        Attribute(facet="via_root", rule=VIA_ROOT, fields=("via_root",), show=lambda one: str(one.via_root).lower()),
        Attribute(
            facet="generated_columns", rule=GENERATED_COLUMNS, fields=("generated",), show=lambda one: one.generated
        ),
        Attribute(
            facet="scope", keys=("all_tables", "schemas"), rule=SCOPE, fields=("all_tables", "schemas"), show=show_scope
        ),
        Attribute(
            facet="owner",
            rule=OWNER,
            fields=("owner",),
            show=lambda one: one.owner,
            verbatim=True,
            same=lambda expected, actual: expected.owner in {None, actual.owner},
        ),
    ),
    shape={
        "anyOf": [
            {"const": "present"},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "operations": {"type": "array", "items": {"enum": list(OPERATIONS)}},
                    "via_root": {"type": "boolean"},
                    "generated_columns": {"enum": list(GENERATED)},
                    "all_tables": {"type": "boolean"},
                    "schemas": {"type": "array", "items": {"type": "string"}},
                    "owner": {"type": "string"},
                },
            },
        ]
    },
)
