"""What a contract costs to read and to compare grows with its size, or is refused by a bound that is named.

Each shape is measured at a size and at four times it: what is linear takes four times as long, what is quadratic
sixteen times. The best of some tries counts, for other work on the machine only ever adds time.
"""

from __future__ import annotations

import contextlib
import gc
import time
from typing import TYPE_CHECKING

import pytest

from sessionaudit.audits.selection import Selection, judged
from sessionaudit.contract import yaml_reader
from sessionaudit.contract.loader import load, outline
from sessionaudit.core.cure import dollar_quoted
from sessionaudit.core.finding import Finding
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import ContractError
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import RULES
from sessionaudit.sql import equality, expression, fragment
from sessionaudit.sql import text as sql

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = "version: 1\n"
TABLE = HEAD + "tables:\n  a:\n"
# The sizes that are tried each time, and those at which what is quick enough to hide below shows too.
SIZES = [pytest.param(1_000, id="some"), pytest.param(4_000, id="many", marks=pytest.mark.slow)]
MOST = 9  # between the four of what is linear and the sixteen of what is quadratic
TRIES = 6


def text(sql_text: str) -> str:
    return "'" + sql_text.replace("'", "''") + "'"


def many(template: str, number: int, separator: str = ", ") -> str:
    return separator.join(template.format(i) for i in range(number))


def column(definition: str) -> str:
    return f"{TABLE}    columns:\n      x: {text(definition)}\n"


def or_check(number: int) -> str:
    terms = many("a = {}", number, " or ")
    return TABLE + "    constraints: {c: " + text(f"check ({terms})") + "}\n"


def replacements(number: int) -> str:
    values, replaced = many("v{}", number), many("w{0}: v{0}", number)
    return f"{HEAD}enums:\n  e: {{values: [{values}], replace: {{{replaced}}}}}\n"


def links(number: int) -> str:
    promises = many("  i{}: {{summary: x, of: a, violations: select 1}}\n", number, "")
    told = many("    l{0}: {{summary: x, invariant: i{0}}}\n", number, "")
    return f"{HEAD}tables: {{a: {{}}}}\ninvariants:\n{promises}trace:\n  of: a\n  links:\n{told}"


def index(number: int) -> str:
    columns = many("c{}", number)
    return TABLE + "    indexes: {x: " + text(f"using btree ({columns})") + "}\n"


def trigger(number: int) -> str:
    arguments = many("'x'", number)
    definition = f"before update for each row execute function f({arguments})"
    return TABLE + "    triggers: {x: " + text(definition) + "}\n"


CONTRACTS: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: column("int default " + "(" * n + "1" + ")" * n),
    "a check of many terms": or_check,
    "values of an enum": lambda n: f"{HEAD}enums:\n  e: [{many('v{}', n)}]\n",
    "replacements": replacements,
    "columns": lambda n: f"{TABLE}    columns:\n" + many("      c{}: int not null\n", n, ""),
    "policies": lambda n: f"{TABLE}    policies:\n" + many("      p{}: {{using: a}}\n", n // 4, ""),
    "tables": lambda n: f"{HEAD}tables:\n" + many("  t{}: {{}}\n", n, ""),
    "a key too many": lambda n: f"{TABLE}    columns: {{{many('c{}: int', n)}, c0: int}}\n",
    "a name that is none": lambda n: f"{HEAD}tables: {{{many('t{}: {{}}', n)}, a.b.c: {{}}}}\n",
    "a wrong word at the end": lambda n: f"{TABLE}    columns:\n      x: |\n" + "        not\n" * n + "        nil\n",
    "links": lambda n: links(n // 8),
    "nested comments": lambda n: column("int " + "/*" * n + "*/" * n),
    "comments that never end": lambda n: column("int " + "/*" * n),
    "quotes that never end": lambda n: column("text default '" + "''" * n),
    "dollar quotes that never end": lambda n: column("text default " + many("$t{}$", n, " ")),
    "signs": lambda n: column("int default 1 " + "+" * n + "1"),
    "operators": lambda n: column("int default 1 " + "=-" * n + "1"),
    "casts": lambda n: column("int default 1" + "::int" * n),
    "types in types": lambda n: column("int default " + "time(" * n + ")" * n),
    "columns of an index": index,
    "arguments of a trigger": trigger,
}


def nested(depth: int) -> str:
    return "(" * depth + "a > 1" + ")" * depth


def same(expected: str, actual: str) -> bool:
    return equality.same_meaning(
        expected, actual, wrap=lambda one: f"select {one}", schema="public", shadowed=lambda _: False
    )


V, VT = "'v{}'", "'v{}'::text"
CASE = "when a = {} then 'b'"
MEANINGS: dict[str, Callable[[int], tuple[str, str]]] = {
    "parentheses": lambda n: (nested(n), nested(n + 1).replace("1", "2")),
    "or": lambda n: (many("a = {}", n, " or "), f"({many('(a = {})', n + 1, ' OR ')})"),
    "or of ands": lambda n: (many("a = {0} and b = {0}", n, " or "), "b"),
    "in": lambda n: (f"a in ({many(V, n)})", f"a = any (array[{many(VT, n)}, 'x'::text])"),
    "the same in": lambda n: (f"a in ({many(V, n)})", f"(a = ANY (ARRAY[{many(VT, n)}]))"),
    "coalesce": lambda n: (f"coalesce({many(V, n)})", f"coalesce({many(VT, n)})"),
    "array": lambda n: (f"array[{many(V, n)}]", f"array[{many(VT, n)}]"),
    "case": lambda n: (f"case {many(CASE, n, ' ')} end", "b"),
    "names in a query": lambda n: (f"exists (select {many('a as b', n)} from c)", "b"),
    "calls in calls": lambda n: ("f(" * n + "a" + ")" * n, "b"),
    "intervals in intervals": lambda n: ("interval (" * n + ")" * n, "b"),
    "signs": lambda n: ("a " + "+" * n + "b", "b"),
    "json": lambda n: ("'" + "[" * n + "]" * n + "'::jsonb", "b"),
    "digits": lambda n: ("1" * n, "'" + "1" * n + "'::int"),
}


def seconds(work: Callable[[], object]) -> float:
    for cached in (sql.canonical, sql.unqualified, sql.quoted, expression.tree, fragment.canonical_type):
        cached.cache_clear()
    gc.collect()
    gc.disable()
    began = time.thread_time()
    try:
        work()
    finally:
        took = time.thread_time() - began
        gc.enable()
    return took


def assert_linear(work: Callable[[int], Callable[[], object]], size: int, times: int = 4) -> None:
    small, large = work(size), work(times * size)
    quick = slow = float("inf")
    for _ in range(TRIES):
        quick, slow = min(quick, seconds(small)), min(slow, seconds(large))
        if slow < MOST * max(quick, 0.002):
            return
    raise AssertionError(f"{size}: {quick:.3f} s, {times * size}: {slow:.3f} s")


@pytest.mark.thorough
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", CONTRACTS.values(), ids=CONTRACTS)
def test_a_contract_is_read_in_a_time_that_grows_with_its_size(shape: Callable[[int], str], size: int) -> None:
    def reading(number: int) -> Callable[[], object]:
        source = shape(number)

        def read() -> None:
            with contextlib.suppress(ContractError):
                outline(source, "c.yaml").declare()

        return read

    assert_linear(reading, size)


@pytest.mark.thorough
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", MEANINGS.values(), ids=MEANINGS)
def test_two_expressions_are_compared_in_a_time_that_grows_with_their_size(
    shape: Callable[[int], tuple[str, str]], size: int
) -> None:
    def comparing(number: int) -> Callable[[], object]:
        expected, actual = shape(number)
        return lambda: same(expected, actual)

    assert_linear(comparing, size)


def test_dollar_quotes_are_found_in_a_time_that_grows_with_the_text() -> None:
    def quoting(size: int) -> Callable[[], object]:
        body = "".join(f"$body{'_' * length}$" for length in range(size))
        return lambda: dollar_quoted(body)

    # Of n tags the text is as long as the square of n, so that four times the text is twice the tags.
    assert_linear(quoting, 1_000, times=2)
    assert dollar_quoted("a $body$ $body_$").startswith("$body__$")
    assert dollar_quoted("ends in $") == "$body$ends in $$body$"
    assert dollar_quoted("ends in $body") == "$body_$ends in $body$body_$"


@pytest.mark.parametrize("size", SIZES)
def test_waivers_are_found_in_a_time_that_grows_with_their_number(size: int) -> None:
    import datetime as dt

    rule = RULES["missing-table"]

    def judging(number: int) -> Callable[[], object]:
        waivers = many("{{rule: missing-table, object: t{}.c, reason: b, until: 2030-01-01}}", number)
        contract = outline(f"{HEAD}tables: {{a: {{}}}}\nwaivers: [{waivers}]\n", "c.yaml").declare()
        refs = [ObjectRef("table", ("public", f"t{place}")) for place in range(number)]
        found = [
            Finding(
                rule=rule,
                severity=rule.severity,
                ref=ref,
                facet="",
                expected=None,
                actual=None,
                message="",
            )
            for ref in refs
        ]
        everything = Selection(only=(), ignore=(), schema="public")
        return lambda: judged(found, contract, everything, dt.date(2026, 1, 1))

    assert_linear(judging, size // 2)


# What is not read at all

GLOB = "{{rule: owner, object: x{}*, reason: b, until: 2030-01-01}}"
BOUNDS = {
    "values": (
        lambda most: f"{HEAD}enums: {{e: [{'a, ' * most}a]}}\n",
        "more than {:,} values and keys",
        "several contracts",
    ),
    "keys": (
        lambda most: HEAD + many("t{}: \n", most // 2 + 1, ""),
        "more than {:,} values and keys",
        "several contracts",
    ),
    "a text": (lambda _: f"{HEAD}schema: {'a' * 1_000_001}\n", "a text of more than 1,000,000 characters", "shorter"),
    "depth": (lambda _: HEAD + "a: " + "[" * 20, "nested deeper than 16 levels", "nested that deep"),
    "globs": (
        lambda _: f"{TABLE}    {{}}\nwaivers: [{many(GLOB, 1_001)}]\n",
        "more than 1,000 waivers with a glob",
        "Name the objects.",
    ),
}


@pytest.mark.parametrize("most", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize(("make", "words", "hint"), BOUNDS.values(), ids=BOUNDS)
def test_a_bound_names_itself_and_the_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[int], str], words: str, hint: str, most: int
) -> None:
    assert yaml_reader.MOST_VALUES == 1_000_000
    monkeypatch.setattr(yaml_reader, "MOST_VALUES", most)  # a million takes seconds to be read
    file = tmp_path / "c.yaml"
    file.write_text(make(most))
    with pytest.raises(ContractError) as caught:
        load(file)
    location = caught.value.location
    assert location is not None
    assert location.line >= 2
    assert words.format(most) in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_name_of_any_length_is_not_shown_whole() -> None:
    for source in (
        f"{HEAD}tables: {{a: {{}}, ? {'b' * 100_000} : {{}}}}\n",
        f"{TABLE}    grants: {{a: [{'b' * 100_000}]}}\n",
        f"{HEAD}enums: {{e: [{'b' * 100_000}, {'b' * 100_000}]}}\n",
        f"{HEAD}? {'b' * 100_000} : c\n",
        column(f"int {'b' * 100_000}"),
    ):
        with pytest.raises(ContractError) as caught:
            outline(source, "c.yaml").declare()
        assert len(str(caught.value)) < 800
        assert len(caught.value.hint) < 800


@pytest.mark.parametrize(
    "definition",
    ["float(9)", "float(0)", "float(54)", "float(x)", f"float({'9' * 5_000})", "numeric(" + "9" * 5_000 + ")"],
)
def test_digits_of_any_number_are_no_bug(definition: str) -> None:
    try:
        outline(column(definition), "c.yaml").declare()
    except ContractError as error:
        assert "float" in str(error)  # noqa: PT017 - either may come of it


@pytest.mark.thorough
def test_every_kind_reads_any_depth_without_a_bug() -> None:
    deep = "(" * 5_000 + ")" * 5_000
    for kind in KINDS:
        for said in (deep, f"check {deep}", f"using btree {deep}", f"f{deep}", "- " * 5 + deep):
            (node,) = yaml_reader.compose(f"a: {text(said)}\n", "c.yaml").values()
            try:
                kind.read(node, "public")
            except (fragment.FragmentError, yaml_reader.ContractError, ValueError) as error:
                assert type(error).__name__ in {"FragmentError", "NodeError"}  # noqa: PT017 - either may come of it


def test_a_waiver_is_found_whatever_the_names_are() -> None:
    import datetime as dt

    rule = RULES["missing-table"]
    for object_, path, covered in (
        ("x", ("public", "x"), True),
        ("public.x", ("public", "x"), True),
        ("public", ("public", "x"), True),
        ("*", ("(odd)",), True),
        ("x", ("(odd)", "(x)"), False),
        ("x", ("other", "x"), False),
        ("schema", ("other", "x"), True),
        ("table public.x", ("public", "x"), True),
        ("x?", ("public", "x"), False),
    ):
        waivers = f"{{rule: missing-table, object: '{object_}', reason: b, until: 2030-01-01}}"
        contract = outline(f"{HEAD}tables: {{a: {{}}}}\nwaivers: [{waivers}]\n", "c.yaml").declare()
        finding = Finding(
            rule=rule,
            severity=rule.severity,
            ref=ObjectRef("table", path),
            facet="",
            expected=None,
            actual=None,
            message="",
            audit="schema",
        )
        everything = Selection(only=(), ignore=(), schema="public")
        _, waived = judged([finding], contract, everything, dt.date(2026, 1, 1))
        assert bool(waived) == covered, (object_, path)
