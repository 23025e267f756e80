"""Which of the two old single-byte encodings a file is in, decided by the text that comes out.

A byte such as 0x8E is ``é`` in Mac Roman and ``Ž`` in Windows-1252. Both decodings are read and each
character outside ASCII is judged by its neighbours: a small letter with an accent inside a word
speaks for the decoding, a capital or a sign inside a word against it.
"""

from __future__ import annotations

import re

from .files import RawFile
from .source import bad

CANDIDATES = ("mac_roman", "cp1252")
_COMMON = set("éèêëàâäáãåçíîïñóôöõúûüøß")
_FRENCH_OR_ENGLISH = re.compile(r"’(s|t|re|ve|ll|d|m)\b", re.IGNORECASE)
_SIGNS = set("°ºª§€£–—…·")
_WORDS = set("àéÀÉ")


def encoding_of(raw: RawFile) -> str:
    """Return the encoding of a file: UTF-8 where its bytes fit, else the likelier of the two.

    Raises
    ------
    BadSource
        Both readings make as much sense.
    """
    try:
        raw.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig"
    scores: dict[str, float] = {}
    for name in CANDIDATES:
        try:
            scores[name] = likeness(raw.content.decode(name))
        except UnicodeDecodeError:
            continue
    best = max(scores.values())
    found = [name for name, score in scores.items() if score == best]
    if len(found) > 1:
        raise bad(raw.name, "is neither UTF-8 nor clearly Mac Roman or Windows-1252")
    return found[0]


def likeness(text: str) -> float:
    """Return how much the characters outside ASCII look like text of a Western language."""
    return sum(_judge(text, hit.start()) for hit in re.finditer(r"[^\x00-\x7f]", text))


def _judge(text: str, at: int) -> float:
    mark = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if mark in "’‘“”":
        return 1.0 if _quote_fits(text, at) else -1.0
    if mark in _SIGNS:
        return 0.5
    if not mark.isalpha():
        return -1.0 if before.isalpha() or after.isalpha() else 0.0
    if not before.isalpha() and not after.isalpha():
        return 0.5 if mark in _WORDS else -0.5
    if mark.isupper():
        return -1.0 if before.islower() else 0.5
    return 1.0 if mark in _COMMON else 0.25


def _quote_fits(text: str, at: int) -> bool:
    mark, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if mark in "‘“":
        return not before.isalnum() and after.isalnum()
    if mark == "”":
        return not before.isspace() and not after.isalnum()
    if _FRENCH_OR_ENGLISH.match(text, at) or (before in "sS" and not after.isalpha()):
        return True
    article = text[max(at - 2, 0) : at]
    return (
        after.isalpha()
        and len(article) == 2
        and not article[0].isalpha()
        and article[1] in "dlncjDLNCJ"
    )
