"""Read the type with which a definition begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.fragment import type_name

if TYPE_CHECKING:
    from sessionaudit.sql.fragment import Fragment

# Reserved words, which stand behind a type: no type has such a name without quotes.
_AFTER_TYPE = frozenset({"check", "collate", "constraint", "default", "not", "null", "primary", "references", "unique"})


def stated_type(fragment: Fragment, schema: str) -> str:
    """Take a type, as `type_name` does. Raises FragmentError where it is left out."""
    if fragment.at_word(_AFTER_TYPE):
        raise fragment.error("a type", hint="The type comes first, such as: text not null.")
    return type_name(fragment, schema)
