"""Programs that run on a terminal: what they write there, when, and what of it a person sees at the end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_CODE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[=>]|\x1b\][^\x07]*\x07|[\r\n\x08\x07]|[^\x1b\r\n\x08\x07]+")


class Terminal:
    """A process on a terminal of its own; streams that are not `on` it go to pipes, and are read at the end."""

    def __init__(
        self,
        call: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Any = None,
        on: Sequence[str] = ("stdin", "stdout", "stderr"),
        columns: int = 80,
        stdout: Any = subprocess.PIPE,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        # It is the terminal that controls the process, as a shell demands, and from which Ctrl-C comes.
        held = "stdin" in on
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *call] if held else call,
            env=env,
            cwd=cwd,
            stdin=slave if held else subprocess.DEVNULL,
            stdout=slave if "stdout" in on else stdout,
            stderr=slave if "stderr" in on else subprocess.PIPE,
        )
        os.close(slave)
        self.text, self.began = "", time.monotonic()

    def read(self, until: Callable[[str], object], seconds: float = 60) -> float:
        """Read until a condition on all that was written is true; return how many seconds after the start."""
        end = time.monotonic() + seconds
        while not until(self.text):
            ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"nothing more within {seconds} s: {self.text!r}")
            try:
                more = os.read(self._master, 65536)
            except OSError:  # the other end is closed
                more = b""
            if not more:
                break
            self.text += more.decode(errors="replace")
        return time.monotonic() - self.began

    def write(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self, seconds: float = 60) -> int:
        """Read the rest, and return the exit code."""
        self.read(lambda _: False, seconds)
        code = self.process.wait(seconds)
        os.close(self._master)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            os.close(self._master)

    @property
    def seen(self) -> list[str]:
        """The lines that stand on the screen now, without empty ones at the end."""
        return screen(self.text)


def screen(text: str) -> list[str]:
    """What a terminal shows of a text: lines, without the spaces at their ends."""
    lines, row, column = [""], 0, 0
    for match in _CODE.finditer(text):
        numbers, letter, word = match[1] or "", match[2], match[0]
        if word == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif word == "\r":
            column = 0
        elif word == "\x08":
            column -= 1
        elif letter == "A":
            row = max(0, row - int(numbers or 1))
        elif letter == "K":
            lines[row] = "" if numbers == "2" else lines[row][:column]
        elif letter == "J":
            lines[row] = lines[row][:column]
            del lines[row + 1 :]
        elif not letter and word[0] not in "\x1b\x07":
            before = lines[row].ljust(column)
            lines[row] = before[:column] + word + before[column + len(word) :]
            column += len(word)
    shown = [line.rstrip() for line in lines]
    while shown and not shown[-1]:
        shown.pop()
    return shown
