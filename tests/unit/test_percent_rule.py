"""One rule for `%` in all SQL: it is one, but for a parameter that stands in no quotes and in no comment."""

from __future__ import annotations

import ast
import random
import re
from typing import TYPE_CHECKING

from servers import connect
from sessionaudit.core.query import Query, constant, spelled
from sessionaudit.kinds import KINDS
from sessionaudit.sql.text import doubled, identifier, literal
from sources import SOURCE, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = ("%", "%%", "%s", "%(x)s", "%(y)s", "%b", "'", '"', "$", "--", "/*", "*/", "\\", "x", " ", "é")
VALUES = {"x": "the % of %(x)s", "y": "%s"}
PARAMETER = re.compile(r"%\(\w+\)s")


def item(chance: random.Random) -> tuple[str, str]:
    """A part of a list of values as SQL, and the value that it has."""
    text = "".join(chance.choices(WORDS, k=chance.randrange(8)))
    comment = text.replace("*/", "").replace("/*", "")
    name = chance.choice([*VALUES])
    return chance.choice(
        [
            (literal(text), text),
            (f"$q${text}$q$" if "$" not in text else literal(text), text),
            (f"%({name})s::text", VALUES[name]),
            (f"(7 % 4)::text /* {comment} */", "3"),
            (f"(9%5)::text -- {comment}\n", "4"),
            (f"(select {identifier(text or 'n')} from (values ('7')) v ({identifier(text or 'n')}))", "7"),
        ]
    )


def test_the_server_reads_what_is_written(database: str) -> None:
    chance = random.Random(20)
    with connect(database) as connection:
        for _ in range(400):
            items = [item(chance) for _ in range(chance.randrange(1, 6))]
            asked = f"select {', '.join(sql for sql, _ in items)}"
            # Two parameters are sent, so both must be asked for.
            asked += ", %(x)s::text, %(y)s::text"
            row = connection.execute(spelled(asked), VALUES).fetchone()
            assert row == (*(value for _, value in items), *VALUES.values()), asked
            assert connection.execute(Query(asked).spelled(parameters=True), VALUES).fetchone() == row


def test_a_pattern_gives_back_what_is_in_it(database: str) -> None:
    chance = random.Random(21)
    with connect(database) as connection:
        for _ in range(100):
            text = "".join(chance.choices(WORDS, k=8))
            asked = f"select pg_catalog.format({literal(doubled(text))}, 1)"
            assert connection.execute(asked.encode()).fetchone() == (text,)


def constants() -> Iterator[tuple[str, str]]:
    """The SQL of ours that has parameters."""
    for path in SOURCE.rglob("*.sql"):
        if path.parent.name != "demo":
            yield path.name, path.read_text(encoding="utf-8")
    for kind in KINDS:
        for one in kind.attributes:
            if one.form is not None and one.form.trial is not None:
                yield f"{kind.name}.{one.facet}", one.form.trial.read
    for path, (tree, *_) in modules().items():
        assert isinstance(tree, ast.Module)
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                yield path.name, str(node.value.value)


def test_constants_have_no_parameter_in_quotes() -> None:
    seen = 0
    for name, text in constants():
        if PARAMETER.search(text):
            assert constant(text) == spelled(text), name
            seen += 1
    assert seen > 25


def test_nothing_is_doubled_by_hand() -> None:
    for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if path.relative_to(SOURCE).as_posix() not in {"core/query.py", "sql/text.py"}:
            assert "%%" not in text, path
        for node in modules().get(path, ()):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute":
                unescaped = len(node.args) > 1 and ast.unparse(node.args[0]).startswith("sent(")
                assert not unescaped, f"{path}:{node.lineno}: with parameters, what is sent goes through core.query"
