"""An error that ends a command: in lines for people, and as an object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import EXIT_DATABASE, EXIT_INTERRUPTED, SessionAuditError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 50  # errors of a contract, on one screen or two
STREAMED = "The contract was read from a stream, which can be read only once: save it as a file, and name that with -c."
WITHHELD = "The URL is printed without its password: set PGPASSWORD, or use ~/.pgpass."


def lines(error: SessionAuditError) -> Iterator[str]:
    """The messages for people, and what was committed before it; no hint that stands there already."""
    done = CHANGES.sentence() if CHANGES.any else ""
    others = getattr(error, "more", ())
    for one in (error, *others[: _MOST - 1]):
        yield f"error: {one}"
        hint = one.hint.strip()
        if hint and hint not in done and hint not in str(one):
            yield f"hint: {hint}"
    if len(others) >= _MOST:
        yield f"error: and {len(others) + 1 - _MOST:,} more"
    if done:
        yield done


def lines_on_commands() -> Iterator[str]:
    """What the printed commands lack."""
    if CALLING.withheld:
        yield WITHHELD
    if CALLING.repeated:
        yield STREAMED


def lines_of_bug(error: Exception) -> Iterator[str]:
    """The same for an error that nobody expected."""
    yield f"error: {_bug(error)}"
    yield f"hint: {CHANGES.sentence()} Set SESSIONAUDIT_DEBUG=1 for the traceback, and report it."


def spelled_error(error: SessionAuditError | KeyboardInterrupt) -> dict[str, Any]:
    """Return an error as an object for programs, which replaces the result or is a part of it."""
    if isinstance(error, KeyboardInterrupt):
        return error_object("interrupted", "Interrupted.", EXIT_INTERRUPTED)
    told = error_object(error.kind, error.message, error.exit_code, error.hint, _place(error))
    if more := [
        {"message": one.message, "hint": one.hint, "location": _place(one)} for one in getattr(error, "more", ())
    ]:
        told["error"]["more"] = more
    return told


def spelled_bug(error: Exception) -> dict[str, Any]:
    """The same for an error that nobody expected."""
    return error_object("bug", _bug(error), EXIT_DATABASE)


def error_object(
    kind: str, message: str, code: int, hint: str = "", location: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The object of an error, with what was committed before it."""
    told = {"kind": kind, "exit_code": code, "message": message, "hint": hint, "location": location}
    return {"version": 1, "error": {**told, "committed": CHANGES.sentence() if CHANGES.any else None}}


def _place(error: SessionAuditError) -> dict[str, Any] | None:
    place = getattr(error, "location", None)
    return {"file": place.file, "line": place.line or None, "column": place.column} if place else None


def _bug(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"
    return f"this is a bug in sessionaudit: {type(error).__name__} in {where}"
