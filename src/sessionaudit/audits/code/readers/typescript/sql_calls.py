"""Find statements of SQL: in tagged templates, and in what is given to `query(…)`, `execute(…)` and their like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import (
    CodeStatement,
    CodeValue,
    Dynamic,
    Fate,
    Fields,
    Known,
    Span,
    Unknown,
    Unread,
    possible,
)
from sessionaudit.audits.code.passing import PASSED
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.commands import is_judged
from sessionaudit.audits.code.readers.typescript.branches import Hearing, thrown
from sessionaudit.audits.code.readers.typescript.chains import chain
from sessionaudit.audits.code.readers.typescript.connections import runs_sql
from sessionaudit.audits.code.readers.typescript.scopes import Declares, lasting, resolve
from sessionaudit.audits.code.readers.typescript.syntax import (
    FUNCTIONS,
    arguments,
    callee,
    dotted,
    field,
    inner,
    member,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.constants import Values
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_WORDS = "query|execute|unsafe|raw|queryObject|queryArray|queryRaw|executeRaw|oneOrNone|manyOrNone|queryRawUnsafe"
_NAMES = re.compile(rb"(?P<at>\$?(?:" + _WORDS.encode() + rb"|executeRawUnsafe))\s*(?:<[^()`]*>)?\s*\(")
_TAGS = re.compile(rb"(?P<at>`)(?=\s*(?:select|insert|update|delete|with|merge|call|values|--|/\*)\b)", re.IGNORECASE)
_BEGINS = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select\s|insert\s+into\s|update\s|delete\s+from\s|with\s|merge\s+into\s|"
    r"call\s+[\w.]+\s*\(|refresh\s+materialized|truncate\s)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"(?:^|\.)(?:sql|SQL|\$queryRaw|\$executeRaw)$")
_MAKES_TAG = re.compile(r"^(?:postgres|neon|createSqlTag|createPool|vercelSql)$")
_LENDS = {"begin", "savepoint", "reserve"}
# What cannot be meant for a reader of a page, whatever the tag.
_SURELY = re.compile(
    r"`\s*(?:select\s[^`]*?\sfrom\s+[\w\"$]|insert\s+into\s|delete\s+from\s+[\w\".]+\s+where\s|update\s+\S+\s+set\s|"
    r"with\s+\w+\s+as\s*\()",
    re.IGNORECASE,
)
_TAKES_SQL = re.compile(r"^\$?(?:" + _WORDS + r"|executeRawUnsafe)$")
_OTHER_DATABASE = re.compile(
    rb"(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s*\(?\s*)"
    rb"['\"](?:mysql2?(?:/promise)?|sqlite3|better-sqlite3|mssql|@libsql/client|bun:sqlite)['\"]"
)


def statements(source: Script, evaluator: Values, unread: list[Unread]) -> list[CodeStatement]:
    """Return the statements of a file in order."""
    if _OTHER_DATABASE.search(source.bytes):
        return []
    found = [*_tagged(source, evaluator, unread), *_given(source, evaluator, unread)]
    return sorted(found, key=lambda one: one.at[1:])


def _tagged(source: Script, evaluator: Values, unread: list[Unread]) -> Iterator[CodeStatement]:
    for node in source.words(_TAGS):
        template = node if node.type == "template_string" else source.parent(node)
        call = source.parent(template) if template is not None and template.type == "template_string" else None
        called = callee(call) if call is not None and call.type == "call_expression" else None
        if template is None or call is None or called is None:
            continue
        if not _is_tag(source, called):
            if _SURELY.match(source.text(template)):
                what = f"whether the tag {dotted(source, called) or 'before it'} sends it as SQL"
                unread.append(Unread(source.span(call), Dynamic.UNBOUND, what))
            continue
        text = _template(source, template, evaluator)
        if isinstance(text, Dynamic):
            unread.append(Unread(source.span(call), text, "a statement of SQL"))
        elif _BEGINS.match(text[0]):
            yield _statement(source, call, *text)


def _is_tag(source: Script, called: Node) -> bool:
    name = dotted(source, called)
    if _TAG.search(name):
        return True
    binding = resolve(source, name, called) if called.type == "identifier" else None
    if binding is None:
        return False
    if binding.sort is Declares.PARAMETER:  # of what runs in a transaction
        given = source.parent(binding.scope)
        call = source.parent(given) if given is not None and given.type == "arguments" else None
        return call is not None and _lends_tag(source, call)
    made = inner(binding.value, awaits=True) if binding.value is not None else None
    if made is None or made.type != "call_expression":
        return False
    maker = callee(made)
    return _lends_tag(source, made) or (maker is not None and _MAKES_TAG.match(source.text(maker)) is not None)


def _lends_tag(source: Script, call: Node) -> bool:
    """Tell whether a tag is called for another one, as by `sql.begin(…)`."""
    called = callee(call)
    through = member(source, called) if called is not None else None
    return through is not None and through[1] in _LENDS and _is_tag(source, through[0])


def _template(
    source: Script, template: Node, evaluator: Values, depth: int = 0
) -> tuple[str, list[tuple[int, Span]]] | Dynamic:
    """Return the text of a template with its substitutions as parameters, and where its parts stand."""
    text = ""
    places: list[tuple[int, Span]] = []
    problem = _append(source, template, evaluator, depth, [0])
    if isinstance(problem, Dynamic):
        return problem
    for part, at in problem:
        if at is not None:
            places.append((len(text), at))
        text += part
    return text, places


def _append(
    source: Script, template: Node, evaluator: Values, depth: int, count: list[int]
) -> list[tuple[str, Span | None]] | Dynamic:
    found: list[tuple[str, Span | None]] = []
    for child in template.named_children:
        if child.type != "template_substitution":
            found.append((source.text(child).replace("\\`", "`"), source.span(child)))
            continue
        inside = [one for one in child.named_children if one.type != "comment"]
        part = _fragment(source, inside[0]) if inside else None
        if part is not None and depth < 4:
            more = _append(source, part, evaluator, depth + 1, count)
            if isinstance(more, Dynamic):
                return more
            found += more
            continue
        made = inner(inside[0]) if inside else child
        called = callee(made) if made.type == "call_expression" else None
        if called is not None and re.search(
            r"(?:^|\.)(?:sql|raw|unsafe|join|identifier|literal)$", source.text(called)
        ):
            return Dynamic.EXPRESSION  # names, or a list of columns, that the library puts there
        if _is_chosen(source, made):
            return Dynamic.EXPRESSION
        count[0] += 1
        found.append((f"${count[0]}", None))
    return found


def _is_chosen(source: Script, node: Node) -> bool:
    """Tell whether what is put in is one of several parts of a statement."""
    if node.type == "identifier":
        binding = resolve(source, source.text(node), node)
        node = inner(binding.value) if binding is not None and binding.value is not None else node
    return node.type == "ternary_expression" and b"`" in source.bytes[node.start_byte : node.end_byte]


def _fragment(source: Script, node: Node) -> Node | None:
    """Return the template of a part of a statement that is put into another one."""
    node = inner(node)
    if node.type == "identifier":
        binding = resolve(source, source.text(node), node)
        if binding is None or binding.sort is not Declares.VARIABLE or binding.value is None or binding.path:
            return None
        node = inner(binding.value)
    called = callee(node) if node.type == "call_expression" else None
    template = field(node, "arguments")
    if called is None or template is None or template.type != "template_string":
        return None
    return template if _TAG.search(dotted(source, called)) else None


def _given(source: Script, evaluator: Values, unread: list[Unread]) -> Iterator[CodeStatement]:
    for name in source.words(_NAMES):
        function = source.parent(name) if name.type in {"property_identifier", "private_property_identifier"} else name
        call = source.parent(function) if function is not None else None
        while call is not None and call.type in {"await_expression", "non_null_expression"}:
            call = source.parent(call)
        if call is None or call.type != "call_expression" or not _TAKES_SQL.match(source.text(name)):
            continue
        given = arguments(call)
        if not given or inner(given[0]).type in FUNCTIONS:
            continue
        value = evaluator.target(source, given[0])
        if isinstance(value, Fields):
            value = values.field_of(value, "text", value.at)
        each = list(possible(value))
        begun = any(_BEGINS.match(_known(one) or "") for one in each)
        certain = not begun and any(map(_is_judged, each)) and runs_sql(source, call, evaluator.modules)
        for one in each:
            text = _known(one)
            if begun and text is None:  # what else the same name may stand for
                unread.append(
                    Unread(
                        source.span(call),
                        one.why if isinstance(one, Unknown) else Dynamic.EXPRESSION,
                        "a statement of SQL",
                    )
                )
            if text is None or not (_BEGINS.match(text) or (certain and _is_judged(one))):
                continue
            if isinstance(one, Unknown):
                composed = Unread(source.span(call), one.why, "a statement of SQL")
                unread += [composed] if composed not in unread else []
            elif isinstance(one, Known):
                said = _numbered(text) if source.text(name) == "raw" else text
                places = [(0, one.at)] if one.exact and said == text else []
                yield _statement(source, call, said, places)


def _is_judged(value: CodeValue) -> bool:
    text = _known(value)
    return text is not None and is_judged(text)


def _known(value: CodeValue) -> str | None:
    if isinstance(value, Known):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Unknown) and value.parts:
        return "".join(str(part.value) if isinstance(part, Known) else "?" for part in value.parts)
    return None


def _numbered(text: str) -> str:
    """Return a statement with `?` as `$1`, but not where that is an operator of JSON or stands in quotes."""
    count = 0

    def one(match: re.Match[str]) -> str:
        nonlocal count
        if match[0] != "?":
            return match[0]
        count += 1
        return f"${count}"

    return re.sub(r"'[^']*'|\"[^\"]*\"|\?[|&]|\?\?|\?", one, text)


def _statement(source: Script, call: Node, text: str, places: list[tuple[int, Span]]) -> CodeStatement:
    outcome = _fate(source, call)
    at = source.span(outcome.at) if outcome.fate is not Fate.UNKNOWN else None
    fate = Fate.HANDLED if outcome.fate in PASSED else outcome.fate
    return CodeStatement(at=source.span(call), text=text, places=tuple(places), fate=fate, fate_at=at)


def _fate(source: Script, call: Node) -> Hearing:
    """Return what becomes of a failure: a statement throws it, unlike a request."""
    found = chain(source, call)
    above = source.parent(lasting(source, found.top))
    if found.awaited or (above is not None and above.type == "await_expression"):
        return thrown(source, call)
    if above is not None and (above.type == "return_statement" or above.type in FUNCTIONS):
        return Hearing(Fate.HANDLED, above)
    return Hearing(Fate.UNKNOWN, call)
