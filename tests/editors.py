"""What an editor holds a contract against: the JSON Schema, which takes longer to check than all contracts together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jsonschema.validators import validator_for

from sessionaudit.contract.jsonschema import schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@cache
def validator() -> Validator:
    """Holds contracts against the schema, which is one itself."""
    stated = schema()
    kind = validator_for(stated)
    kind.check_schema(stated)
    return kind(stated)
