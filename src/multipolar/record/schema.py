"""A small schema language: one class per table, one attribute per column.

>>> class Gifts(Table):
...     "Things given."
...     fact = False
...     key = ("gift_id",)
...     gift_id = text("Identifier.", required=True)
...     value_usd = decimal("Worth.", unit="USD")
>>> [column.name for column in Gifts.columns]
['gift_id', 'value_usd']
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, what it means, what it may hold.

    ``kind`` is one of ``text``, ``integer``, ``decimal`` (kept exactly as printed, read as float),
    ``date`` (a full ISO date), ``partial_date`` (YYYY, YYYY-MM or YYYY-MM-DD), ``list``
    (semicolon-separated texts). A ``pulled`` column is filled by datasets only and is not in the
    almanac's file.
    """

    kind: str
    doc: str
    name: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    refers: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    pulled: bool = False


def text(doc: str, **more: Any) -> Any:
    """Declare a text column."""
    return Column("text", doc, **more)


def choice(doc: str, *allowed: str, **more: Any) -> Any:
    """Declare a text column with a closed list of values."""
    return Column("text", doc, allowed=allowed, **more)


def integer(doc: str, **more: Any) -> Any:
    """Declare a whole-number column."""
    return Column("integer", doc, **more)


def decimal(doc: str, **more: Any) -> Any:
    """Declare a decimal column."""
    return Column("decimal", doc, **more)


def date(doc: str, **more: Any) -> Any:
    """Declare a full-date column."""
    return Column("date", doc, **more)


def partial_date(doc: str, **more: Any) -> Any:
    """Declare a column of dates that may stop at the month or the year."""
    return Column("partial_date", doc, **more)


def ref(table: str, doc: str, **more: Any) -> Any:
    """Declare a column that must hold a key of another table."""
    return Column("text", doc, refers=table, **more)


def refs(table: str, doc: str, **more: Any) -> Any:
    """Declare a semicolon-separated list of keys of another table."""
    return Column("list", doc, refers=table, **more)


class Table:
    """Base of all tables; a subclass lists its columns in the order of the file.

    ``key`` names the columns that together identify a row; files are sorted by it.
    ``fact`` tables carry the four columns that every sourced row has. ``columns`` are those of the
    almanac's file, ``frame_columns`` those of the frame: with what only datasets fill. A ``bulk``
    table has no file in the almanac.
    """

    key: ClassVar[tuple[str, ...]] = ()
    fact: ClassVar[bool] = True
    bulk: ClassVar[bool] = False
    columns: ClassVar[tuple[Column, ...]] = ()
    frame_columns: ClassVar[tuple[Column, ...]] = ()
    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = [replace(v, name=k) for k, v in vars(cls).items() if isinstance(v, Column)]
        cls.name = _snake(cls.__name__)
        more = _FACT_COLUMNS if cls.fact else ()
        cls.columns = tuple(c for c in own if not c.pulled) + more
        cls.frame_columns = tuple(own) + more


_FACT_COLUMNS: tuple[Column, ...] = (
    replace(refs("sources", "Where the fact was read.", required=True), name="source_id"),
    replace(
        partial_date(
            "The day up to which the source speaks, as precisely as known.", required=True
        ),
        name="as_of",
    ),
    replace(
        choice(
            "`verified`: read in one source; `two_sources`: read in two; `published`: pulled, as its "
            "publisher gives it.",
            "verified",
            "two_sources",
            "published",
            required=True,
        ),
        name="confidence",
    ),
    replace(text("Limits and conflicts, in the editors' words."), name="note"),
)


def _snake(name: str) -> str:
    out = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return out.lstrip("_")
