"""The options of `trace`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli.options.formats import PageFormat, format_option
from sessionaudit.report.formats import story

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of rows; - reads them from stdin.")]
StoryFormat = Annotated[PageFormat, format_option(story.FORMATS, "How to print the report.")]
