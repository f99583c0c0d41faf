"""What the formats of a call are, and so with which options they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.options.formats import PrintedFormat
from sessionaudit.report import formats
from sessionaudit.report.formats import difference

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE = [PrintedFormat(formats.TABLE)]
TABLE_OF_DIFFERENCES = [PrintedFormat(difference.FORMATS[0])]


def to_stdout(asked: Sequence[PrintedFormat]) -> bool:
    """Whether a call asks for no file."""
    return all(one.file is None for one in asked)


def unstyled(asked: Sequence[PrintedFormat]) -> bool:
    """Whether none of the formats has colours or details."""
    return not any(one.format.styled for one in asked)


def without_plans(asked: Sequence[PrintedFormat]) -> bool:
    """Whether none of the formats shows query plans."""
    return not any(one.format.has_plans for one in asked)


def without_forest(asked: Sequence[PrintedFormat]) -> bool:
    """Whether none of the formats shows what follows from what."""
    return not any(one.format.has_forest for one in asked)


def without_links(asked: Sequence[PrintedFormat]) -> bool:
    """Whether none of the formats links rules to their pages."""
    return not any(one.format.has_links for one in asked)


def of_checklist(asked: Sequence[PrintedFormat]) -> bool:
    """Whether one of the formats shows the contract's checklist."""
    return any(one.format.of_checklist for one in asked)
