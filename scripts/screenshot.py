"""Writes `docs/images/check.svg`: what `check` prints of the broken system of the demo."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.text import Text

from sessionaudit.demo import system
from sessionaudit.embedded.server import temporary_server

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "check.svg"
WIDTH = 100
COMMAND = ("check",)
CAUSES = 2  # of ten: the whole report has some hundred lines
_FINDING = re.compile(r" *(?:error|warning|note)  ")
# rich's own frame loads a font from the network; a reader's own is as good.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> int:
    """Make the broken system, and draw what `check` prints of it."""
    with temporary_server() as server, tempfile.TemporaryDirectory() as folder:
        url = system.create(server, "marketplace", system.RECORDED)
        system.write_project(Path(folder))
        done = subprocess.run(
            [sys.executable, "-m", "sessionaudit", *COMMAND],
            cwd=folder,
            env={**os.environ, "DATABASE_URL": url, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 1:
        sys.stderr.write(done.stdout + done.stderr)
        return 1
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(done.stdout), encoding="utf-8")
    return 0


def drawn(printed: str) -> str:
    """A picture of a terminal with what was printed in it, colours and all."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(excerpt(printed))
    svg = console.export_svg(title=" ".join(("sessionaudit", *COMMAND)), unique_id="check")
    return "\n".join(line.rstrip() for line in _FONTS.sub("", svg).splitlines()) + "\n"


def excerpt(printed: str) -> Text:
    """What the picture has of a report: the first causes with what follows from them, and the verdict."""
    rows = list(Text.from_ansi(printed.rstrip("\n")).split("\n"))
    findings = [place for place, row in enumerate(rows) if _FINDING.match(row.plain)]
    verdict = max(place for place, row in enumerate(rows) if not row.plain.strip())
    return Text("\n").join([*rows[: findings[CAUSES]], Text("         …"), *rows[verdict:]])


def lines(svg: str) -> list[str]:
    """The lines of text in a picture, without the title."""
    found: dict[str, str] = {}
    for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if "-line-" in element.get("clip-path", ""):
            place = element.get("y", "")
            found[place] = found.get(place, "") + (element.text or "").replace("\xa0", " ")
    return [line.rstrip() for line in found.values()]


if __name__ == "__main__":
    raise SystemExit(main())
