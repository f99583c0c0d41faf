"""What the program says of itself: the list of commands, the help of each, and examples that can be typed."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from sessionaudit.cli import examples
from sessionaudit.cli.app import app
from sessionaudit.cli.commands import COMMANDS, loaded
from sessionaudit.cli.options.groups import ORDER
from sessionaudit.cli.summaries import SUMMARIES, command_names

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTHS = (80, 140)


def calls_of(text: str) -> list[str]:
    """The lines of examples in the end of a help."""
    return [line.strip() for line in text.partition("\n\n")[0].splitlines()[2:]]


def examples_of(text: str) -> Iterator[list[str]]:
    """The calls of the program, word by word."""
    for line in calls_of(text):
        words = shlex.split(line, comments=True)
        yield words[words.index("sessionaudit") + 1 :]


EXAMPLES = [words for name in COMMANDS for words in examples_of(vars(examples)[name.upper()])]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(list(words), prog_name="sessionaudit")
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_each_command_has_one_line_that_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(name for name, _ in command_names()) == sorted(COMMANDS)
    listed = said(capsys, "--help")
    for name, text in command_names():
        assert f"  {name:<10}  {text}\n" in listed
        assert text.endswith(".")
    assert [line for line in listed.splitlines() if line.endswith(":") and line.removesuffix(":") in SUMMARIES] == [
        f"{heading}:" for heading in SUMMARIES
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_examples_and_explains_each_option(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        helped = said(capsys, name, "--help")
        assert helped == said(capsys, "help", name)
        assert "  Examples:\n" in helped
        assert max(map(len, helped.splitlines())) <= min(width, 100)
        headings = re.findall(r"^(\S.*):$", helped, re.MULTILINE)
        assert headings == [one for one in ("Arguments", *ORDER, "Options") if one in headings]
        # The explanations of all of them stand in one column.
        columns = {match.end() for match in re.finditer(r"^  (?:-\w, )?--\S+(?: \S+)?  +(?=\S)", helped, re.MULTILINE)}
        assert len({end - helped.rfind("\n", 0, end) for end in columns}) == 1
    for one in loaded(name).params:
        assert one.help or one.hidden, one.name


@pytest.mark.parametrize("words", EXAMPLES, ids=shlex.join)
def test_an_example_is_a_call_of_the_program(words: list[str]) -> None:
    command = loaded(words[0])
    context = command.make_context(words[0], words[1:])
    assert context.args == []


def test_help_of_what_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        get_command(app).main(["help", "chekc"], prog_name="sessionaudit")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error: there is no command “chekc”\nhint: Did you mean “check”?\n"
    assert said(capsys, "help") == said(capsys, "--help")
