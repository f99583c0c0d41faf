"""How long something takes, as people say it."""

from __future__ import annotations

_MINUTE = 60
_HOUR = 3600


def roughly(seconds: float) -> str:
    """Return a duration in its two greatest units: `8 s`, `1 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
