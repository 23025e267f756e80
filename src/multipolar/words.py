"""Dates, numbers, money and lists as the press of each language writes them.

Only the standard library, no other module of the package: findings and report both write with it.
Languages are ``en`` and ``zh``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

Number = int | float | Decimal

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def fmt_date(iso: str, precision: str | None, lang: str) -> str:
    """Write a date as precisely as it is known.

    Parameters
    ----------
    iso : str
        ``2025-11-07``, or a partial date ``2025-11`` or ``2025``.
    precision : str or None
        ``day``, ``month``, ``year``; ``session`` writes the month. None: all that ``iso`` holds.

    Examples
    --------
    >>> fmt_date("2025-11-07", "day", "en"), fmt_date("2025-11-07", "month", "zh")
    ('7 November 2025', '2025年11月')
    """
    return _date(iso, precision, lang, MONTHS)


def fmt_date_short(iso: str, precision: str | None, lang: str) -> str:
    """Write a date for a label in a chart: the month in three letters.

    Examples
    --------
    >>> fmt_date_short("2025-11-07", "day", "en")
    '7 Nov 2025'
    """
    return _date(iso, precision, lang, tuple(month[:3] for month in MONTHS))


def _date(iso: str, precision: str | None, lang: str, months: Sequence[str]) -> str:
    parts = [int(part) for part in iso.split("-")]
    keep = {"year": 1, "month": 2, "session": 2}.get(precision or "day", 3)
    parts = parts[:keep]
    if lang == "zh":
        return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
    if len(parts) == 1:
        return str(parts[0])
    month = f"{months[parts[1] - 1]} {parts[0]}"
    return month if len(parts) == 2 else f"{parts[2]} {month}"


def fmt_number(x: Number, lang: str, digits: int | None = None) -> str:
    """Write a number with thousands separators.

    Without ``digits`` an integer stays whole and a fraction keeps at most two decimals, no zeros
    at the end. Chinese separates thousands from five digits on.

    Examples
    --------
    >>> fmt_number(5039930, "en"), fmt_number(1234, "zh"), fmt_number(0.5, "en", 2)
    ('5,039,930', '1234', '0.50')
    """
    value = _decimal(x)
    text = f"{_rounded(value, 2 if digits is None else digits):,f}"
    if digits is None:
        text = _trimmed(text)
    if lang == "zh" and abs(value) < 10_000:
        text = text.replace(",", "")
    return text.replace("-", "−")


def fmt_percent(x_percent: Number, lang: str) -> str:
    """Write a number that is per cent already, with up to three decimals.

    Examples
    --------
    >>> fmt_percent(22.0, "en"), fmt_percent(20.004, "zh")
    ('22%', '20.004%')
    """
    text = _trimmed(f"{_rounded(_decimal(x_percent), 3):f}")
    return f"{text}%".replace("-", "−")


def fmt_share(x: Number, lang: str) -> str:
    """Write a share of one as per cent with one decimal, more only where it would read 0 or 100.

    Nearer to 0 or 100 than three decimals tell, it is written as below or above them.

    Examples
    --------
    >>> fmt_share(0.1649, "en"), fmt_share(0.85, "en"), fmt_share(0.0005, "en")
    ('16.5%', '85%', '0.05%')
    >>> fmt_share(1e-7, "en"), fmt_share(1 - 1e-7, "en")
    ('<0.001%', '>99.999%')
    """
    value = _decimal(x) * 100
    edge = min(abs(value), abs(100 - value))
    if 0 < value < 100 and edge < Decimal("0.0005"):
        return "<0.001%" if value < 50 else ">99.999%"
    fine = 3 if edge < Decimal("0.01") else 2 if edge < Decimal("0.1") else 1
    rounded = _rounded(value, fine)
    return f"{_trimmed(f'{rounded:f}')}%".replace("-", "−")


def fmt_usd(x: Number, lang: str) -> str:
    """Write an amount in US dollars.

    Examples
    --------
    >>> fmt_usd(3_000_000_000, "en"), fmt_usd(3_000_000_000, "zh"), fmt_usd(12_500_000, "zh")
    ('$3.0 billion', '30亿美元', '1250万美元')
    """
    value = _decimal(x)
    sign, value = ("−" if value < 0 else ""), abs(value)
    if lang == "zh":
        for unit, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")):
            if value >= unit:
                return f"{sign}{_trimmed(f'{_rounded(value / unit, 2):f}')}{name}美元"
        return f"{sign}{_trimmed(f'{_rounded(value, 2):f}')}美元"
    for unit, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        # rounding must not carry a value to 1,000 of the smaller unit
        if value >= unit * Decimal("0.999995"):
            text = _trimmed(f"{_rounded(value / unit, 2):,f}")
            if name != "million" and "." not in text:
                text += ".0"
            return f"{sign}${text} {name}"
    return f"{sign}${_trimmed(f'{_rounded(value, 2):,f}')}"


def fmt_list(items: Sequence[str], lang: str, limit: int | None = None) -> str:
    """Join items as the language does; beyond ``limit`` only their number is given.

    Examples
    --------
    >>> fmt_list(["A", "B", "C"], "en"), fmt_list(["A", "B", "C"], "zh")
    ('A, B and C', 'A、B和C')
    >>> fmt_list(list("ABCDE"), "en", 2), fmt_list(list("ABCDE"), "zh", 2)
    ('A, B and 3 others', 'A、B等5个')
    """
    items = list(items)
    if limit is not None and len(items) > limit > 0:
        rest = len(items) - limit
        if lang == "zh":
            return f"{'、'.join(items[:limit])}等{len(items)}个"
        return f"{', '.join(items[:limit])} and {rest} {plural(rest, 'other', 'others')}"
    if len(items) < 2:
        return "".join(items)
    comma, last = ("、", "和") if lang == "zh" else (", ", " and ")
    return f"{comma.join(items[:-1])}{last}{items[-1]}"


def plural(n: Number, one: str, many: str) -> str:
    """Return the English form that goes with a number.

    Examples
    --------
    >>> plural(1, "body", "bodies"), plural(0, "body", "bodies")
    ('body', 'bodies')
    """
    return one if n == 1 else many


def _decimal(x: Number) -> Decimal:
    return x if isinstance(x, Decimal) else Decimal(str(x))


def _rounded(value: Decimal, digits: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
