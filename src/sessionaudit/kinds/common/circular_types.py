"""Find types that are made of themselves, at once or through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw
from sessionaudit.kinds.common.circles import circle_from, told_of_circle
from sessionaudit.kinds.common.named_types import path_of_type
from sessionaudit.kinds.lint_rules import CONTRADICTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef


def flaws(ref: ObjectRef, _type: object, models: Models, schema: str) -> Iterator[Flaw]:
    """A circle of domains and composite types, of which none can be created first."""
    circle = circle_from(ref.path, lambda path: _parts(path, models, schema))
    if circle:
        yield Flaw(CONTRADICTION, told_of_circle(ref, "is made of", circle), words=(circle[-1][-1],))


def _parts(path: ObjectPath, models: Models, schema: str) -> Iterator[ObjectPath]:
    domain, composite = models["domain"].get(path), models["composite_type"].get(path)
    types = [domain.type] if domain else [one.type for one in composite.attributes] if composite else []
    for part in (path_of_type(one, schema) for one in types):
        if part and (models["domain"].get(part) or models["composite_type"].get(part)):
            yield part
