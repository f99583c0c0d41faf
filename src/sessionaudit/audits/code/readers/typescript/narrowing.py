"""Leave out of the values that a name may have those that it cannot have where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Choice, CodeValue, Dynamic, Known, Unknown
from sessionaudit.audits.code.readers import values
from sessionaudit.audits.code.readers.typescript import literals
from sessionaudit.audits.code.readers.typescript.syntax import FUNCTIONS, field, inner, name_pattern, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.scopes import Binding
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_EXITS = {"return_statement", "throw_statement", "continue_statement", "break_statement"}


def narrowed(source: Script, binding: Binding, at: Node, value: CodeValue) -> CodeValue:
    """Return what a name may be at a place, by the conditions under which the place is reached.

    Where a condition says something about the name that is not understood, no text of a choice is certain there.
    """
    if not isinstance(value, Choice) or same(at, source.root):
        return value
    kept: list[CodeValue] = list(value.values)
    for condition, holds in _conditions(source, at):
        if condition.start_byte >= binding.at.start_byte and name_pattern(binding.name).search(
            source.bytes, condition.start_byte, condition.end_byte
        ):
            for part in _parts(source, condition, holds):
                kept = _kept(source, binding, part, holds, kept)
    if len(kept) == len(value.values):
        return value
    return values.choice(kept, value.at) if kept else Unknown(Dynamic.EXPRESSION, source.span(at))


def _conditions(source: Script, at: Node) -> Iterator[tuple[Node, bool]]:
    """Return the conditions under which a place is reached, and whether each holds there or not."""
    below = at
    for above in source.ancestors(at):
        condition = field(above, "condition")
        if above.type in {"if_statement", "ternary_expression", "while_statement"} and condition is not None:
            if not same(condition, below):
                yield condition, not same(field(above, "alternative"), below)
        elif above.type == "binary_expression" and same(field(above, "right"), below):
            operator, left = field(above, "operator"), field(above, "left")
            if operator is not None and left is not None and source.text(operator) in {"&&", "||"}:
                yield left, source.text(operator) == "&&"
        elif above.type == "switch_statement":
            switched = field(above, "value")
            if switched is not None and not same(switched, below):
                yield switched, True
        elif above.type in {"statement_block", "program"}:
            for statement in above.named_children:
                if statement.start_byte >= below.start_byte:
                    break
                passed = field(statement, "condition")
                if statement.type == "if_statement" and passed is not None and _leaves(field(statement, "consequence")):
                    yield passed, False
        if above.type in FUNCTIONS and above.type != "arrow_function":
            return
        below = above


def _leaves(branch: Node | None) -> bool:
    if branch is None:
        return False
    last = branch.named_children[-1] if branch.type == "statement_block" and branch.named_children else branch
    return last.type in _EXITS


def _parts(source: Script, condition: Node, holds: bool) -> Iterator[Node]:
    condition = inner(condition)
    operator, left, right = field(condition, "operator"), field(condition, "left"), field(condition, "right")
    both = operator is not None and source.text(operator) == ("&&" if holds else "||")
    if condition.type == "binary_expression" and both and left is not None and right is not None:
        yield from _parts(source, left, holds)
        yield from _parts(source, right, holds)
    else:
        yield condition


def _kept(source: Script, binding: Binding, part: Node, holds: bool, kept: list[CodeValue]) -> list[CodeValue]:
    if not name_pattern(binding.name).search(source.bytes, part.start_byte, part.end_byte):
        return kept
    negated = part.type == "unary_expression" and source.text(part).startswith("!")
    operand = field(part, "argument") if negated else None
    tested = inner(operand if operand is not None else part)
    if tested.type == "identifier" and source.text(tested) == binding.name:
        true = holds != negated
        return [one for one in kept if not isinstance(one, Known) or values.truthy(one) == true]
    operator, left, right = field(part, "operator"), field(part, "left"), field(part, "right")
    if part.type == "binary_expression" and operator is not None and left is not None and right is not None:
        sign = source.text(operator)
        other = inner(right) if source.text(inner(left)) == binding.name else inner(left)
        literal = _literal(source, other)
        if sign in {"===", "==", "!==", "!="} and literal is not None:
            equal = sign.startswith("=") == holds
            return [one for one in kept if not isinstance(one, Known) or _same(one, literal) == equal]
    return [one for one in kept if not isinstance(one, Known)]


def _literal(source: Script, node: Node) -> Known | None:
    if node.type == "string":
        return literals.string(source, node)
    if node.type == "null":
        return Known(None, source.span(node))
    return values.UNDEFINED if source.text(node) == "undefined" else None


def _same(one: Known, other: Known) -> bool:
    nothing = [each.value is None or values.is_undefined(each) for each in (one, other)]
    return all(nothing) or (not any(nothing) and one.value == other.value)
