"""The options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import completing
from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.contract_files import contracts
from sessionaudit.cli.options.standard_input import of_stdin
from sessionaudit.cli.options.values import FailOn, seconds
from sessionaudit.cli.options.web_address import web_address

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        "-d",
        metavar="URL",
        help="The database: a URL or conninfo. Default: $DATABASE_URL, else as libpq says (PG*, PGSERVICE, .pgpass).",
        show_default=False,
        rich_help_panel=g.PLACE,
    ),
]
Role = Annotated[
    str,
    typer.Option(
        metavar="ROLE",
        help="Work as this role: SET ROLE in every transaction.",
        show_default=False,
        rich_help_panel=g.PLACE,
    ),
]
ContractFile = Annotated[
    Path,
    typer.Option(
        "--contract",
        "-c",
        metavar="FILE",
        envvar="SESSIONAUDIT_CONTRACT",
        help="The contract.",
        show_envvar=True,
        readable=False,  # we report it ourselves, with a hint
        callback=of_stdin,
        rich_help_panel=g.PLACE,
        autocompletion=contracts,
    ),
]
CONTRACT = Path("expected_schema.yaml")
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the result to FILE, atomically.",
        readable=False,
        rich_help_panel=g.OUTPUT,
    ),
]
DocumentationUrl = Annotated[
    str,
    typer.Option(
        metavar="URL",
        parser=web_address,
        help="Where your site of this documentation is (make docs), so that html, markdown and sarif link each rule to "
        "its page.",
        show_default=False,
        rich_help_panel=g.OUTPUT,
    ),
]
_WHAT = "a rule or its code, an object, a glob of objects, or an audit (schema, data, migrations, code, behaviour)"
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT",
        help=f"Only this: {_WHAT}; may be repeated.",
        rich_help_panel=g.SELECTION,
        autocompletion=completing.parts,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT",
        help="Leave this out: takes the same as --only; may be repeated.",
        rich_help_panel=g.SELECTION,
        autocompletion=completing.parts,
    ),
]
StatementTimeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", parser=seconds(), help="How long one query may take on the server.", rich_help_panel=g.LIMITS
    ),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; like NO_COLOR.", rich_help_panel=g.OUTPUT)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only errors; use the exit code.", rich_help_panel=g.OUTPUT)
]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        metavar="SEVERITY",
        help="The lowest severity that makes the exit code 1: error, warning, note or never.",
        rich_help_panel=g.OUTPUT,
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask; required without a terminal.", rich_help_panel=g.CHANGES)
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done, and roll back.", rich_help_panel=g.CHANGES)
]
DataTimeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        parser=seconds(),
        help="How long counting the rows of one invariant may take.",
        rich_help_panel=g.LIMITS,
    ),
]
