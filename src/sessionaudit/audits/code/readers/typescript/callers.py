"""Say what becomes of failures where functions are called that pass them on."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Fate, FunctionPlace, PassingFunction
from sessionaudit.audits.code.passing import PASSED, HeardFailure
from sessionaudit.audits.code.readers.typescript.branches import Hearing, thrown, worst
from sessionaudit.audits.code.readers.typescript.builders import endings
from sessionaudit.audits.code.readers.typescript.chains import chain
from sessionaudit.audits.code.readers.typescript.fate import of_dropped, of_then
from sessionaudit.audits.code.readers.typescript.functions import called, function_of, name_of, owner_of
from sessionaudit.audits.code.readers.typescript.modules import imports
from sessionaudit.audits.code.readers.typescript.scopes import declared, lasting
from sessionaudit.audits.code.readers.typescript.syntax import FUNCTIONS, field, function_around, is_async, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from tree_sitter import Node

    from sessionaudit.audits.code.passing import WantedFunctions
    from sessionaudit.audits.code.readers.typescript.modules import ScriptModules
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_IMPORTS = re.compile(rb"(?<![\w$.])(?:import|require)\b([^'\";]*?)['\"]([^'\"\n]+)['\"]")
_NAME = re.compile(rb"[\w$]+")
_FAULTS = {Fate.IGNORED, Fate.LOGGED, Fate.SWALLOWED, Fate.UNSENT}


def passing(source: Script, hearing: Hearing, *, lazy: bool = False) -> PassingFunction | None:
    """Return the function that passes on a failure; None if nobody is known to call it."""
    if hearing.fate not in PASSED:
        return None
    function = hearing.at if hearing.at.type in FUNCTIONS else function_around(source, hearing.at)
    name = name_of(source, function) if function is not None else ""
    if function is None or not name:
        return None
    lazy = lazy and hearing.fate is Fate.RESULT and not is_async(function)
    return PassingFunction(_place(source, function), name, hearing.fate, owner_of(source, function), lazy)


def mentions(path: Path, text: bytes, wanted: WantedFunctions) -> bool:
    """Tell whether a file may call one of the functions: it imports a name of theirs, or from a file of that name."""
    if wanted.own and str(path.resolve()) in wanted.own:
        return True
    modules = _modules(wanted.files)
    for match in _IMPORTS.finditer(text):
        module = match[2].rsplit(b"/", 1)[-1].split(b".", 1)[0]
        if module in modules or not wanted.words.isdisjoint(_NAME.findall(match[1])):
            return True
    return False


@lru_cache(maxsize=4)
def _modules(files: frozenset[str]) -> frozenset[bytes]:
    """What imports call files, without directories."""
    return frozenset(_module(file).encode() for file in files)


def _module(file: str) -> str:
    *_, folder, name = ("", *file.replace("\\", "/").split("/"))
    stem = name.split(".", 1)[0]
    return folder if stem == "index" else stem


def _place(source: Script, function: Node) -> FunctionPlace:
    return FunctionPlace(source.real_path, function.start_byte)


def heard(modules: ScriptModules, source: Script, wanted: Collection[PassingFunction]) -> Iterator[HeardFailure]:
    """Return what becomes of failures at the calls in a file of functions that pass them on."""
    own = source.real_path
    of: dict[FunctionPlace, list[PassingFunction]] = {}
    for one in wanted:
        if not (one.known and one.place.file == own):
            of.setdefault(one.place, []).append(one)
    names = {one.name for several in of.values() for one in several} | _renamed(modules, source, of)
    if not names:
        return
    for node in source.words(_any_of(names)):
        call = _call(source, node)
        place = called(modules, source, call) if call is not None else None
        if call is None or place is None:
            continue
        for one in of.get(_place(place.source, place.node), ()):
            hearing = _hearing(source, call, one, place.node)
            onto = passing(source, hearing) if hearing is not None else None
            if hearing is not None and (onto is not None or hearing.fate in _FAULTS):
                yield HeardFailure(one, source.text(node), hearing.fate, source.span(hearing.at), onto)


def _renamed(modules: ScriptModules, source: Script, of: Collection[FunctionPlace]) -> set[str]:
    """The names that imports give to such functions."""
    found: set[str] = set()
    for binding in declared(source, source.root).values():
        if imports(source, binding) is not None:
            place = modules.imported(source, binding)
            function = function_of(place) if place is not None and not same(place.node, place.source.root) else None
            if place is not None and function is not None and _place(place.source, function) in of:
                found.add(binding.name)
    return found


def _call(source: Script, node: Node) -> Node | None:
    """Return the call of a function or a method whose name a node is."""
    above = source.parent(node)
    if above is not None and above.type == "member_expression" and same(field(above, "property"), node):
        node, above = above, source.parent(above)
    while above is not None and above.type in {"await_expression", "non_null_expression", "instantiation_expression"}:
        node, above = above, source.parent(above)
    is_called = above is not None and above.type == "call_expression" and same(field(above, "function"), node)
    return above if is_called else None


def _any_of(names: Collection[str]) -> re.Pattern[bytes]:
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"(?<![\w$])(?:" + words + rb")(?![\w$])")


def _hearing(source: Script, call: Node, function: PassingFunction, node: Node) -> Hearing | None:
    if function.how is Fate.THROWN:
        return _caught(source, call, node)
    if function.how is Fate.RETURNED:
        return of_dropped(source, call)
    found = worst(one.outcome for one in endings(source, chain(source, call)))
    if found is not None and found.fate is Fate.UNSENT and not function.lazy:
        return Hearing(Fate.IGNORED, found.at)
    return found


def _caught(source: Script, call: Node, function: Node) -> Hearing | None:
    """Return what becomes of what a function throws, where somebody waits for it."""
    found = chain(source, call)
    if found.calls:
        return None
    if found.then is not None:
        return of_then(source, found.then, throws=True)
    node = lasting(source, found.top)
    above = source.parent(node)
    if found.awaited or (above is not None and above.type == "await_expression") or not is_async(function):
        return thrown(source, node)
    if above is not None and (above.type == "return_statement" or above.type in FUNCTIONS):
        # A promise that is returned is not caught by the `try` around it.
        return Hearing(Fate.THROWN, above)
    return None
