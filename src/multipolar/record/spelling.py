"""How a spelling is read: what counts as the same name before any list is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_TATWEEL = "\u0640"
_ARTICLE = re.compile(r"(?<![\w'])the(?![\w'])")
_SAINT = re.compile(r"(?<!\w)st(?:\.|\b)\s*(?=\w)")
_NOT_WORD = re.compile(r"[\W_]+")
_TURNED = re.compile(
    r"^([^,(（]+)[,(（]\s*(?:la |el |les )?(.+?\b(?:of|of the|de|du|del|d'))\s*[)）]?$",
    re.IGNORECASE,
)
_FORMERLY = re.compile(r"\s*[(（](?:formerly|前)\b[^)）]*[)）]", re.IGNORECASE)
_TRAILING = re.compile(r"\s+[a-z]/$|\s*[(](?:l'|la|le|les|el|los|las) ?[)]$", re.IGNORECASE)


def fold(text: str) -> str:
    """Return a spelling without case, punctuation, spaces and the English article.

    >>> fold("The  U.S.A."), fold("Côte d'Ivoire"), fold("St. Lucia") == fold("Saint Lucia")
    ('usa', 'côtedivoire', True)
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace(_TATWEEL, "")
    text = text.casefold()
    if "&" in text:
        text = text.replace("&", " and ")
    if "the" in text or "st" in text:
        text = _ARTICLE.sub(" ", _SAINT.sub("saint ", text))
    return _NOT_WORD.sub("", text)


def plain(text: str) -> str:
    """Return `fold` of a spelling without accents and vowel signs."""
    marks = unicodedata.normalize("NFKD", text)
    return fold("".join(c for c in marks if not unicodedata.combining(c)))


def forms(text: str) -> Iterator[str]:
    """Yield a spelling as written, without notes and "(la)", and "X, Republic of" turned round."""
    yield text
    cut = _TRAILING.sub("", _FORMERLY.sub("", text))
    if cut != text:
        yield cut
    turned = _TURNED.match(cut)
    if turned:
        yield f"{turned[2]} {turned[1]}"
