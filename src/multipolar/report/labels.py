"""Words of the page: one catalogue per language, looked up by dotted key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"


class Labels:
    """The catalogue of one language.

    Parameters
    ----------
    lang : str
        ``en`` or ``zh``.
    texts : mapping of str to str
        Text by dotted key, as ``levels.head``.
    """

    __slots__ = ("lang", "texts")

    def __init__(self, lang: str, texts: Mapping[str, str]) -> None:
        self.lang = lang
        self.texts = texts

    def __call__(self, key: str, **parts: object) -> str:
        """Return a text, its places filled."""
        text = self.texts[key]
        return text.format(**parts) if parts else text

    def term(self, group: str, code: object) -> str:
        """Return the word for a code; an unknown code is shown as it stands, None as not known."""
        if code is None:
            return self.texts["common.not_known"]
        found = self.texts.get(f"{group}.{code}")
        return found if found is not None else str(code).replace("_", " ")

    def sentence(self, text: str) -> str:
        """Return the text with a capital first letter."""
        return text[:1].upper() + text[1:]


@cache
def labels(lang: str) -> Labels:
    """Return the catalogue of a language, read once."""
    data = tomllib.loads((WORDS / f"{lang}.toml").read_text(encoding="utf-8"))
    return Labels(lang, dict(_flat("", data)))


def _flat(prefix: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            out += _flat(f"{prefix}{key}.", value)
        else:
            out.append((f"{prefix}{key}", str(value)))
    return out
