"""The command line, called in the test's own process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from typer.main import get_command

from rows import CONTRACT
from sessionaudit.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path


class Called(NamedTuple):
    """What a call came to."""

    code: int
    out: str
    err: str


class Calls:
    """Calls the program on a database; a fixture makes one with the test's own `capsys`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str, url: str, contract: Path = CONTRACT) -> Called:
        self._capsys.readouterr()
        given = [words[0], "-d", url, "-c", str(contract), *words[1:]]
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(given, prog_name="sessionaudit")
        code = ended.value.code
        said = self._capsys.readouterr()
        return Called(code if isinstance(code, int) else int(code is not None), said.out, said.err)
