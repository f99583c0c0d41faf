"""The options of a sequence, as CREATE SEQUENCE and the identity of a column have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.sql.fragment import FragmentError, type_name

if TYPE_CHECKING:
    from sessionaudit.sql.fragment import Fragment

BITS = {"smallint": 15, "integer": 31, "bigint": 63}  # beside the sign
OPTIONS = Rule(
    "SA124",
    "sequence-options",
    Severity.WARNING,
    "The options of a sequence, or of the sequence of an identity column, differ from the contract.",
    "nextval returns other values than the application expects, fails earlier at the limit (2200H), or repeats values "
    "(CYCLE). The current value is data, and is not compared.",
    otherwise="An error where the sequence reaches its limit earlier, or repeats values.",
)


class SequenceOptions(Struct, frozen=True, kw_only=True):
    """What a sequence counts: a type and numbers, all as they are in force."""

    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cache: int = 1
    cycle: bool = False


def usual(type_: str, increment: int = 1) -> SequenceOptions:
    """The options that a sequence has where nothing but its type, and perhaps its increment, is stated."""
    most = 2 ** BITS[type_] - 1
    low, high = (1, most) if increment > 0 else (-most - 1, -1)
    return SequenceOptions(
        type=type_, start=low if increment > 0 else high, increment=increment, minimum=low, maximum=high
    )


_NUMBERS = {"increment": "by", "start": "with", "minvalue": "", "maxvalue": "", "cache": ""}
_KNOWN = "“increment by”, “minvalue”, “maxvalue”, “start with”, “cache” or “cycle”"


def parse(fragment: Fragment, type_: str = "", schema: str = "") -> SequenceOptions:
    """Read options up to the end, or to OWNED BY. With a `type_`, AS is refused. Raises FragmentError."""
    found: dict[str, int | str | None] = {}
    while not fragment.done and not fragment.peek("owned"):
        again = fragment.error("each option only once")
        word, value = _option(fragment, schema, typed=not type_)
        if word in found:
            raise again
        found[word] = value
    cycle = bool(found.pop("cycle", 0))
    said = str(found.pop("as", type_ or "bigint"))
    numbers = {word: int(value) for word, value in found.items() if value is not None}
    return _checked(said, numbers, cycle=cycle)


def _option(fragment: Fragment, schema: str, *, typed: bool) -> tuple[str, int | str | None]:
    """One option by its first word; None where it is said to be the usual one."""
    if typed and fragment.accept("as"):
        wrong = fragment.error("smallint, integer or bigint")
        type_ = type_name(fragment, schema)
        if type_ not in BITS:
            raise wrong
        return "as", type_
    for word, second in _NUMBERS.items():
        if fragment.accept(word):
            if second:
                fragment.accept(second)
            return word, _number(fragment)
    for word in ("minvalue", "maxvalue"):
        if fragment.accept("no", word):
            return word, None
    if fragment.accept("no", "cycle"):
        return "cycle", 0
    if fragment.accept("cycle"):
        return "cycle", 1
    raise fragment.error(f"“as”, “owned by”, {_KNOWN}" if typed else _KNOWN)


def _number(fragment: Fragment) -> int:
    wrong = fragment.error("a whole number")
    sign = -1 if fragment.accept("-") else 1
    try:
        return sign * int(fragment.value("a whole number"))
    except ValueError:
        raise wrong from None


def _checked(type_: str, numbers: dict[str, int], *, cycle: bool) -> SequenceOptions:
    increment, cache = numbers.get("increment", 1), numbers.get("cache", 1)
    if increment == 0:
        raise FragmentError("the increment must not be zero", 0)
    default, most = usual(type_, increment), 2 ** BITS[type_]
    low, high = numbers.get("minvalue", default.minimum), numbers.get("maxvalue", default.maximum)
    start = numbers.get("start", low if increment > 0 else high)
    if low >= high:
        raise FragmentError(f"minvalue {low} is not less than maxvalue {high}", 0)
    if low < -most or high >= most:
        raise FragmentError(f"a sequence of {type_} counts from {-most} to {most - 1}", 0)
    if not low <= start <= high:
        raise FragmentError(f"start with {start} is not between minvalue {low} and maxvalue {high}", 0)
    if cache < 1:
        raise FragmentError("the cache must be at least 1", 0)
    return SequenceOptions(
        type=type_, start=start, increment=increment, minimum=low, maximum=high, cache=cache, cycle=cycle
    )


def load(numbers: str, type_: str) -> SequenceOptions:
    """The options of a text of numbers, as the queries give them: start, increment, bounds, cache, whether it cycles.

    Raises ValueError.
    """
    start, increment, low, high, cache, cycle = numbers.split()
    return SequenceOptions(
        type=type_,
        start=int(start),
        increment=int(increment),
        minimum=int(low),
        maximum=int(high),
        cache=int(cache),
        cycle=cycle in {"t", "true"},
    )


def spell(options: SequenceOptions, *, typed: bool) -> str:
    """The options that differ from the usual ones, in the words of CREATE SEQUENCE; with the type where `typed`."""
    default = usual(options.type, options.increment)
    parts = [f"as {options.type}"] if typed else []
    parts += [f"increment by {options.increment}"] if options.increment != 1 else []
    parts += [f"minvalue {options.minimum}"] if options.minimum != default.minimum else []
    parts += [f"maxvalue {options.maximum}"] if options.maximum != default.maximum else []
    begins = options.minimum if options.increment > 0 else options.maximum
    parts += [f"start with {options.start}"] if options.start != begins else []
    parts += [f"cache {options.cache}"] if options.cache != 1 else []
    parts += ["cycle"] if options.cycle else []
    return " ".join(parts)


def clauses(options: SequenceOptions) -> tuple[str, ...]:
    """All options, each in the words of ALTER SEQUENCE."""
    return (
        f"increment by {options.increment}",
        f"minvalue {options.minimum}",
        f"maxvalue {options.maximum}",
        f"start with {options.start}",
        f"cache {options.cache}",
        "cycle" if options.cycle else "no cycle",
    )


def differing(expected: SequenceOptions, actual: SequenceOptions) -> str:
    """Which options differ, in words: of the expected ones, and what they are."""
    pairs = [(words, found) for words, found in zip(clauses(expected), clauses(actual), strict=True) if words != found]
    return ", ".join(f"{found} (expected {words})" for words, found in pairs)


def gives_less(expected: SequenceOptions, actual: SequenceOptions) -> bool:
    """Whether it reaches its limit earlier than expected, or repeats values."""
    narrower = actual.maximum < expected.maximum if expected.increment > 0 else actual.minimum > expected.minimum
    return narrower or (actual.cycle and not expected.cycle)


def are(options: SequenceOptions) -> str:
    """A condition over pg_sequence `q` that it has these options, but for the type."""
    return (
        f"q.seqincrement = {options.increment} and q.seqmin = {options.minimum} and q.seqmax = {options.maximum}"
        f" and q.seqstart = {options.start} and q.seqcache = {options.cache}"
        f" and q.seqcycle = {str(options.cycle).lower()}"
    )


def moved_on(options: SequenceOptions) -> str:
    """An expression over variables `last_value` and `next_value`: RESTART where the current value is not reached yet.

    It is "" where the current value can stay. It never goes back: what is beyond the new end is an obstacle.
    """
    if options.increment > 0:
        return f"case when last_value < {options.minimum} then ' restart with {options.start}' else '' end"
    return f"case when last_value > {options.maximum} then ' restart with {options.start}' else '' end"


def beyond(options: SequenceOptions) -> str:
    """A condition over a sequence's own row `s` that its current value is beyond the end of these options."""
    if options.increment > 0:
        return f"s.last_value > {options.maximum}"
    return f"s.last_value < {options.minimum}"
