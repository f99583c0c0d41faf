"""Tell whether a text that is certainly run as SQL is to be judged: all is but the commands that look nothing up."""

from __future__ import annotations

import re

_FIRST = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*(?P<word>[^\W\d]\w*|\S)?", re.DOTALL)
# Of PostgreSQL, from part VI of its manual: of these the server looks up no name before it runs them.
_COMMANDS = frozenset(
    "abort alter analyse analyze begin checkpoint close cluster comment commit copy create deallocate declare discard "
    "do drop end execute explain fetch grant import listen load lock move notify prepare reassign refresh reindex "
    "release reset revoke rollback savepoint security set show start truncate unlisten vacuum wait".split()
)


def is_judged(text: str) -> bool:
    """Tell whether a text begins with anything but such a command: a query, or a word that no command begins with."""
    found = _FIRST.match(text)
    word = found["word"] if found else None
    return word is not None and word.lower() not in _COMMANDS
