"""Convert timeouts from seconds to the milliseconds that PostgreSQL uses."""

from __future__ import annotations

# The largest timeout: 31 bits of milliseconds (the manual, “Parameter Names and Values”), in whole seconds.
LONGEST = 2_147_483
_SHORTEST = 0.001
_MILLISECONDS = 1000


def milliseconds(seconds: float) -> str:
    """Spell a timeout as a value of `statement_timeout` and similar settings; 0 means no timeout.

    Values outside PostgreSQL's range are limited: longer ones and NaN to the longest timeout, and positive ones below a
    millisecond to one, because 0 would disable the timeout.
    """
    if seconds == 0:
        return "0ms"
    bounded = max(min(LONGEST, seconds), _SHORTEST)  # with this order of arguments NaN becomes LONGEST
    return f"{round(bounded * _MILLISECONDS)}ms"
