"""What every chart and table needs beside its rows: language, names, the focal state, the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .. import words
from .labels import Labels

Row = Mapping[str, Any]
Rows = Sequence[Row]


class Names(Protocol):
    """The registry, as far as the page asks it; an unknown code comes back as it is."""

    def name(self, state_id: str, lang: str) -> str:
        """Return a state's name."""

    def body_name(self, body_id: str, lang: str) -> str:
        """Return a body's name."""


@dataclass(frozen=True, slots=True)
class Context:
    """The setting of one page.

    Attributes
    ----------
    lang : str
        ``en`` or ``zh``.
    focal : str
        The state of the report.
    as_of : str
        ISO date of the report.
    """

    lang: str
    label: Labels
    names: Names
    focal: str
    as_of: str

    def state(self, code: str) -> str:
        """Return a state's name."""
        return self.names.name(code, self.lang)

    def body(self, body_id: str | None) -> str:
        """Return a body's name."""
        return self.names.body_name(body_id, self.lang) if body_id else self.none

    def text(self, row: Row, key: str) -> str:
        """Return a free text of the row in the page's language; English where there is no other."""
        return row.get(f"{key}_{self.lang}") or row.get(f"{key}_en") or ""

    def date(self, iso: str | None, precision: str | None = "day") -> str:
        """Return a date in words."""
        return words.fmt_date(iso, precision, self.lang) if iso else self.none

    def short(self, iso: str, precision: str | None = "day") -> str:
        """Return a date for a label in a chart."""
        return words.fmt_date_short(iso, precision, self.lang)

    def number(self, value: float | None) -> str:
        """Return a number, or the word for not known."""
        return self.none if value is None else words.fmt_number(value, self.lang)

    def percent(self, value: float | None) -> str:
        """Return per cent, or the word for not known."""
        return self.none if value is None else words.fmt_percent(value, self.lang)

    def share(self, value: float | None) -> str:
        """Return a share as per cent, or the word for not known."""
        return self.none if value is None else words.fmt_share(value, self.lang)

    def usd(self, value: float | None) -> str:
        """Return an amount, or the word for not known."""
        return self.none if value is None else words.fmt_usd(value, self.lang)

    def list(self, items: Sequence[str], limit: int | None = None) -> str:
        """Return the items joined."""
        return words.fmt_list(items, self.lang, limit)

    @property
    def none(self) -> str:
        """The word for not known."""
        return self.label("common.not_known")
