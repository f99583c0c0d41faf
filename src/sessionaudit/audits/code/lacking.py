"""Leave unjudged what a private database may be without, though the real one has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.verdict import NotJudged

if TYPE_CHECKING:
    from sessionaudit.audits.code.verdict import CodeVerdict, Judgement

_OF_NAMES = frozenset(
    {
        *(rules.UNKNOWN_TABLE, rules.UNKNOWN_COLUMN, rules.UNKNOWN_FUNCTION, rules.AMBIGUOUS_FUNCTION),
        *(rules.MISSING_RELATIONSHIP, rules.AMBIGUOUS_RELATIONSHIP, rules.NO_CONFLICT_KEY),
        *(rules.WRONG_OPERATOR, rules.SEVERAL_ROWS, rules.REJECTED_STATEMENT, rules.UNHEARD_TABLE),
    }
)
_WORD = re.compile(r"[\w$]+")


class LackingDatabase(Struct, frozen=True):
    """What a database may be without.

    It is `partial` if it has only what a contract names, and `unmade` are the texts of what did not run in it.
    """

    partial: bool = False
    unmade: tuple[str, ...] = ()

    def leave(self, result: Judgement) -> None:
        """Take what is about something that may be missing for not judged."""
        if not self.partial and not self.unmade:
            return
        kept: list[CodeVerdict] = []
        words = frozenset(word for text in self.unmade for word in _WORD.findall(text.lower()))
        for one in result.verdicts:
            why = self._why(one, words)
            if why:
                result.not_judged.append(NotJudged(one.at, f"{why}: {one.message}", one.sql))
            else:
                kept.append(one)
        left = frozenset(one.rule for one in result.verdicts if one not in kept)
        result.unjudged = (_OF_NAMES | rules.OF_ROLES if self.partial else left) | {rules.SILENT_FAILURE}
        result.verdicts[:] = kept

    def _why(self, one: CodeVerdict, words: frozenset[str]) -> str:
        if self.partial and one.rule in _OF_NAMES:
            return "the contract does not name it"
        names = _names(one)
        return "a file that did not run may make it" if names and names <= words else ""


def _names(one: CodeVerdict) -> set[str]:
    """The words by which a file would make what is missing."""
    if one.rule in rules.OF_ROLES:
        said = one.ref.path[1] if one.ref and len(one.ref.path) > 1 else ""
    else:
        said = one.actual or (one.ref.name if one.ref else "")
    return set(_WORD.findall(said.lower()))


WHOLE = LackingDatabase()
