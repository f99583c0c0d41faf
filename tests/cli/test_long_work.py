"""On a terminal people see what takes long, how far it is and how much time is left; and nothing of that stays."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sessionaudit.core.underway import UNDERWAY
from sessionaudit.report.durations import roughly
from terminals import Terminal, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

# Something that takes its time, as a command does it; the bounds are a tenth of what they are. Where something must be
# drawn it waits for that, however busy the machine is.
WORK = """
import sys, time
from sessionaudit.cli.terminal import activity_lines, aside, long_work
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.core.underway import UNDERWAY
long_work._SECONDS, long_work._REFRESH, activity_lines._STEADY = 0.2, 0.02, 0.03
def pause(until_drawn):
    time.sleep(0.01)
    while until_drawn and "drawn" in sys.argv and not aside.LINES[0]._bars:
        time.sleep(0.01)
with long_work.long_work(quiet="quiet" in sys.argv, no_color="no_color" in sys.argv):
    with UNDERWAY.doing("counting [rows]\\x1b]0;t\\x07", 40) as counting:
        for number in counting.over(range(40)):
            pause(number in (20, 39))
            if number == 25:
                say("A message in between.")
            if number == 30:
                deliver("a row\\n")
    with UNDERWAY.doing("copying") as copying:
        copying.note = "because it waits"
        for number in copying.over(range(15)):
            pause(number == 10)
            time.sleep(0.01)
    if "interrupt" in sys.argv:
        try:
            with UNDERWAY.doing("waiting for Ctrl-C"):
                time.sleep(20)
        except KeyboardInterrupt:
            say("Interrupted.")
deliver("another row\\n")
assert ("rich" in sys.modules) == ("drawn" in sys.argv)
"""
BARS = "━╸╺"


def environment(**more: str) -> dict[str, str]:
    dropped = {"COLUMNS", "NO_COLOR", "FORCE_COLOR"}
    return {**{name: value for name, value in os.environ.items() if name not in dropped}, "TERM": "xterm", **more}


def working(*words: str, on: Sequence[str] = ("stdin", "stdout", "stderr"), **more: str) -> Terminal:
    return Terminal([sys.executable, "-c", WORK, *words], env=environment(**more), on=on)


def frames(terminal: Terminal) -> list[str]:
    """Every line that was drawn, without its colours."""
    return re.split(r"\r|\n", re.sub(r"\x1b\[[0-9;]*[mKA]", "", terminal.text))


def test_lines_come_late_say_what_is_left_and_go() -> None:
    with working("drawn", "interrupt") as terminal:
        assert terminal.read(lambda text: "Counting" in text) > 0.2
        terminal.read(lambda text: "Waiting for" in text)
        terminal.write("\x03")
        assert terminal.end() == 0
    drawn = "\n".join(frames(terminal))
    what = re.escape("Counting [rows]\\x1b]0;t\\x07")
    assert re.search(rf"^{what} [{BARS}]{{12}} \d+ of 40, about \d s left$", drawn, re.MULTILINE), drawn
    assert re.search(rf"^Copying [{BARS} ]{{12}} \d+, 0 s, because it waits$", drawn, re.MULTILINE), drawn
    *rest, interrupted, last = terminal.seen
    assert (rest, last) == (["A message in between.", "a row"], "another row"), "what was written stands alone"
    assert interrupted.removeprefix("^C") == "Interrupted."
    assert "\x1b[?25l" not in terminal.text, "the cursor is never hidden, for who is killed could not show it again"


def test_what_is_piped_is_not_disturbed() -> None:
    with working("drawn", on=("stderr",)) as terminal:
        assert terminal.end() == 0
        assert terminal.process.stdout is not None
        assert terminal.process.stdout.read() == b"a row\nanother row\n"
        terminal.process.stdout.close()
    assert "of 40" in terminal.text
    assert terminal.seen == ["A message in between."]


@pytest.mark.parametrize(
    ("words", "variables", "drawn"),
    [
        pytest.param(["quiet"], {}, False, marks=pytest.mark.thorough),
        ([], {"TERM": "dumb"}, False),
        pytest.param(["drawn", "no_color"], {}, True, marks=pytest.mark.thorough),
        (["drawn"], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True),
        pytest.param(["drawn"], {"COLUMNS": "50"}, True, marks=pytest.mark.thorough),
    ],
    ids=["quiet", "dumb", "no-color", "NO_COLOR", "COLUMNS"],
)
def test_lines_are_as_the_terminal_and_the_call_want_them(
    words: list[str], variables: dict[str, str], drawn: bool
) -> None:
    with working(*words, **variables) as terminal:
        assert terminal.end() == 0
    assert ("of 40" in terminal.text) == drawn
    coloured = drawn and "no_color" not in words and "NO_COLOR" not in variables
    assert bool(re.search(r"\x1b\[[0-9;]*m", terminal.text)) == coloured
    assert terminal.seen == ["A message in between.", "a row", "another row"]
    shown = screen(terminal.text.rpartition(" of 40")[0])
    assert max(map(len, shown), default=0) <= int(variables.get("COLUMNS", 80))


def test_without_a_terminal_nothing_is_drawn() -> None:
    result = subprocess.run(
        [sys.executable, "-c", WORK],
        env=environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("a row\nanother row\n", "A message in between.\n")


def test_what_is_worth_showing() -> None:
    with UNDERWAY.doing("auditing"), UNDERWAY.doing("running files", 3), UNDERWAY.doing("reading"):
        assert [one.what for one in UNDERWAY.shown] == ["running files", "reading"]
    assert UNDERWAY.shown == []
    with UNDERWAY.doing("nothing", 0) as nothing:
        assert nothing.total is None


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (80, "1 min 20 s"), (7500, "2 h 5 min")]
)
def test_a_duration_as_people_say_it(seconds: float, said: str) -> None:
    assert roughly(seconds) == said
