"""Whatever happens to what the demo's contract names is found, or docs/limits.md says that nothing looks at it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from caserunner import statements
from marks import one_in
from mutated import Mutated
from pages import not_looked_at
from sessionaudit.demo import system
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from conftest import Template
    from servers import DatabaseServer

HERE = Path(__file__).parent
CONTRACT = HERE.parent / "expected_schema.yaml"
HEAD = re.compile(r"-- (?P<found>\[[^\]]+\]|[a-z, -]+?)(?: \(since (?P<since>\d+)\))?: (?P<harm>.+)")
NOTHING = "nothing"


class Mutation(NamedTuple):
    """What may happen, what must be found of it, and the harm that it does."""

    statements: tuple[str, ...]
    found: str
    since: int
    harm: str

    @property
    def declared(self) -> str:
        """The words by which docs/limits.md says that nothing looks at it; "" where something does."""
        return self.found[1:-1] if self.found.startswith("[") else ""


def read() -> Iterator[Mutation]:
    """The table, of which each entry is a paragraph."""
    text = (HERE / "mutations.sql").read_text(encoding="utf-8")
    for paragraph in text.split("\n\n"):
        head, _, sql = paragraph.strip().partition("\n")
        if not sql or sql.startswith("--"):
            continue
        said = HEAD.fullmatch(head)
        assert said, head
        yield Mutation(tuple(statements(sql)), said["found"], int(said["since"] or 13), said["harm"])


MUTATIONS = list(read())


@pytest.fixture(scope="module")
def mutated(server: DatabaseServer, template: Template) -> Generator[Mutated]:
    url = server.create(template("good system", system.statements(system.GOOD)))
    with pytest.MonkeyPatch.context() as monkeypatch:
        one = Mutated(url, CONTRACT, monkeypatch)
        yield one
        one.end()
    server.drop(url)


def test_there_are_many_and_a_page_declares_what_nothing_looks_at() -> None:
    declared = not_looked_at()
    assert len(MUTATIONS) >= 200
    assert len({one.statements for one in MUTATIONS}) == len(MUTATIONS)
    for one in MUTATIONS:
        if one.declared:
            assert one.declared in declared
        elif one.found != NOTHING:
            assert set(one.found.split(", ")) <= RULES.keys(), one.found


def test_nothing_is_found_where_nothing_happened(mutated: Mutated) -> None:
    assert mutated.findings() == ()


def named(one: Mutation) -> str:
    return " ".join(" ".join(one.statements).split())[:100]


@pytest.mark.parametrize("mutation", one_in(2, MUTATIONS), ids=named)
def test_a_mutation_is_found_or_declared(mutation: Mutation, mutated: Mutated, server: DatabaseServer) -> None:
    if server.major < mutation.since:
        pytest.skip(f"needs PostgreSQL {mutation.since}")
    try:
        found = {finding.rule.name for finding in mutated.findings(*mutation.statements)}
    except psycopg.Error:
        if mutation.found != NOTHING:  # which PostgreSQL may refuse
            raise
        return
    if mutation.declared or mutation.found == NOTHING:
        assert found == set()
    else:
        assert set(mutation.found.split(", ")) <= found
