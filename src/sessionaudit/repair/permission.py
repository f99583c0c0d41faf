"""Decide which steps run and which are held back, from the obstacles found and the hazards allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.held_back import Reason
from sessionaudit.core.node import close, nearest
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import shell_word
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessionaudit.core.held_back import Held
    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.repair.plan import Plan
    from sessionaudit.repair.preflight import RowsInWay

_UNPROMPTED = {Hazard.LOOSEN, Hazard.OPEN}  # hazards that are never suggested: a person must decide on them
_ZONES = "select z.name from pg_catalog.pg_timezone_names z"


def allowed(words: Iterable[str]) -> frozenset[Hazard]:
    """Return the hazards that `--allow` names. Raises UsageError."""
    gated = [str(hazard) for hazard in Hazard if hazard.gated]
    found: set[Hazard] = set()
    for word in words:
        if word != "all" and word not in gated:
            raise UsageError(
                f"--allow takes {', '.join(gated)} or all, not “{word}”", hint=close(word, [*gated, "all"])
            )
        found |= set(Hazard) if word == "all" else {Hazard(word)}
    return frozenset(found)


def releasing(held: Iterable[Held], *, allowed: frozenset[Hazard], with_data: bool) -> tuple[list[Hazard], bool]:
    """The hazards that would let steps run that are held back, once allowed, and whether a data repair would.

    `allowed` and `with_data` are what is allowed now.
    """
    unasked = _UNPROMPTED - allowed
    found = [one for one in held if unasked.isdisjoint(one.allow)]
    hazards = {hazard for one in found for hazard in one.allow} - allowed
    return sorted(hazards), any(one.by_data for one in found) and not with_data


def unprompted(held: Iterable[Held], *, allowed: frozenset[Hazard]) -> list[Held]:
    """The steps that are held back by hazards that are never suggested, and not only by another such step."""
    unasked = _UNPROMPTED - allowed
    return [one for one in held if not one.follows and not unasked.isdisjoint(one.allow)]


def words(hazards: Iterable[Hazard], *, with_data: bool) -> list[str]:
    """Return the options that allow these."""
    allow = [word for hazard in hazards if hazard.gated for word in ("--allow", str(hazard))]
    return [*allow, *(["--with-data"] if with_data else [])]


def face(
    plan: Plan, found: Iterable[RowsInWay], *, allowed: frozenset[Hazard], repairs: Mapping[str, str]
) -> tuple[Plan, dict[int, Reason]]:
    """Return the plan with the hazards that were found, and with the reasons that hold steps back.

    Allowed hazards are not looked for again. Rows that an enabled data repair changes hold nothing back. A step that
    depends on a held-back step needs no reason of its own.
    """
    steps = [_relieved(step, allowed) for step in plan.steps]
    reasons: dict[int, Reason] = {}
    for rows in found:
        if rows.hazard is None:
            if rows.step.repair not in repairs or not rows.of_rows:
                reasons[rows.place] = _in_way(rows)
        elif rows.hazard in allowed or not (rows.found.of_rows and rows.step.repair in repairs):
            steps[rows.place] = _hazardous(steps[rows.place], rows, known=rows.hazard in allowed)
            if rows.hazard not in allowed:
                reasons[rows.place] = _at_risk(rows, rows.hazard)
    first = {place: reason for place, reason in reasons.items() if not plan.after[place] & reasons.keys()}
    return replace(plan, steps=tuple(steps)), first


def _relieved(step: Step, allowed: frozenset[Hazard]) -> Step:
    return replace(step, risk=None) if step.risk and step.risk.hazard in allowed else step


def _hazardous(step: Step, rows: RowsInWay, *, known: bool) -> Step:
    """Add the hazard to a step; if the step runs anyway, also the consequence."""
    hazards = step.hazards if rows.hazard is None else tuple(dict.fromkeys((*step.hazards, rows.hazard)))
    told = f" Allowed: {rows.counted}." if known else ""
    return replace(step, hazards=hazards, why=f"{step.why}{told}".strip())


def _in_way(rows: RowsInWay) -> Reason:
    if rows.total is None:
        return Reason(str(rows), rows.help, rows.counted)
    if rows.step.repair and rows.of_rows:
        return Reason(str(rows), f"--with-data runs {rows.step.repair} over them.", rows.counted, by_data=True)
    return Reason(str(rows), rows.found.hint, rows.counted, again=not rows.of_rows)


def _at_risk(rows: RowsInWay, hazard: Hazard) -> Reason:
    only = shell_word(rows.step.ref.dotted)
    allow = f"To run it anyway: --allow {hazard}. To repair only this object, add --only {only}."
    if rows.total is None:
        unknown = f"it may need --allow {hazard}, as {{}}"
        help_ = f"{rows.help} {allow}".strip()
        return Reason(unknown.format(rows), help_, unknown.format(rows.counted), allow=(hazard,))
    if rows.found.of_rows and rows.step.repair:
        help_ = f"--with-data runs {rows.step.repair} over them. {allow}"
    else:
        help_ = f"{rows.found.hint} {allow}"
    told = f"it {hazard.meaning} ({hazard})"
    by_data = bool(rows.found.of_rows and rows.step.repair)
    allowed = () if by_data else (hazard,)
    return Reason(f"{told}: {rows}", help_.strip(), f"{told}: {rows.counted}", allow=allowed, by_data=by_data)


def require_zone(connection: Connection, zone: str) -> None:
    """Raise UsageError if the server has no time zone of that name.

    The server accepts other forms too, some with the opposite sign: `UTC+3` is three hours west of UTC.
    """
    names = [row[0] for row in connection.execute(_ZONES)] if zone else []
    if zone and zone not in names:
        raise UsageError(
            f"--time-zone: the server has no time zone “{zone}”",
            hint=nearest(zone, names) or "Use UTC, or a name such as Europe/Berlin.",
        )
