"""Compare what comes of a command with what the contract states of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.behaviour.access import rules
from sessionaudit.contract.access import NONE, REFUSED
from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.finding import Finding
from sessionaudit.core.ref import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.contract.access import StatedAccess
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.access.cells import AccessCell

_WORDS = {
    AccessVerdict.ALL: "all",
    AccessVerdict.BY_POLICY: "by policy",
    AccessVerdict.NO_ROW: "no row",
    AccessVerdict.REFUSED: "refused",
    AccessVerdict.IMPOSSIBLE: "impossible",
    AccessVerdict.UNKNOWN: "unknown",
}
_ALL_COLUMNS = frozenset({""})
_FORMS = {"insert": "with a value for each column"}
_DEEDS = {
    "select": ("reads", "rows of"),
    "insert": ("inserts", "rows into"),
    "update": ("updates", "rows of"),
    "delete": ("deletes", "rows of"),
    "truncate": ("truncates", ""),
    "execute": ("calls", ""),
}


def worded(cell: AccessCell) -> str:
    """Return a cell in the words of a contract."""
    word = _WORDS[cell.verdict]
    return word if cell.columns is None or cell.verdict.is_none else f"{word} ({', '.join(sorted(cell.columns))})"


def of_statement(
    stated: StatedAccess, cell: AccessCell, ref: ObjectRef, grounds: Sequence[ObjectRef], holder: str
) -> Finding | None:
    """Return the finding on a command of which not this comes that the contract states; None if it does."""
    differing = next((one for one in _forms(cell) if not _meets(stated.word, one)), None)
    more, less = _columns(stated, cell)
    if differing is None and not more and not less:
        return None
    excess = bool(more) if differing is None else differing.rank > _rank(stated.word)
    rule = rules.EXCESS if excess else rules.LACKING
    return Finding(
        rule=rule,
        severity=rule.severity,
        ref=ref,
        facet=stated.command,
        expected=str(stated),
        actual=_actual(cell, differing),
        message=_message(stated, cell, ref, differing, more or less),
        locations=(stated.location,),
        stands_on=tuple(grounds),
        holder=holder,
        explains=(ref,),
    )


def _forms(cell: AccessCell) -> tuple[AccessVerdict, ...]:
    return (cell.verdict,) if cell.other is None else (cell.verdict, cell.other)


def _meets(word: str, verdict: AccessVerdict) -> bool:
    if word == NONE:
        return verdict.is_none
    if word == REFUSED:
        return verdict in {AccessVerdict.REFUSED, AccessVerdict.IMPOSSIBLE}
    return word == verdict.value


def _rank(word: str) -> int:
    return 1 if word == NONE else AccessVerdict(word).rank


def _columns(stated: StatedAccess, cell: AccessCell) -> tuple[frozenset[str], frozenset[str]]:
    """Return the columns that there are too many of, and those that are missing; all of them are an empty name."""
    if stated.columns is None or cell.verdict.is_none:
        return frozenset(), frozenset()
    if cell.columns is None:
        return _ALL_COLUMNS, frozenset()
    return cell.columns - stated.columns, stated.columns - cell.columns


def _actual(cell: AccessCell, differing: AccessVerdict | None) -> str:
    if differing is None or differing is cell.verdict:
        return worded(cell)
    return f"{worded(cell)}; {_WORDS[differing]} in another form"


def _message(
    stated: StatedAccess, cell: AccessCell, ref: ObjectRef, differing: AccessVerdict | None, columns: frozenset[str]
) -> str:
    role, name = stated.role, dotted(ref.path[:-1])
    command = stated.command
    if differing is None:
        which = "all columns" if columns == _ALL_COLUMNS else f"column {', '.join(sorted(columns))}"
        denied = cell.columns is not None and not columns & cell.columns
        return f"{role} may {'not ' * denied}{command} {which} of {name}."
    said = _said(role, command, name, differing)
    if differing is not cell.verdict:
        return f"{said} {_FORMS.get(command, 'without WHERE and RETURNING')}."
    own = f"{role} lacks"
    why = "; ".join(dict.fromkeys(one.text.replace(own, "it lacks", one.role == role) for one in cell.reasons))
    return f"{said}{f': {why}' if why else ''}."


def _said(role: str, command: str, name: str, verdict: AccessVerdict) -> str:
    verb, of = _DEEDS[command]
    infinitive = {"execute": "call", "insert": "insert into", "delete": "delete from", "select": "read"}.get(
        command, command
    )
    if verdict in {AccessVerdict.REFUSED, AccessVerdict.IMPOSSIBLE}:
        return f"{role} may not {infinitive} {name}"
    if not of:
        return f"{role} may {infinitive} {name}"
    rows = {
        AccessVerdict.ALL: "all",
        AccessVerdict.BY_POLICY: "by policy the",
        AccessVerdict.NO_ROW: "no",
    }[verdict]
    silent = ", and that is no error" if verdict is AccessVerdict.NO_ROW else ""
    return f"{role} {verb} {rows} {of} {name}{silent}"
