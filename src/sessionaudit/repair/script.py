"""Print a plan as a SQL script that can be run more than once: each step is skipped if it is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.held_back import uncured_counts
from sessionaudit.core.plain_sql import plain
from sessionaudit.core.query import with_keys
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import EVERY_ROW
from sessionaudit.errors import UsageError
from sessionaudit.postgres.lock_timeouts import REPAIR_SCRIPT
from sessionaudit.postgres.timeout import milliseconds
from sessionaudit.sql.text import dollar_tag, doubled, literal, quoted, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessionaudit.core.step import Obstacle, Step
    from sessionaudit.repair.plan import Plan

WIDTH = 110
_TYPED = str.maketrans({"\u2026": "...", "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
_CONCURRENTLY = re.compile(r"\A(create (?:unique )?index|drop index) concurrently ")
# Statements that PL/pgSQL would end at the first semicolon, or treat as its own.
_OPAQUE = re.compile(r"\bbegin\s+atomic\b|;", re.IGNORECASE)


def render(
    plan: Plan,
    *,
    title: str,
    transactional: bool,
    repairs: Mapping[str, str],
    obstacles: Sequence[str] = (),
    remarks: Sequence[str] = (),
    reload: bool = True,
) -> str:
    """Return a plan as a script.

    `title` says what the plan was made from, `obstacles` why the role that made it could not run it, and `remarks` what
    else there is to know before. `reload` has PostgREST look at what is new. With
    `transactional` the script can run in one transaction, and writes wait while indexes are built. `repairs` holds the
    SQL of data repairs by file name, for the steps whose rows are repaired; it is empty if no rows may be changed.
    Raises UsageError if one transaction cannot hold the plan.
    """
    if transactional:
        _refuse_new_values(plan)
    parts = [_header(plan, title, transactional, obstacles, remarks)]
    if transactional and plan.steps:
        parts.append(
            f"do $repair$\nbegin\n  set local lock_timeout = '{REPAIR_SCRIPT}';\n"
            "  set local statement_timeout = '15min';\nend\n$repair$;"
        )
    needed = frozenset[int]().union(*plan.after)
    for place, step in enumerate(plan.steps):
        lines = _step(step, plan.path, transactional, repairs, place in needed)
        parts.append("\n".join((_told(place + 1, step), *lines)))
    parts.extend(
        _comment(f"Held back: {held.step.action}, because {held.told or held.reason}. {held.advice}".strip())
        for held in plan.held
    )
    parts.extend(_comment(f"Not repaired: {one.finding.message} {one.help}") for one in plan.uncured)
    if plan.steps and reload:
        parts.append(_comment("Make PostgREST reload its schema cache.") + "\nnotify pgrst, 'reload schema';")
    return plain("\n\n".join(parts) + "\n")


def _header(plan: Plan, title: str, transactional: bool, obstacles: Sequence[str], remarks: Sequence[str]) -> str:
    uncured, unchanged, notes = uncured_counts(plan.uncured)
    alone = f"; left unchanged: {unchanged}" if unchanged else ""
    alone += f"; notes ignored: {notes}" if notes else ""
    lines = [
        title,
        "",
        *(f"In the way: {one}" for one in obstacles),
        *([""] if obstacles else []),
        *remarks,
        *([""] if remarks else []),
        f"Steps: {len(plan.steps)}; held back: {len(plan.held)}; without a cure: {uncured}{alone}.",
        "Each step is skipped if it is no longer needed, so the script can be run again at any time. It fails if a "
        f"lock is not free within {REPAIR_SCRIPT}: run it again then.",
    ]
    if transactional:
        lines.append(
            "Runs in one transaction: psql -1 -v ON_ERROR_STOP=1 -f FILE, a web SQL editor, or a migration. Locks "
            "are held until it ends, and building an index blocks writes to its table."
        )
    elif any(step.concurrent for step in plan.steps):
        lines.append(
            "For psql: psql -v ON_ERROR_STOP=1 -f FILE. It builds indexes concurrently, which is not possible in a "
            "transaction, and so not in a web SQL editor or a migration: for these, print it with --transactional."
        )
    else:
        lines.append("Run it with psql -v ON_ERROR_STOP=1 -f FILE, in a web SQL editor, or as a migration.")
    lines += [plan.unsettled] if plan.unsettled else []
    return "\n".join(_comment(line) if line else "--" for line in lines)


def _told(number: int, step: Step) -> str:
    tables = " and ".join(dict.fromkeys(".".join(map(quoted, path)) for path in step.locks))
    lock = f"{step.lock} on {tables}, which blocks {step.lock.blocks}" if step.lock and tables else "none"
    lines = [f"{number}. {step.action}", *([f"Why: {step.why}"] if step.why else []), f"Lock: {lock}."]
    if step.hazards:
        lines.append("Hazards: " + "; ".join(f"{hazard} ({hazard.meaning})" for hazard in step.hazards) + ".")
    return "\n".join(_comment(line) for line in lines)


def _step(
    step: Step, path: tuple[str, ...], transactional: bool, repairs: Mapping[str, str], needed: bool
) -> Iterator[str]:
    repaired = step.repair in repairs
    if repaired and step.repaired_first:
        for what in step.repairable:
            yield _data(step, what, repairs[step.repair], path, transactional)
    dropping = all(statement.startswith("drop index ") for statement in step.sql)
    if step.concurrent and not transactional and not dropping:
        if step.debris:
            yield f"begin;\nset local lock_timeout = '{REPAIR_SCRIPT}';"
            yield _block((f"if {step.debris.there} then", f"  {_plain(step.debris.remove)};", "end if;"))
            yield "commit;"
        statements = (f"set search_path = {', '.join(map(quoted, path))}", *step.sql)
        yield "set search_path = '';\nset statement_timeout = 0;\nset lock_timeout = 0;"
        yield f"select {', '.join(map(literal, statements))}\nwhere not ({step.done}) \\gexec"
        yield "reset search_path;\nreset statement_timeout;\nreset lock_timeout;"
        return
    body = [f"if {step.done} then", "  return;", "end if;"]
    if step.debris:
        body += [f"if {step.debris.there} then", f"  {_plain(step.debris.remove)};", "end if;"]
    body.append(f"set local search_path = {', '.join(map(quoted, path))};")
    body += [f"set local {name} = {literal(value)};" for name, value in step.settings]
    looked = [*_looked_at(step, repaired=repaired)]
    every_row = [EVERY_ROW] if step.risk and step.risk.found in looked and step.risk.found.of_rows else []
    for name, value in every_row:
        body.append(f"set local {name} = {value};")
    if step.risk and step.risk.found in looked and step.risk.locked:
        tables = ", ".join(map(dotted, step.locks[: step.risk.locked]))
        body.append(f"lock table {tables} in access exclusive mode;")
    for what in looked:
        message = literal(doubled(_typed(_told_of(step, what))))
        # A validation that must wait ends the script only if later steps depend on it.
        ending = [f"  raise exception {message};"] if needed else [f"  raise warning {message};", "  return;"]
        body += [f"if exists ({what.rows}) then", *ending, "end if;"]
    body += [f"{_performed(statement)};" for statement in step.plain or step.sql]
    if transactional:  # what follows does not apply
        body += [f"set local {name} to default;" for name, _ in (*step.settings, *every_row)]
    block = _block(body)
    if transactional:
        yield block
        return
    timeout = milliseconds(step.timeout) if step.timeout else "0"
    yield "begin;"
    yield f"set local lock_timeout = '{REPAIR_SCRIPT}';"
    yield f"set local statement_timeout = '{timeout}';"
    yield block
    yield "commit;"


def _told_of(step: Step, what: Obstacle) -> str:
    """Return the script's message about an obstacle; it contains no values of rows."""
    if step.risk is None or what is not step.risk.found:
        return f"{step.ref}: rows {what.what}. {what.hint}"
    subject = "rows " if what.of_rows else ""
    return f"{step.ref}: {subject}{what.what}. {what.hint} Or print the script with --allow {step.risk.hazard}."


def _looked_at(step: Step, *, repaired: bool) -> Iterator[Obstacle]:
    """Return the obstacles to check before a step, except those whose data repair runs after the step."""
    if step.obstacle and step.reads_rows:
        yield step.obstacle
    if step.risk and (step.repaired_first or not repaired):
        yield step.risk.found


def _data(step: Step, what: Obstacle, repair: str, path: tuple[str, ...], transactional: bool) -> str:
    """Return the SQL that repairs the rows that block a step, all at once."""
    keys = f"array(select o.key from ({what.rows}) o)"
    words = [*tokens(repair)]
    end = words[-2] if words[-1].text == ";" else words[-1]  # a comment may follow
    statement = with_keys(repair[words[0].start : end.end], keys)
    told = _comment(f"First, {step.repair} repairs the rows that {what.what}.")
    where = f"set local search_path = {', '.join(map(quoted, path))};"
    if transactional:
        return f"{told}\n{_block((where,), keep=True)}\n{statement};"
    return f"{told}\nbegin;\nset local lock_timeout = '{REPAIR_SCRIPT}';\n{where}\n{statement};\ncommit;"


def _block(body: Iterable[str], *, keep: bool = False) -> str:
    """Return a DO block in which the catalogs are read with an empty search path."""
    lines = [*body] if keep else ["set local search_path = '';", *body]
    text = "\n".join(f"  {line}" for line in lines)
    tag = dollar_tag("repair", text)
    # FOUND is a variable of PL/pgSQL, and may also be the name of a column in the contract.
    conflict = "#variable_conflict use_column\n" if "found" in text else ""
    return f"do {tag}\n{conflict}begin\n{text}\nend\n{tag};"


def _performed(statement: str) -> str:
    """Return a statement in the form that PL/pgSQL accepts."""
    if not _OPAQUE.search(statement):
        return statement
    tag = dollar_tag("sql", statement)
    return f"execute {tag}{statement}{tag}"


def _plain(statement: str) -> str:
    return _CONCURRENTLY.sub(lambda match: f"{match[1]} ", statement, count=1)


def _typed(text: str) -> str:
    """Replace characters in our own texts that some encodings lack: a server without one rejects the whole text."""
    return text.translate(_TYPED)


def _comment(text: str) -> str:
    """Return a text as comment lines."""
    from textwrap import wrap  # noqa: PLC0415 - few calls write a script

    found = wrap(_typed(" ".join(text.split())), WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"-- {line}" for line in found)


def _refuse_new_values(plan: Plan) -> None:
    """Refuse a plan that uses an enum value in the transaction that adds it, which PostgreSQL rejects (55P04)."""
    for number, step in enumerate(plan.steps):
        added = [_value(statement) for statement in step.sql if " add value " in statement]
        for value in filter(None, added):
            user = next((later for later in plan.steps[number + 1 :] if _uses(later, value)), None)
            if user:
                raise UsageError(
                    f"“{step.action}” and “{user.action}”, which uses the new value, cannot run in one transaction",
                    hint=f"Repair the type first: --only '{step.ref.dotted}'; or omit --transactional.",
                )


def _value(statement: str) -> str:
    words = [token.text for token in tokens(statement)]
    return words[words.index("value") + 1]


def _uses(step: Step, value: str) -> bool:
    return any(
        token.text == value
        for statement in (*step.sql, *step.reads)
        for token in tokens(statement)
        if token.sort == "string"
    ) and not any(" add value " in statement for statement in step.sql)
