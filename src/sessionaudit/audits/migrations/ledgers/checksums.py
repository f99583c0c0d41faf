"""The checksums of files that ledgers keep."""

from __future__ import annotations

import hashlib
import re
import zlib

from sessionaudit.audits.migrations.ledgers.listing import without_mark

_LINE_END = re.compile(r"\r\n|\r|\n")


def is_sha256(text: str, checksum: str) -> bool:
    """Whether a checksum is that of a text, with whichever line ends git gave to the file."""
    unix = text.replace("\r\n", "\n")
    return any(
        hashlib.sha256(one.encode()).hexdigest() == checksum.lower()
        for one in dict.fromkeys((text, unix, unix.replace("\n", "\r\n")))
    )


def crc32_of_lines(text: str) -> int:
    """Return the CRC-32 of the lines of a text without their ends and the byte-order mark, as a signed integer."""
    value = 0
    for line in _LINE_END.split(without_mark(text)):
        value = zlib.crc32(line.encode(), value)
    return value - 2**32 if value >= 2**31 else value
