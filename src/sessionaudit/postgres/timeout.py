"""Seconds, in which the program counts, as the milliseconds that PostgreSQL's timeouts are."""

from __future__ import annotations

# Timeouts are milliseconds in 31 bits (the manual, “Parameter Names and Values”); in whole seconds.
LONGEST = 2_147_483
_SHORTEST = 0.001
_MILLISECONDS = 1000


def milliseconds(seconds: float) -> str:
    """A timeout as a value of `statement_timeout` and its like; 0 is none.

    What PostgreSQL does not take is bounded: what is longer, and what is no number, to the longest, and what is shorter
    than a millisecond to one, for 0 would lift the timeout.
    """
    if seconds == 0:
        return "0ms"
    bounded = max(min(LONGEST, seconds), _SHORTEST)  # in this order NaN is the longest
    return f"{round(bounded * _MILLISECONDS)}ms"
