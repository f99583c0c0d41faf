"""Name the files of migrations as the current directory does, so that a place can be opened from there.

Elsewhere, and in messages, they are named as the contract does: a fingerprint must not depend on the directory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Finding, Location


def placed(findings: Iterable[Finding], contract: str) -> tuple[Finding, ...]:
    """Return the findings, with their locations relative to the current directory and not to that of the contract."""
    directory = os.path.dirname(contract)  # noqa: PTH120 - many of them
    if not directory:
        return tuple(findings)
    return tuple(
        replace(one, locations=tuple(_placed(place, directory, contract) for place in one.locations))
        for one in findings
    )


def _placed(place: Location, directory: str, contract: str) -> Location:
    if place.file == contract:
        return place
    return place._replace(file=os.path.normpath(os.path.join(directory, place.file)))  # noqa: PTH118
