"""Every rule has a page, with an example that was run: a contract, a database, what is found and what repairs it."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

import rule_examples
from marks import sampled
from rule_examples import PAGES, Server, pages, run, sources
from servers import URL_VARIABLE
from sessionaudit.cli.commands import loaded
from sessionaudit.embedded.server import temporary_server
from sessionaudit.report import rule_page
from sessionaudit.report.rule_example import all_examples
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from collections.abc import Generator

    from servers import DatabaseServer

WIDTH = 80
COMMAND = re.compile(r"`sessionaudit ([a-z]+)([^`]*)`")
AGAIN = "run `make rule-pages`"
# The others in a thorough run.
USUAL = {"missing-policy", "unknown-column"}
LONG = {"stopped-statement"}  # which is stopped after half a minute, each time


@pytest.fixture(scope="module")
def own_server() -> Generator[Server]:
    """A server for examples alone, in which the roles are theirs."""
    with temporary_server() as running, closing(Server(running.url())) as server:
        yield server


def test_every_rule_has_an_example() -> None:
    assert sources().keys() == RULES.keys()
    assert list(all_examples()) == list(RULES), AGAIN


def test_what_was_run_is_what_is_written() -> None:
    kept = all_examples()
    for name, source in sources().items():
        contract, database = kept[name].contract.removeprefix("version: 1\n"), kept[name].database
        assert (contract, database) == (source.get("contract", ""), source.get("database", "")), f"{name}: {AGAIN}"
        assert kept[name].files == source.get("files", {}), f"{name}: {AGAIN}"
        assert RULES[name].code in kept[name].finding


def test_pages_are_fresh() -> None:
    stored = {file.name: file.read_text(encoding="utf-8") for file in PAGES.glob("*.md")}
    made = pages()
    assert stored.keys() == made.keys(), AGAIN
    assert [name for name in made if made[name] != stored[name]] == [], AGAIN


def test_a_page_says_what_to_do() -> None:
    for name, example in all_examples().items():
        assert RULES[name].fix or example.sql, name
        assert example.object or name in rule_examples.UNWAIVED or example.other, name


def test_the_commands_that_a_fix_names_exist() -> None:
    said = {found for rule in RULES.values() for found in COMMAND.findall(rule.fix)}
    assert ("repair", "--apply") in {(name, words.strip()) for name, words in said}
    for name, words in said:
        known = {option for parameter in loaded(name).params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words.split() if word.startswith("--")} <= known, (name, words)


def test_a_page_fits_a_terminal() -> None:
    for name, example in all_examples().items():
        texts = (example.contract, example.database, example.other, *example.files.values(), example.finding)
        lines = [line for text in texts for line in text.splitlines()]
        assert [line for line in lines if len(line) > WIDTH] == [], name
        page = rule_page.as_text(RULES[name], replace(example, contract="", database="", files={}, finding="", sql=[]))
        assert all(len(line) <= WIDTH for line in page.splitlines()), name


@pytest.mark.parametrize("name", sorted(USUAL))
def test_example(name: str, server: DatabaseServer) -> None:
    if URL_VARIABLE in os.environ:
        pytest.skip("an example makes databases of one name, and other processes have this server, too")
    with closing(Server(server.url)) as usual:
        proven(name, usual)


@pytest.mark.parametrize("name", sampled(12, [name for name in RULES if name not in USUAL]))
def test_other_example(name: str, own_server: Server) -> None:
    proven(name, own_server)


def proven(name: str, server: Server) -> None:
    """Run an example: what comes of it must be what its page shows."""
    if server.major != 18:
        pytest.skip("the pages show what PostgreSQL 18 says")
    assert run(name, sources()[name], server) == all_examples()[name], AGAIN


def test_a_page_says_which_findings_are_worse_or_milder_than_its_rule() -> None:
    """Of all findings of the cases, but where a contract sets a severity; of rows, an invariant does."""
    unsaid = set[str]()
    for file in Path(__file__).with_name("cases").glob("*/*/findings.json"):
        contract = "".join(one.read_text(encoding="utf-8") for one in file.parent.glob("*.yaml"))
        told = json.loads(file.read_text(encoding="utf-8"))
        found = told if isinstance(told, list) else told["findings"]
        for one in () if "\nrules:" in contract else found:
            rule = RULES[one["rule"]]
            words = f"{'an' if one['severity'] == 'error' else 'a'} {one['severity']}"
            said = f"{rule.otherwise} {rule.why}".lower()
            if one["severity"] != str(rule.severity) and words not in said and "sets the severity" not in said:
                unsaid.add(f"{rule.code} {rule.name} is {words} in {file.parent.name}")
    assert unsaid == set()
