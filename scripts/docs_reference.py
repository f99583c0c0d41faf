"""Write docs/commands.md: the reference of all commands, from what the program itself declares of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from sessionaudit.cli import examples
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import OF_TWO_WORDS, loaded
from sessionaudit.cli.options.groups import ORDER
from sessionaudit.cli.summaries import SUMMARIES, command_names
from sessionaudit.defaults.environment import variable
from sessionaudit.defaults.options import SETTABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """\
# Commands

<!-- Written by `make docs-reference` from the program's own declarations; a test compares them. -->

Every command, with all of its options. `sessionaudit help COMMAND` and `sessionaudit COMMAND --help` print the same on
a terminal, `sessionaudit --install-completion` lets your shell complete commands, options and values, and
`sessionaudit --version`, or `-V`, prints the version.

What takes longer than two seconds says on a terminal, on stderr, what it does and how much time is left. Nothing of
that is written into a pipe or a file, with `--quiet`, or where `TERM` is `dumb`.

Where a variable is named it states a default; so does a file, and both can do so for one command alone
([Configuration](configuration.md)).
"""
# What each exit code means, of whichever command; a test holds the numbers against the program's.
EXIT_CODES = {
    0: "Clean, or done: all that was asked for was looked at.",
    1: "Findings at or above `--fail-on`; of `repair`, `backfill` and `undo`: something is left to do.",
    2: "The call, the contract or another file is wrong; the message names the file, the line and the word.",
    3: "The database could not be reached, or a part could not be checked.",
    4: "The database changed since a plan was saved, or the ledger while it was corrected.",
    5: "A repair could not start or failed, or what it should have repaired is still there.",
    130: "Interrupted. What was done stays done, and the same command resumes.",
}
_EXTRA = re.compile(r"^(?P<text>.*?)(?:\s*\[(?P<extra>(?:env var|default|required|x[<>]|\d+<)[^\]]*)\])?$", re.DOTALL)


def page() -> str:
    """The text of the page."""
    root = get_command(app).make_context("sessionaudit", [], resilient_parsing=True)
    parts = [HEAD, _codes()]
    for heading, rows in SUMMARIES.items():
        listed = "".join(f"| [`{name}`](#{name}) | {text} |\n" for name, text in rows.items())
        parts.append(f"**{heading}**\n\n| command | |\n|---|---|\n{listed}")
    for name, _ in command_names():
        parts += [_section(one, root) for one in (name, *OF_TWO_WORDS) if one.split()[0] == name]
    return "\n".join(parts)


def _codes() -> str:
    rows = "".join(f"| {code} | {text} |\n" for code, text in EXIT_CODES.items())
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\nWhat is peculiar to a command stands at its end.\n"


def _section(name: str, root: Any) -> str:
    command = loaded(name)
    context = command.make_context(name, [], parent=root, resilient_parsing=True)
    usage = " ".join([command.name, *command.collect_usage_pieces(context)])
    told = " ".join(_code(command.help).split("\n\n")).replace("\n", " ")
    called, *said = vars(examples)[name.upper().replace(" ", "_")].rstrip("\n").split("\n\n")
    calls = "\n".join(line.strip() for line in called.splitlines()[2:])
    parts = [f"## {name}\n\n```text\nsessionaudit {usage}\n```\n\n{told}\n", *_tables(command, context)]
    parts.append(f"Examples:\n\n```sh\n{calls}\n```\n")
    parts += [f"{_code(' '.join(one.removeprefix(chr(8)).split()))}\n" for one in said]
    return "\n".join(parts)


def _tables(command: Any, context: Any) -> Iterator[str]:
    """The parameters by their headings: how each is written, what it does, its default, and its variable."""
    for heading in ("Arguments", *ORDER, "Options"):
        rows: list[str] = []
        for one in command.get_params(context):
            own = "Arguments" if one.param_type_name == "argument" else getattr(one, "rich_help_panel", "") or "Options"
            if own == heading and "--help" not in one.opts and (record := one.get_help_record(context)):
                word = max(one.opts, key=len).removeprefix("--")
                settable = word in SETTABLE.get(command.name.split()[0], ())
                rows.append(_row(*record, variable("", word) if settable else ""))
        if rows:
            body = "".join(rows)
            yield f"**{heading}**\n\n| | | default | variable |\n|---|---|---|---|\n{body}"


def _row(name: str, text: str, settable: str) -> str:
    found = _EXTRA.match(text)
    told = found["text"] if found else text
    extra = dict(re.findall(r"(env var|default): ([^;]+)", (found and found["extra"]) or ""))
    bounds = "".join(re.findall(r"(?:\d+<=)?x[<>]=?\d+", (found and found["extra"]) or ""))
    written = " ".join(f"`{part}`" for part in re.split(r"(?<=,) ", name.replace(" / ", ", ")))
    written = re.sub(r",`", "`,", written)
    said = _code(" ".join(told.split())) + (f" ({bounds.replace('x', 'N')})" if bounds else "")
    of_it = (extra.get("default", ""), extra.get("env var", settable))
    cells = (written, said, *(f"`{one}`" if one else "" for one in of_it))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _code(text: str) -> str:
    """A text with what is to be typed marked as such."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"(?<![\w$`/-])(--[\w-]+|\$\w+|=FILE\b)", r"`\1`", part)
        for part in parts
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
