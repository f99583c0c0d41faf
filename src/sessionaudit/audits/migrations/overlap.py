"""Run a file while it is still being read what the one before it did: nothing of it is committed before that is read.

What a transaction has not committed is invisible to whoever reads the catalogs, the server's own functions included;
but the reader waits for a relation that it has locked exclusively. So what may lock one that was there before the file
waits for the reader; and where something else has locked one, the file is taken back, and runs once more.
"""

from __future__ import annotations

import re
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.sql.statements import SqlStatement

# What a file can see the reader by: that it waits for it, and who else is there.
_NOTICES_OTHERS = re.compile(r"nowait|skip\s+locked|_timeout|pg_locks|pg_blocking|pg_stat_|isolation", re.IGNORECASE)
_HARMLESS = {"comment", "grant", "revoke", "insert", "update", "delete", "select", "with", "set", "reset"}
_MODIFIERS = {"or", "replace", "unique", "constraint", "unlogged", "recursive", "materialized"}
_GUARDS = {"if", "not", "exists", "only"}


class CommitGate:
    """Closed while it is being read what the last file did, which is before anything of the next one is committed.

    The reader opens it, or asks the one that runs the next file to make way; that one waits for either.
    """

    def __init__(self) -> None:
        self._open, self._asked, self._clear = Event(), Event(), Event()
        self._called = Event()  # set with either, so that one can wait for both

    # Of the reader

    def open(self) -> None:
        """Let the file be committed."""
        self._open.set()
        self._called.set()

    def make_way(self) -> None:
        """Wait until the file that runs has no locks."""
        self._asked.set()
        self._called.set()
        self._clear.wait()

    # Of the one that runs the file

    def passed(self) -> bool:
        """Wait, with a transaction open, until it may be committed; False where it has to be taken back first."""
        self._called.wait()
        return not self._asked.is_set()

    def stand_back(self) -> None:
        """Wait until the gate is open, without a transaction."""
        self._clear.set()
        self._open.wait()

    def leave(self) -> None:
        """Tell the reader that nothing runs any more that it could wait for."""
        self._clear.set()


def early(found: Sequence[SqlStatement]) -> int:
    """How many of the first statements of a file lock no relation exclusively that was there before."""
    if any(_NOTICES_OTHERS.search(statement.text) for statement in found):
        return 0
    made: set[str] = set()
    for number, statement in enumerate(found):
        if not _is_early(statement.words, made):
            return number
    return len(found)


def _is_early(words: Sequence[str], made: set[str]) -> bool:
    """Whether a statement locks only what the file has made, which is noted."""
    if words[0] == "alter":
        return words[1:2] == ("table",) and _name(words, 2) in made
    if words[0] != "create":
        return words[0] in _HARMLESS
    place = next((place for place, word in enumerate(words) if place and word not in _MODIFIERS), 0)
    if words[place] in {"policy", "rule"}:
        return "on" in words and _name(words, words.index("on") + 1) in made
    if words[place] in {"table", "view"}:
        made.add(_name(words, place + 1))
        return words[place] == "table" or "replace" not in words[:place]
    return True


def _name(words: Sequence[str], place: int) -> str:
    """The last part of the name that begins there, as it is spelled."""
    rest = [word for word in words[place:] if word not in _GUARDS]
    while rest[1:2] == ["."]:
        rest = rest[2:]
    return rest[0] if rest else ""
