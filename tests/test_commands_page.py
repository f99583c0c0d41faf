"""The reference of all commands is what the program declares of them now."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from sessionaudit import errors
from sessionaudit.cli.commands import COMMANDS, OF_TWO_WORDS, loaded

TOP = Path(__file__).parents[1]
PAGE = (TOP / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_page_is_fresh() -> None:
    made = runpy.run_path(str(TOP / "scripts" / "docs_reference.py"))["page"]()
    assert made == PAGE, "run `make docs-reference`"


def test_every_command_and_option_has_its_row() -> None:
    sections = dict(re.findall(r"^## ([\w ]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert sections.pop("Exit codes")
    assert sections.keys() == COMMANDS.keys() | OF_TWO_WORDS.keys()
    for name, text in sections.items():
        shown = {
            option
            for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
            for option in re.findall(r"`(-[\w-]+)", row)
        }
        params = [one for one in loaded(name).params if one.param_type_name == "option" and not one.hidden]
        assert shown == {option for one in params for option in (*one.opts, *one.secondary_opts)} - {"-h", "--help"}
        assert "```sh\nsessionaudit " in text


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \| [A-Z]", PAGE, re.MULTILINE)}
    assert told == {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
