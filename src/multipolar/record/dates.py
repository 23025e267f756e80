"""Dates as people type them, read strictly: a full date or a clear refusal."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from ..errors import BadDate

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")


def parse_date(text: str) -> date:
    """Read a full date: ``2025-11-07`` or ``2025年11月7日``.

    Raises
    ------
    BadDate
        The text has no year, no day, or names a day that does not exist.
    """
    match = _ISO.fullmatch(text.strip()) or _CHINESE.fullmatch(text.strip())
    if not match:
        raise BadDate(
            f"{text!r} is not a full date with year, month and day.",
            hint="Type it as 2025-11-07.",
        )
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise BadDate(
            f"{text!r} does not exist in the calendar.", hint="Type it as 2025-11-07."
        ) from None


def last_day(day: date, precision: str | None) -> date:
    """Return the last day that a date of this precision can mean."""
    if precision == "year":
        return date(day.year, 12, 31)
    if precision == "month":
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day
