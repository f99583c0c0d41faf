"""What cannot be right in any database, as each kind knows it of its own entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.kinds.lints import lint_of
from sessionaudit.lint.finding_of import of_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding
    from sessionaudit.lint.stating import StatedContract


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield the flaws of all objects."""
    for kind, ref, entry in stated.objects():
        lint = lint_of(kind.name)
        for flaw in lint.flaws(ref, entry.value, stated.models, stated.contract.schema) if lint else ():
            yield of_object(
                flaw.rule,
                ref,
                entry,
                flaw.message,
                facet=flaw.facet,
                words=flaw.words,
                severity=flaw.severity,
                expected=flaw.expected,
                actual=flaw.actual,
            )
