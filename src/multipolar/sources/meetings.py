"""What the loaders of meetings share: years, days, and labels printed twice (code and name)."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from ..errors import AmbiguousName, UnknownName
from ..record.store import Record
from .files import RawFile
from .source import bad
from .states import States

PAIR = "iso3+name"
"""Scheme of the reviewed list for a code and a name that contradict each other: ``code|name``."""


@cache
def _sessions() -> dict[str, int]:
    rows = Record().rows("sessions")
    return {row["session_id"]: row["start"].year for row in rows}


def almanac_year(session_id: str) -> int | None:
    """Return the year in which the almanac puts a session, for files that do not say it."""
    return _sessions().get(session_id)


def year_of(raw: RawFile, text: str, row: int) -> int:
    """Return a year printed in four digits.

    Raises
    ------
    BadSource
        It is no year between 1940 and 2100.
    """
    if not re.fullmatch(r"(19[4-9]|20[0-9])[0-9]", text.strip()):
        raise bad(raw.name, f"{text!r} is not a year", row=row)
    return int(text)


def day_of(raw: RawFile, text: str, row: int) -> date | None:
    """Return a day printed as YYYY-MM-DD; None where the cell is empty."""
    if not text:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise bad(raw.name, f"{text!r} is not a date (YYYY-MM-DD)", row=row) from None


def count_of(raw: RawFile, text: str, row: int, what: str) -> int | None:
    """Return a whole number, None where the cell is empty; empty is missing, never zero."""
    if not text.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,7}", text.strip()):
        raise bad(raw.name, f"{what} {text!r} is not a whole number", row=row)
    return int(text)


def named(states: States, name: str, day: date) -> str | None:
    """Return the state that a name means on a day; None where it means none or is not known.

    Unlike `States.find` this is not a question whose failure stops the pull.
    """
    listed = states.listed(name, day)
    if listed is not None:
        return listed.state_id or None
    try:
        return states.holder(states.names.state(name, day), day)
    except (UnknownName, AmbiguousName):
        return None


def by_code_and_name(
    states: States, raw: RawFile, row: int, code: str, name: str, day: date
) -> str | None:
    """Return the state of a row that prints both a code and a name; the code is its label.

    A name of another state than the code's is an error of the source: it must stand on the reviewed
    list (scheme ``iso3+name``, label ``code|name``). A spelling that the registry does not know says
    nothing against the code.

    Raises
    ------
    BadSource
        Code and name are of two states and the pair is not on the list.
    """
    listed = states.listed(f"{code}|{name}", day, PAIR)
    if listed is not None:
        return listed.state_id or None
    if not code:
        return states.find(name, day)
    found = states.find(code, day, "iso3")
    other = named(states, name, day)
    if found is not None and other is not None and other != found:
        raise bad(
            raw.name,
            f"the code {code!r} and the name {name!r} are of two states",
            row=row,
            hint="Nothing was pulled; an error of the source belongs into the reviewed list.",
        )
    return found
