"""What the program makes of a command's options, and of the demo's contract, made once in a process.

Both are the same in each of thousands of calls, and to make them takes twelve milliseconds. A contract of another
text, or under another name, is read each time.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sessionaudit.cli import commands
from sessionaudit.contract import including, loader
from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.contract.problems import Problems
    from sessionaudit.core import node


def remember() -> None:
    """From now on this process remembers them."""
    if "cache_info" in dir(commands.loaded):
        return
    commands.loaded = cache(commands.loaded)
    text = system.contract().read_text(encoding="utf-8")
    roots_of, outline_of = including.roots, vars(loader)["_outline"]
    declare = loader.Outline.declare
    # The identity of its node, and of its outline, tells the contract: both stay.
    roots: dict[str, tuple[node.Mapping, ...]] = {}
    outlines: dict[int, Outline] = {}
    contracts: dict[int, Contract] = {}

    def remembered_roots(source: str, file: str, texts: Mapping[str, str] | None = None) -> tuple[node.Mapping, ...]:
        if source != text or texts:
            return roots_of(source, file, texts)
        if file not in roots:
            roots[file] = roots_of(source, file, texts)
        return roots[file]

    def remembered_outline(found: tuple[node.Mapping, ...], problems: Problems) -> Outline:
        known = next((one for one in roots.values() if one is found), None)
        if known is None:
            return outline_of(found, problems)
        if id(known) not in outlines:
            outlines[id(known)] = outline_of(found, problems)
        return outlines[id(known)]

    def remembered_contract(outline: Outline) -> Contract:
        if outline is not next((one for one in outlines.values() if one is outline), None):
            return declare(outline)
        if id(outline) not in contracts:
            contracts[id(outline)] = declare(outline)
        return contracts[id(outline)]

    replaced: dict[Any, Any] = {"roots": remembered_roots}
    vars(including).update(replaced)
    vars(loader)["_outline"] = remembered_outline
    setattr(loader.Outline, "declare", remembered_contract)  # noqa: B010 - which it is not for a checker of types
