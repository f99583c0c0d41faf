"""The README and the pages of docs/, as their readers use them: with links to follow and commands to type.

The blocks of a section are one session: they share a folder and a database. Those of a page in WHOLE are one session
all the way down. A block `text` that follows commands is what the last of them prints; `…` stands for anything.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

TOP = Path(__file__).parents[1]
DOCS = TOP / "docs"
README = TOP / "README.md"
WHOLE = {"docs/tutorial.md"}
# Made from the program's own data, where they are tested.
GENERATED = ("docs/rules/", "docs/commands.md")
_MARKS = re.compile(r"[^\w\- ]")


class Block(NamedTuple):
    """A block of code: its language, its text, and the line on which it begins."""

    language: str
    text: str
    line: int


@dataclass
class Session:
    """The blocks of one section."""

    page: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.page}#{slug(self.title)}"

    def calls(self) -> Iterator[Call | File | Shown]:
        """What the session does, in order."""
        after = False
        for block in self.blocks:
            if block.language == "sh":
                yield from _typed(block)
                after = True
            elif block.language == "text" and after:
                yield Shown(block.text, block.line)

    def commands(self) -> list[list[str]]:
        return [one.words for one in self.calls() if isinstance(one, Call)]


class Call(NamedTuple):
    """A command, word by word, with the exit code that a comment states."""

    words: list[str]
    line: int
    code: int | None


class File(NamedTuple):
    """A file that is written by `cat > NAME <<'END'`."""

    name: str
    text: str


class Shown(NamedTuple):
    """What the commands before have printed."""

    text: str
    line: int


def _typed(block: Block) -> Iterator[Call | File]:
    lines = iter(enumerate(block.text.splitlines(), block.line + 1))
    for number, line in lines:
        if here := re.fullmatch(r"cat > (\S+) <<'(\w+)'", line):
            text = ""
            for _, inner in lines:
                if inner == here[2]:
                    break
                text += f"{inner}\n"
            yield File(here[1], text)
        elif words := shlex.split(line, comments=True):
            stated = re.search(r"\s#.*\bexit (\d+)", line)
            yield Call(words, number, int(stated[1]) if stated else None)


class Page:
    """One page: its headings, links and blocks, read when they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path.relative_to(TOP))

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def anchors(self) -> set[str]:
        return {slug(title) for title in self.titles}

    @property
    def titles(self) -> list[str]:
        return [
            _plain(self._tokens[place + 1]) for place, token in enumerate(self._tokens) if token.type == "heading_open"
        ]

    @property
    def links(self) -> list[tuple[str, int]]:
        """The targets of links and pictures, each with the line of its paragraph."""
        found: list[tuple[str, int]] = []
        for token in self._tokens:
            for child in token.children or ():
                target = child.attrGet("href") or child.attrGet("src")
                if target:
                    found.append((str(target), (token.map or [0])[0] + 1))
        return found

    @property
    def blocks(self) -> list[Block]:
        return [block for session in self.sessions for block in session.blocks]

    @property
    def sessions(self) -> list[Session]:
        """The sections that have blocks."""
        found = [Session(self.name, "")]
        for place, token in enumerate(self._tokens):
            if token.type == "heading_open" and self.name not in WHOLE:
                found.append(Session(self.name, _plain(self._tokens[place + 1])))
            elif token.type == "fence":
                found[-1].blocks.append(Block(token.info.strip(), token.content, (token.map or [0])[0] + 1))
        return [one for one in found if one.blocks]


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return _MARKS.sub("", title.lower()).replace(" ", "-")


@cache
def pages() -> tuple[Page, ...]:
    """The README first, then the pages of docs/ by name."""
    return tuple(Page(path) for path in (README, *sorted(DOCS.rglob("*.md"))))


def page(name: str) -> Page:
    return next(one for one in pages() if one.name == name)


def not_looked_at() -> str:
    """The list of docs/limits.md, of what may change without a finding, as one line."""
    there = page("docs/limits.md").text.partition("## What is not looked at\n")[2]
    return " ".join(there.partition("\n\nWhoever")[0].split())


def written() -> list[Page]:
    """The pages that people write."""
    return [one for one in pages() if not one.name.startswith(GENERATED)]


def generated() -> list[Page]:
    """The pages that the program writes."""
    return [one for one in pages() if one.name.startswith(GENERATED)]


def is_contract(block: Block) -> bool:
    """Whether a block is a contract, and not a file of another tool."""
    return block.language == "yaml" and bool(re.search(r"^version: 1$", block.text, re.MULTILINE))


def is_shown(text: str, printed: str) -> bool:
    """Whether a page shows what was printed: the same words, wherever lines end, `…` standing for anything."""
    words = " ".join(text.split())
    return re.search(re.escape(words).replace("…", ".*?"), " ".join(printed.split())) is not None
