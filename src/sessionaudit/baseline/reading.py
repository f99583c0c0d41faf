"""Read a baseline: YAML, as people review it in a diff, and add dates and reasons by hand."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from sessionaudit import files
from sessionaudit.contract import file_text, yaml_reader
from sessionaudit.core.baseline import Baseline, BaselineEntry
from sessionaudit.core.finding import Severity, fingerprint_of
from sessionaudit.core.node import NodeError, Scalar, described, known_keys, mapping, nearest, one_of, sequence, text
from sessionaudit.core.place import where
from sessionaudit.errors import ContractError, FileError
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.node import Mapping, Node

VERSION = 1
HEAD = ("version", "tool", "date", "contract", "database", "options", "findings")
KEYS = ("fingerprint", "rule", "audit", "object", "facet", "severity", "message", "actual", "rows", "reason", "until")
_NEEDED = ("fingerprint", "rule", "audit", "object", "severity", "message")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_RULE = re.compile(r"(?P<code>[A-Z]{2}[0-9]{3}) (?P<name>[a-z][a-z-]*)")
_MOST_ROWS = 2**63
_AS_IT_WAS = "Write the entry as it was, or take it out."
_ESCAPE = "\\ud"  # of a byte in the name of a file that is no character
_WRITE = "Write one with `sessionaudit check --write-baseline FILE`."


def read(file: Path) -> Baseline:
    """Read a baseline. Raises FileError with the place of what is wrong."""
    name = str(file)
    try:
        raw = files.read(file, file_text.MOST_BYTES)
    except FileNotFoundError:
        raise FileError(f"the baseline {name} does not exist", hint=_WRITE) from None
    except OSError as error:
        raise FileError(
            f"cannot read the baseline {name}: {error.strerror}", hint="Name a file that you may read."
        ) from None
    except ValueError:  # a NUL in the name
        raise FileError(f"cannot read the baseline {name!r}: this is not a file name") from None
    try:
        return _baseline(yaml_reader.compose(file_text.decoded(raw, name), name), name)
    except NodeError as error:
        raise FileError(str(error), location=where(error.node), hint=error.hint) from None
    except ContractError as error:  # the reader speaks of the files that it was made for
        said = error.message.replace("the contract", "the baseline").replace("a contract", "a baseline")
        hint = "" if error.hint == file_text.SPLIT else error.hint.replace("a contract", "a baseline")
        raise FileError(said, location=error.location, hint=hint) from None


def _baseline(root: Mapping, name: str) -> Baseline:
    version = root.get(_key("version"))
    if version is None and "findings" not in root:
        raise NodeError("this is no baseline: it has neither “version” nor “findings”", root, _WRITE)
    if version is None:
        raise NodeError("“version” is missing", root, f"It begins with “version: {VERSION}”.")
    if version != str(VERSION):
        newer = isinstance(version, Scalar) and version.isdecimal() and not version.startswith("0")
        said = f"the baseline has the version {described(version)}, and this program reads version {VERSION}"
        raise NodeError(said, version, "Read it with a later version of sessionaudit." if newer else "")
    if "tables" in root or "columns" in root:
        raise NodeError("this is a contract, not a baseline", root, _WRITE)
    known_keys(root, HEAD, "a baseline")
    if "findings" not in root:
        raise NodeError("“findings” is missing", root, "Where nothing is accepted, write “findings: []”.")
    entries = tuple(_entry(mapping(node, "a finding: {fingerprint, rule, …}")) for node in _entries(root))
    options = sequence(root[_key("options")], "a list of options") if "options" in root else ()
    return Baseline(
        file=name,
        contract=_told(root, "contract"),
        database=_told(root, "database"),
        entries=entries,
        options=tuple(str(text(one, "an option")) for one in options),
    )


def _entries(root: Mapping) -> list[Node]:
    found = root[_key("findings")]
    return sequence(found, "a list of findings")


def _entry(node: Mapping) -> BaselineEntry:
    known_keys(node, KEYS, "a finding of a baseline")
    lacking = [f"“{word}”" for word in _NEEDED if word not in node]
    if lacking:
        raise NodeError(f"a finding of a baseline needs {' and '.join(lacking)}", node, _WRITE)
    fingerprint = _text(node, "fingerprint")
    if not _FINGERPRINT.fullmatch(fingerprint):
        said = f"expected a fingerprint of 16 hexadecimal digits, found {described(fingerprint)}"
        raise NodeError(said, fingerprint, "It is that which --format json prints.")
    rule = _text(node, "rule")
    match = _RULE.fullmatch(rule)
    if match is None:
        raise NodeError(f"expected a code and a rule such as “SA201 missing-column”, found {described(rule)}", rule)
    known = RULES.get(match["name"])
    if known is not None and known.code != match["code"]:
        raise NodeError(f"the code of {known.name} is {known.code}", rule)
    if known is None and any(one.code == match["code"] for one in RULES.values()):
        raise NodeError(f"unknown rule {described(rule)}", rule, nearest(match["name"], RULES))
    named, facet = str(_text(node, "object")), _told(node, "facet")
    # Of a file that does not say how things were, the facet is not known, and of an escape not whether it is one: these
    # entries are held against what they accept.
    is_known = bool({"actual", "facet", "rows"} & node.keys()) and _ESCAPE not in named + facet
    if is_known and fingerprint_of(match["code"], named, facet) != fingerprint:
        said = f"the fingerprint is not that of {rule} of {named}" + (f" ({facet})" if facet else "")
        raise NodeError(f"{said}, so the entry would accept something else", fingerprint, _AS_IT_WAS)
    return BaselineEntry(
        fingerprint=str(fingerprint),
        rule=str(rule),
        audit=str(_text(node, "audit")),
        object=named,
        severity=Severity[one_of(_text(node, "severity"), [str(one) for one in Severity]).upper()],
        message=str(_text(node, "message")),
        facet=facet,
        actual=_told(node, "actual") if "actual" in node else None,
        rows=_rows(node),
        reason=_told(node, "reason"),
        until=_day(node),
        location=where(node),
    )


def _rows(node: Mapping) -> int:
    if "rows" not in node:
        return 0
    said = _text(node, "rows")
    if not re.fullmatch(r"[0-9]{1,19}", said) or int(said) >= _MOST_ROWS:
        raise NodeError(f"expected a number of rows, found {described(said)}", said)
    return int(said)


def _day(node: Mapping) -> date | None:
    if "until" not in node:
        return None
    said = _text(node, "until")
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise NodeError(f"expected a date such as 2027-03-31, found {described(said)}", said) from None


def _told(node: Mapping, key: str) -> str:
    return str(_text(node, key)) if key in node else ""


def _text(node: Mapping, key: str) -> Scalar:
    """A value that is one text. Which type another reader would take it for is of no matter here."""
    found = node[_key(key)]
    if not isinstance(found, Scalar):
        raise NodeError(f"expected a text for “{key}”, found {described(found)}", found)
    return found


def _key(word: str) -> Scalar:
    return Scalar(word)
