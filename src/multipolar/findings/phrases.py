"""Sentences: a catalogue per language, filled with typed terms.

A measure names a sentence; the facet hands over *what* (a state, a day, a share), never *how it is
written*. ``sentences/en.toml`` and ``sentences/zh.toml`` hold the same keys.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from .. import words
from .finding import LANGUAGES

_HERE = Path(__file__).parent / "sentences"


class Names(Protocol):
    """What a phrase needs of the registry."""

    def name(self, code: str, lang: str) -> str:
        """Return a state's name."""

    def in_sentence(self, code: str, lang: str) -> str:
        """Return a state's name as it stands in a sentence."""

    def body_name(self, body_id: str, lang: str) -> str:
        """Return a body's name."""


@dataclass(frozen=True, slots=True)
class State:
    """A state, by code."""

    code: str

    def write(self, lang: str, names: Names) -> str:
        """Return the state's name, in English with its article."""
        return names.in_sentence(self.code, lang)


@dataclass(frozen=True, slots=True)
class States:
    """Several states; beyond ``limit`` only their number."""

    codes: Sequence[str]
    limit: int | None = None

    def write(self, lang: str, names: Names) -> str:
        """Return the names joined."""
        return words.fmt_list([names.in_sentence(c, lang) for c in self.codes], lang, self.limit)


@dataclass(frozen=True, slots=True)
class Body:
    """A body, by id."""

    body_id: str

    def write(self, lang: str, names: Names) -> str:
        """Return the body's name."""
        return names.body_name(self.body_id, lang)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Several bodies."""

    ids: Sequence[str]
    limit: int | None = None

    def write(self, lang: str, names: Names) -> str:
        """Return the names joined."""
        return words.fmt_list([names.body_name(b, lang) for b in self.ids], lang, self.limit)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as precisely as it is known."""

    day: date
    precision: str | None = "day"

    def write(self, lang: str, names: Names) -> str:
        """Return the date in words."""
        return words.fmt_date(self.day.isoformat(), self.precision or "day", lang)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of one, written in per cent."""

    value: float

    def write(self, lang: str, names: Names) -> str:
        """Return the per cent."""
        return words.fmt_share(self.value, lang)


@dataclass(frozen=True, slots=True)
class Percent:
    """A number that is per cent already."""

    value: float

    def write(self, lang: str, names: Names) -> str:
        """Return the per cent."""
        return words.fmt_percent(self.value, lang)


@dataclass(frozen=True, slots=True)
class Usd:
    """An amount in US dollars."""

    value: float

    def write(self, lang: str, names: Names) -> str:
        """Return the amount."""
        return words.fmt_usd(self.value, lang)


@dataclass(frozen=True, slots=True)
class Number:
    """A bare number."""

    value: float

    def write(self, lang: str, names: Names) -> str:
        """Return the number."""
        return words.fmt_number(self.value, lang)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things; the noun is a key of the catalogue's ``nouns``."""

    value: int
    noun: str

    def write(self, lang: str, names: Names) -> str:
        """Return number and noun, as the language counts."""
        one, many = catalogue(lang)["nouns"][self.noun]
        form: str = one if self.value == 1 else many
        return form.format(n=words.fmt_number(self.value, lang))


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the record in both languages."""

    en: str
    zh: str

    def write(self, lang: str, names: Names) -> str:
        """Return the text in one language."""
        return self.zh if lang == "zh" else self.en


NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Say:
    """Another sentence or a word of the catalogue, as a part."""

    key: str
    terms: Mapping[str, Any]

    def write(self, lang: str, names: Names) -> str:
        """Return the part."""
        return phrase(self.key, lang, names, self.terms)


@dataclass(frozen=True, slots=True)
class Parts:
    """Several parts, joined as the language joins a list."""

    items: Sequence[Any]
    limit: int | None = None

    def write(self, lang: str, names: Names) -> str:
        """Return the parts joined."""
        return words.fmt_list([item.write(lang, names) for item in self.items], lang, self.limit)


@cache
def catalogue(lang: str) -> dict[str, Any]:
    """Return the catalogue of one language."""
    return tomllib.loads((_HERE / f"{lang}.toml").read_text(encoding="utf-8"))


def knows(key: str) -> bool:
    """Say whether the catalogue has a sentence or word of this key."""
    return key in catalogue(LANGUAGES[0])["sentences"]


def phrase(key: str, lang: str, names: Names, terms: Mapping[str, Any]) -> str:
    """Return one sentence in one language."""
    template: str = catalogue(lang)["sentences"][key]
    filled = {name: term.write(lang, names) for name, term in terms.items()}
    return template.format_map(filled)


def sentence(key: str, lang: str, names: Names, terms: Mapping[str, Any]) -> str:
    """Return one sentence, its first letter large."""
    said = phrase(key, lang, names, terms)
    return said[:1].upper() + said[1:]


def phrases(key: str, names: Names, terms: Mapping[str, Any]) -> dict[str, str]:
    """Return one sentence in every language."""
    return {lang: sentence(key, lang, names, terms) for lang in LANGUAGES}
