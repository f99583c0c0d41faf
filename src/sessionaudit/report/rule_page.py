"""The page of a rule: what it finds, why that matters, an example, how to fix it, and how to accept it."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.node import flow
from sessionaudit.report.markdown_text import block as fenced
from sessionaudit.report.markdown_text import cell, sentence
from sessionaudit.report.rules import by_audit, remedy, to_change, to_waive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.core.finding import Rule
    from sessionaudit.report.rule_example import Example

WIDTH = 80
CONTRACT = "expected_schema.yaml"
_BLOCK = "do $"
_WITHOUT_DATABASE = "lint"
_LONG = 14  # lines
_LANGUAGES = {"yaml": "yaml", "sql": "sql", "ts": "ts"}


class Block(NamedTuple):
    """A sentence; or a text that stands as it is, in the language that it is in."""

    text: str
    language: str = ""


class Section(NamedTuple):
    """A part of a page under a title."""

    title: str
    blocks: tuple[Block, ...]


def sections(rule: Rule, example: Example | None) -> Iterator[Section]:
    """The parts of a rule's page, in their order; a rule has no example before `make rule-pages` has run it."""
    yield Section("Why it matters", (Block(rule.why),))
    if example:
        yield Section("Example", tuple(_example(example)))
    yield Section("Fix", tuple(_fix(rule, example)) if example else (Block(remedy(rule)),))
    yield Section("Change its severity, or switch it off", (Block("In the contract:"), Block(to_change(rule), "yaml")))
    if example and example.object:
        yield Section(
            "Accept one finding",
            (
                Block("In the contract, until the end of a day; here for the finding of the example:"),
                Block(to_waive(rule, flow(example.object)), "yaml"),
            ),
        )


def as_text(rule: Rule, example: Example | None) -> str:
    """The page for a terminal."""
    parts = [f"{rule.code} {rule.name} ({rule.severity})", fill(rule.summary, WIDTH)]
    parts += [fill(rule.otherwise, WIDTH)] if rule.otherwise else []
    for section in sections(rule, example):
        parts.append(section.title.upper())
        parts += [block.text if block.language else _filled(block.text, WIDTH) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def as_markdown(rule: Rule, example: Example | None) -> str:
    """The page for the documentation."""
    parts = [f"# {rule.name}", f"`{rule.code}`, {rule.severity}. {sentence(rule.summary)}"]
    parts += [_filled(sentence(rule.otherwise), 120)] if rule.otherwise else []
    for section in sections(rule, example):
        parts.append(f"## {section.title}")
        parts += [
            "\n".join(fenced(block.text, block.language)) if block.language else _filled(sentence(block.text), 120)
            for block in section.blocks
        ]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """The page that lists the pages of all rules."""
    parts = ["# Rules", "What each rule finds. `sessionaudit rule NAME` prints its page."]
    for audit, rules in by_audit():
        lines = [
            f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.severity} | {cell(sentence(rule.summary))} |"
            for rule in rules
        ]
        table = "\n".join(("| code | name | severity | finds |", "|---|---|---|---|", *lines))
        parts += [f"## {audit.capitalize()}", table]
    return "\n\n".join(parts) + "\n"


def _filled(text: str, width: int) -> str:
    return fill(text, width, break_long_words=False, break_on_hyphens=False)


def _example(example: Example) -> Iterator[Block]:
    if example.contract:
        yield from _file(CONTRACT, example.contract)
    for name, text in example.files.items():
        yield from _file(name, text)
    if example.database:
        yield Block("The database:")
        yield Block(example.database.strip(), "sql")
    elif not example.files and example.command != _WITHOUT_DATABASE:
        yield Block("The database is empty.")
    if example.other:
        yield Block("The other database, `staging`:")
        yield Block(example.other.strip(), "sql")
    yield Block(f"`sessionaudit {example.command}` prints:")
    yield Block(example.finding.strip("\n"), "text")


def _file(name: str, text: str) -> Iterator[Block]:
    yield Block(f"`{name}`:")
    yield Block(text.strip("\n"), _LANGUAGES[name.rpartition(".")[2]])


def _fix(rule: Rule, example: Example) -> Iterator[Block]:
    if rule.fix:
        yield Block(rule.fix)
    if example.sql:
        yield Block(f"`sessionaudit {example.repair}` prints this SQL, and with `--apply` runs it:")
        yield Block("\n".join(_shown(example.sql)), "sql")
    if example.accept:
        yield Block("If the database is right, this changes the contract:")
        yield Block(f"sessionaudit {example.accept}", "sh")


def _shown(statements: Sequence[str]) -> Iterator[str]:
    """The statements; of a long block, and of one that goes with statements, only how long it is."""
    for statement in statements:
        lines = statement.count("\n") + 1
        if statement.startswith(_BLOCK) and (lines > _LONG or len(statements) > 1):
            yield f"-- … a DO block of {lines} lines, which the command prints"
        else:
            yield f"{statement};"
