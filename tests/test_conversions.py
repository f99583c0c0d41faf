"""Every type to every other, without leave to lose anything: what was turned comes back as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mending import run_plan, run_script
from servers import connect
from sessionaudit import repair, script
from sessionaudit.core.step import Hazard
from sessionaudit.repair import Options

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase

REWRITE = Options(allowed=frozenset({Hazard.REWRITE}), zone="Europe/Berlin")
# By type: values of which some survive in other types and some do not.
VALUES: dict[str, list[str]] = {
    "text": ["12", "  12", "1.50", "2020-01-01", "2020-01-01 12:34:56", "t", "true", "a ", "", "10.0.0.1", "x" * 70],
    "varchar(20)": ["12", "abc", "a  ", "2020-02-30", "2020-01-31"],
    "char(4)": ["12", "ab", "abcd"],
    "name": ["12", "ab"],
    "smallint": ["0", "1", "5", "-1", "32767"],
    "integer": ["0", "1", "5", "-1", "16777217", "2147483647"],
    "bigint": ["0", "1", "9007199254740993", "9223372036854775807", "-5"],
    "numeric": ["0", "1", "1.10", "1.234567890123456789", "12345678901234567890", "NaN"],
    "numeric(10,2)": ["0", "1", "1.10", "99999999.99"],
    "real": ["0", "1", "0.1", "16777216", "NaN", "Infinity", "-0"],
    "double precision": ["0", "1", "0.1", "1e300", "0.30000000000000004", "-Infinity"],
    "boolean": ["true", "false"],
    "date": ["2020-01-01", "infinity", "2020-03-29"],
    "timestamp": ["2020-01-01 00:00:00", "2020-01-01 12:34:56.789", "2020-03-29 02:30:00", "infinity"],
    "timestamp(0)": ["2020-01-01 00:00:00", "2020-01-01 12:34:56"],
    "timestamptz": ["2020-01-01 00:00:00+01", "2020-10-25 00:30:00+00", "2020-10-25 01:30:00+00", "2020-01-01 12:00:00.5+00"],
    "time": ["00:00:00", "12:34:56.789", "24:00:00"],
    "timetz": ["00:00:00+00", "12:34:56.789+02"],
    "interval": ["1 mon", "30 days", "1 day 02:03:04.5", "00:00:00"],
    "interval year to month": ["1 mon", "1 year 2 mons"],
    "interval(0)": ["1 day 02:03:04", "1 mon"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "bytea": ["\\x616263", "\\x00ff"],
    "inet": ["10.0.0.1", "10.0.0.1/24", "10.0.0.0/24", "::1"],
    "cidr": ["10.0.0.0/24", "10.0.0.1"],
    "json": ['{"a": 1}', '{"a":1,"a":2}', "5", "null"],
    "jsonb": ['{"a": 1}', "5", "null", '"x"'],
    "money": ["$1.00", "$1,234.56"],
    "oid": ["1", "4294967295"],
    "point": ["(1,2)"],
    "bit(4)": ["1010"],
    "mood": ["sad", "happy"],
    "text[]": ["{}", "{a,NULL,\"b c\"}", "{12,1.5}", "[0:1]={1,2}"],
    "integer[]": ["{}", "{1,2}", "{{1,2},{3,4}}", "{16777217}"],
    "numeric[]": ["{1.5,2}", "{NULL}", "{1}"],
    "double precision[]": ["{1.5,2}", "{0.1}"],
    "char(3)[]": ["{a,abc}"],
    "timestamp[]": ['{"2020-01-01 12:00:00"}', '{"2020-01-01 00:00:00"}'],
    "date[]": ["{2020-01-01}"],
}
TARGETS = [*VALUES, "varchar(3)", "char(2)", "numeric(4,1)", "timestamptz(0)", "time(0)", "positive", "interval day"]
MAKING = (
    "create type public.mood as enum ('sad', 'happy')",
    "create domain public.positive as integer check (value > 0)",
)
