"""The program called in this process, on a terminal where somebody answers, and the commands that it prints."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typer.main import get_command

from sessionaudit.cli import commands
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import loaded

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

COMMANDS = {name: loaded(name) for name in commands.COMMANDS}
LABELS = ("Next: ", "Without what they prevent: ", "After reviewing it: ", "To include the steps held back: ", "run: ")


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


class Said(NamedTuple):
    """What a call ended with."""

    code: int
    out: str
    err: str

    @property
    def commands(self) -> list[str]:
        """The commands that were printed, as they can be pasted."""
        return [command for text in (self.out, self.err) for command in printed(text)]

    @property
    def next(self) -> list[str]:
        """Those that are to be typed next, and not in a sentence on something else."""
        return [command for text in (self.out, self.err) for command in labelled(text)]


@contextmanager
def _instead(folder: Path, variables: Mapping[str, str], answer: str) -> Generator[tuple[Terminal, Terminal]]:
    kept = sys.stdin, sys.stdout, sys.stderr, dict(os.environ), Path.cwd()
    out, err = Terminal(), Terminal()
    for name in ("DATABASE_URL", "SESSIONAUDIT_CONTRACT", "COLUMNS"):
        os.environ.pop(name, None)
    os.environ.update({"NO_COLOR": "1", **variables})
    os.chdir(folder)
    sys.stdin, sys.stdout, sys.stderr = Terminal(f"{answer}\n" * 9), out, err
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept[:3]
        os.environ.clear()
        os.environ.update(kept[3])
        os.chdir(kept[4])


def seen(*words: str, cwd: Path, **variables: str) -> str:
    """What somebody sees on a terminal, where both streams go."""
    with _instead(cwd, variables, "n") as (out, _):
        sys.stderr = out
        get_command(app).main(list(words), prog_name="sessionaudit", standalone_mode=False)
    return out.getvalue()


def call(*words: str, cwd: Path, answer: str = "n", **variables: str) -> Said:
    """Call the program in a folder; whoever is asked gives the answer."""
    with _instead(cwd, variables, answer) as (out, err):
        try:
            code = get_command(app).main(list(words), prog_name="sessionaudit", standalone_mode=False) or 0
        except SystemExit as end:
            code = end.code
    return Said(int(code or 0), out.getvalue(), err.getvalue())


def paste(line: str, *, cwd: Path, answer: str = "n", **variables: str) -> Said:
    """Call the program as a shell would that was given a printed command."""
    program, *words = shlex.split(line)
    assert program == "sessionaudit", line
    return call(*words, cwd=cwd, answer=answer, **variables)


def labelled(text: str) -> list[str]:
    """The commands that stand after a label; a shell joins lines that end with `\\`."""
    lines = (line.lstrip(" │├└─") for line in _joined(text).splitlines())
    found = [line.removeprefix(label) for line in lines for label in LABELS if line.startswith(label)]
    return list(dict.fromkeys(found))


def steps(text: str) -> list[tuple[str, str]]:
    """The commands that stand after any words, also after those for what a person does by hand, with these words."""
    return re.findall(r"^ *([A-Z].*?): (sessionaudit .*)$", _joined(text), re.MULTILINE)


def printed(text: str) -> list[str]:
    """All commands in a text: those after a label, and those in backticks."""
    by_hand = [line for _, line in steps(text)]
    return list(dict.fromkeys((*labelled(text), *by_hand, *re.findall(r"`(sessionaudit [^`]*)`", _joined(text)))))


def _joined(text: str) -> str:
    own_line = re.sub(r"(?:\n +([a-z][^\n]*))?:\n +(?=(?:sessionaudit|psql) )", _after_its_words, text)
    return re.sub(r" \\\n\s*", " ", own_line)


def _after_its_words(match: re.Match[str]) -> str:
    """A command on a line of its own, and the rest of a description that was wrapped, on the line before."""
    return f" {match[1]}: " if match[1] else ": "


def options(line: str) -> tuple[str, dict[str, list[str | None]]]:
    """The command of a line, and what it gives to each of its options by their long names."""
    _, name, *words = shlex.split(line)
    known = {spelling: one for one in COMMANDS[name].params for spelling in one.opts if spelling.startswith("-")}
    given: dict[str, list[str | None]] = {}
    while words:
        word = words.pop(0)
        if word == "--":
            break
        if word in known:
            value = None if known[word].is_flag else words.pop(0)
            given.setdefault(max(known[word].opts, key=len), []).append(value)
    return name, given
