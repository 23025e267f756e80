"""A finding's number, interval and coverage in words."""

from __future__ import annotations

from .. import words
from ..findings.finding import Finding
from .context import Context


def value_text(finding: Finding, ctx: Context) -> str:
    """Return the value as its unit is written; None is not known."""
    return _write(finding.value, finding.unit, ctx)


def _write(value: float | int | str | bool | None, unit: str, ctx: Context) -> str:
    if value is None:
        return ctx.none
    if unit == "yes_no":
        yes = value in (True, 1, "yes", "true")
        return ctx.label.sentence(ctx.label.term("yes_no", "yes" if yes else "no"))
    if unit == "date" and isinstance(value, str):
        return ctx.date(value, None)
    if isinstance(value, str):
        return ctx.label.term("values", value)
    if unit == "share":
        return ctx.share(value)
    if unit == "percent":
        return ctx.percent(value)
    if unit == "usd":
        return ctx.usd(value)
    if unit == "hhi":
        return words.fmt_number(value, ctx.lang, 3)
    if unit == "rank":
        return ctx.label("units.rank", n=ctx.number(value))
    if unit == "hhi":
        return words.fmt_number(value, ctx.lang, 3)
    return ctx.number(value)


def interval_text(finding: Finding, ctx: Context) -> str:
    """Return the interval with its level; empty where the value is not an estimate."""
    if finding.lo is None or finding.hi is None:
        return ""
    level = ctx.share(finding.level if finding.level is not None else 0.95)
    low, high = (_write(end, finding.unit, ctx) for end in (finding.lo, finding.hi))
    return ctx.label("finding.interval", level=level, lo=low, hi=high)


def cases_text(finding: Finding, ctx: Context) -> str:
    """Return the number of cases; empty where there is none."""
    return "" if finding.n is None else ctx.label("finding.n", n=ctx.number(finding.n))


def anchor(finding: Finding) -> str:
    """Return the finding's place on the page."""
    return f"f-{finding.facet}-{finding.body}-{finding.measure}"
