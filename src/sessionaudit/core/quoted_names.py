"""The names that messages of the server quote, as its languages do: "a", »a«, « a », „a“."""

from __future__ import annotations

import re

# Compiled when first used: few calls meet an error.
_QUOTED = r'"((?:[^"]|"")+)"|[»„“]([^«“”]+)[«“”]|«\s*([^»]+?)\s*»'


def quoted_names(message: str) -> list[str]:
    """Return them in their order, without the quotes."""
    return [(plain.replace('""', '"') or others or french) for plain, others, french in re.findall(_QUOTED, message)]
