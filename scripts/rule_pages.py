"""Writes `rule_examples.json`, which `sessionaudit rule` reads, and `docs/rules`: a page for each rule.

`python scripts/rule_pages.py RULE…` runs the examples of these alone.
`tests/rule_examples.py` says what an example is.
"""

from __future__ import annotations

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests"))

import rule_examples  # noqa: E402 - found by the path above


def main() -> int:
    """Run the examples, and write what came of them; say which do not have exactly what they are for."""
    wrong = rule_examples.write_examples(sys.argv[1:])
    if not wrong:
        rule_examples.write_pages()
    print("\n".join(wrong), end="\n" if wrong else "")
    return len(wrong) > 0


if __name__ == "__main__":
    raise SystemExit(main())
