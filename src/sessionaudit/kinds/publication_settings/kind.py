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
    "Changes of its tables are sent to whoever may subscribe.",
    "The publication {object} exists, and the contract declares it absent.",
)
OPERATION = Rule(
    "SA709",
    "publication-operations",
    Severity.WARNING,
    "A publication sends other operations than the contract says.",
    "Subscribers miss changes and become outdated, or receive changes that they must not apply.",
    "The publication {object} sends {actual}, expected {expected}.",
)
VIA_ROOT = Rule(
    "SA710",
    "publication-via-root",
    Severity.WARNING,
    "A publication sends changes of partitions under other names than the contract says.",
    "With publish_via_partition_root they are sent as changes of the partitioned table, without it as changes of the "
    "partition: subscribers must have a table of that name.",
    "publish_via_partition_root of the publication {object} is {actual}, expected {expected}.",
)
SCOPE = Rule(
    "SA711",
    "publication-scope",
    Severity.WARNING,
    "A publication sends all tables, or those of whole schemas, otherwise than the contract says.",
    "Tables that are created later are sent too, or no longer.",
    "Beside the tables that it lists, the publication {object} sends {actual}, expected {expected}.",
)
OWNER = Rule(
    "SA712",
    "publication-owner",
    Severity.WARNING,
    "The owner of a publication differs from the contract.",
    "The owner can change what it sends, and drop it.",
    "The publication {object} belongs to {actual}, expected {expected}.",
)
GENERATED_COLUMNS = Rule(
    "SA713",
    "publication-generated-columns",
    Severity.WARNING,
    "A publication sends generated columns otherwise than the contract says.",
    "Subscribers lack the values, or receive values for columns that they generate themselves, which fails.",
    "Of generated columns the publication {object} sends {actual}, expected {expected}.",
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
