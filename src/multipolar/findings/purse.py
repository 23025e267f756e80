"""Facet purse: who pays, how much hangs on the state, and what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ..measures.money import concentration, rank, replacement
from ..record.load import Row
from . import phrases as p
from .finding import Exhibit, Finding
from .view import View, sources_of, tagged

DEPENDS_FROM = 5
"""A payer of at least five per cent of a budget counts as evidence of dependence (docs/glossary)."""
STAGES = ("pledged", "confirmed", "paid", "rescinded")
TOP = 8


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the facet."""
    yield from _assessed(view)
    if view.record.library.editions:
        from .published import money as published

        yield from published.findings(view)
    yield from _arrears(view)
    yield from _funds(view)


def _scale(view: View) -> dict[tuple[date, date], list[Row]]:
    """Return the assessed shares by period, up to the day: of the pulled scale, else the almanac's."""
    out: dict[tuple[date, date], list[Row]] = defaultdict(list)
    pulled = None
    if view.record.library.editions:
        from .published import money as published

        pulled = published.scale(view)
    for row in view.record.where("money", "stage", "assessed") if pulled is None else pulled:
        if row["budget"] == "regular" and row["body_id"] == "un" and row["start"] <= view.as_of:
            out[row["start"], row["end"]].append(row)
    return out


def _current(view: View) -> list[Row]:
    for (start, end), rows in sorted(_scale(view).items()):
        if start <= view.as_of < end:
            return rows
    return []


def _assessed(view: View) -> Iterator[Finding]:
    rows = _current(view)
    own = next((r for r in rows if r["state_id"] == view.state), None)
    state = p.State(view.state)
    if own is None or own["share_percent"] is None:
        yield view.finding(
            "purse",
            "un",
            "assessed_share",
            None,
            "percent",
            [("states", view.info)],
            view.say("assessed_none", state=state),
            coverage="none",
        )
        return
    shares = {r["state_id"]: r["share_percent"] for r in rows if r["share_percent"] is not None}
    place = rank(shares, view.state)
    percent = float(own["share_percent"])
    big = percent >= DEPENDS_FROM
    yield view.finding(
        "purse",
        "un",
        "assessed_share",
        percent,
        "percent",
        tagged("money", [own]),
        view.say(
            "assessed_share_large" if big else "assessed_share",
            state=state,
            percent=p.Percent(percent),
            rank=p.Number(place),
            payers=p.Count(len(shares), "member"),
            rest=p.Percent(float(Decimal(100) - own["share_percent"])),
            start=p.Number(own["start"].year),
            period=_period(own),
        ),
        coverage=view.coverage("money", "un"),
        direction="depends" if big else "works_without",
        n=len(shares),
    )
    extra = replacement(shares, view.state)
    yield view.finding(
        "purse",
        "un",
        "replacement",
        extra,
        "share",
        tagged("money", rows),
        view.say("replacement", state=state, extra=p.Share(extra), share=p.Percent(percent)),
        coverage=view.coverage("money", "un"),
        direction="depends" if big else "works_without",
        n=len(shares),
    )
    without = {code: share for code, share in shares.items() if code != view.state}
    yield view.finding(
        "purse",
        "un",
        "concentration",
        concentration(shares),
        "hhi",
        tagged("money", rows),
        view.say(
            "concentration",
            state=state,
            all=_index(concentration(shares)),
            rest=_index(concentration(without)),
        ),
        coverage=view.coverage("money", "un"),
        n=len(shares),
    )
    history = _history(view)
    peak = max(history, key=lambda r: (r["share_percent"], -r["start"].toordinal()))
    if len(history) > 1:
        yield view.finding(
            "purse",
            "un",
            "assessed_peak",
            float(peak["share_percent"]),
            "percent",
            tagged("money", [peak, own]),
            view.say(
                "assessed_peak",
                state=state,
                peak=p.Percent(float(peak["share_percent"])),
                when=_period(peak),
                now=p.Percent(percent),
            ),
            coverage=view.coverage("money", "un"),
            n=len(history),
        )


def _index(value: float) -> p.Text:
    return p.Text(f"{value:.3f}", f"{value:.3f}")


def _period(row: Row) -> p.Text:
    first, last = row["start"].year, row["end"].year - 1
    if first == last:
        return p.Text(str(first), f"{first}年")
    return p.Text(f"{first}–{last}", f"{first}—{last}年")


def _history(view: View) -> list[Row]:
    """Return the assessed shares of the state and of a seat it continues, in order of time."""
    rows = [
        row
        for period in _scale(view).values()
        for row in period
        if row["state_id"] in view.lineage and row["share_percent"] is not None
    ]
    return sorted(rows, key=lambda r: (r["start"], r["state_id"]))


def _arrears(view: View) -> Iterator[Finding]:
    """Yield, per budget, the latest figure of what the state owes, and its share of the total."""
    rows = [r for r in view.own("money") if r["stage"] == "arrears" and view.past(r)]
    for body, budget in sorted({(r["body_id"], r["budget"]) for r in rows}):
        own = max(
            (r for r in rows if (r["body_id"], r["budget"]) == (body, budget)),
            key=lambda r: r["date"],
        )
        total = _total(view, body, budget, "arrears", own["date"])
        amount = float(own["amount_usd"])
        terms = {
            "state": p.State(view.state),
            "amount": p.Usd(amount),
            "budget": _budget(budget),
            "day": p.Day(own["date"], own["date_precision"]),
        }
        used = tagged("money", [own])
        key = "arrears"
        if total is not None:
            used += tagged("money_totals", [total])
            terms["share"] = p.Share(amount / float(total["value"]))
            key = "arrears_of_total"
        yield view.finding(
            "purse",
            body,
            f"arrears_{budget}",
            amount,
            "usd",
            used,
            view.say(key, **terms),
            coverage="partial",
            direction="depends",
        )


def _budget(slug: str) -> p.Say | p.Text:
    """Return the name of a budget; one that the catalogue does not know keeps its slug."""
    key = f"budget_{slug}"
    return p.Say(key, {}) if p.knows(key) else p.Text(slug, slug)


def _total(view: View, body: str, budget: str, measure: str, day: date) -> Row | None:
    """Return the total over all members of the same day."""
    for row in view.record.where("money_totals", "body_id", body):
        if row["budget"] == budget and row["measure"] == measure and row["date"] == day:
            return row
    return None


def _fund_rows(view: View) -> list[Row]:
    rows = [
        r
        for r in view.own("money")
        if r["stage"] in STAGES and (view.past(r) if r["date"] else r["start"] <= view.as_of)
    ]
    return sorted(
        rows,
        key=lambda r: (
            r["body_id"],
            r["start"],
            r["budget"],
            STAGES.index(r["stage"]),
            r["date"] or r["start"],
        ),
    )


def _funds(view: View) -> Iterator[Finding]:
    for row in _fund_rows(view):
        if row["amount_usd"] is None:
            continue
        amount = float(row["amount_usd"])
        stage = row["stage"]
        yield view.finding(
            "purse",
            row["body_id"],
            _fund_measure(view, row),
            amount,
            "usd",
            tagged("money", [row]),
            view.say(
                f"fund_{stage}" if row["date"] else f"fund_{stage}_undated",
                state=p.State(view.state),
                body=p.Body(row["body_id"]),
                amount=p.Usd(amount),
                budget=_budget(row["budget"]),
                **({"day": p.Day(row["date"], row["date_precision"])} if row["date"] else {}),
            ),
            coverage="partial",
            direction={"pledged": "context", "rescinded": "context"}.get(stage, "context"),
        )


def _fund_measure(view: View, row: Row) -> str:
    same = [
        r
        for r in _fund_rows(view)
        if (r["body_id"], r["budget"], r["stage"]) == (row["body_id"], row["budget"], row["stage"])
    ]
    base = f"{row['stage']}_{row['budget']}"
    return base if len(same) == 1 else f"{base}_{row['date'] or same.index(row)}"


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield the share over time, the payers of the day, and other money by stage."""
    history = _history(view)
    periods = _scale(view)
    rows: list[dict[str, Any]] = []
    for row in history:
        shares = {
            r["state_id"]: r["share_percent"]
            for r in periods[row["start"], row["end"]]
            if r["share_percent"] is not None
        }
        rows.append(
            {
                "start": row["start"].isoformat(),
                "end": row["end"].isoformat(),
                "state_id": row["state_id"],
                "share_percent": float(row["share_percent"]),
                "rank": rank(shares, row["state_id"]),
                "payers": len(shares),
            }
        )
    state = p.State(view.state)
    if rows:
        first, last = rows[0], rows[-1]
        title = view.say(
            "title_shares",
            state=state,
            first=p.Percent(first["share_percent"]),
            start=_period(history[0]),
            last=p.Percent(last["share_percent"]),
            end=_period(history[-1]),
        )
    else:
        title = view.say("title_shares_none", state=state)
    yield Exhibit(
        "shares",
        "purse",
        title,
        view.say("subtitle_shares"),
        rows,
        sources_of(history[:1]),
        view.coverage("money", "un"),
    )
    current = _current(view)
    if current:
        yield _payers(view, current)
    yield _funds_exhibit(view)


def _payers(view: View, current: list[Row]) -> Exhibit:
    shares = {r["state_id"]: r["share_percent"] for r in current if r["share_percent"] is not None}
    order = sorted(shares, key=lambda c: (-shares[c], c))
    chosen = order[:TOP]
    if view.state in shares and view.state not in chosen:
        chosen.append(view.state)
    top = order[0]
    return Exhibit(
        "payers",
        "purse",
        view.say(
            "title_payers",
            top=p.State(top),
            share=p.Percent(float(shares[top])),
            five=p.Percent(float(sum(shares[c] for c in order[:5]))),
            period=_period(current[0]),
        ),
        view.say("subtitle_payers", period=_period(current[0])),
        [
            {"state_id": c, "share_percent": float(shares[c]), "rank": rank(shares, c)}
            for c in chosen
        ],
        sources_of(current[:1]),
        view.coverage("money", "un"),
    )


def _funds_exhibit(view: View) -> Exhibit:
    arrears = [r for r in view.own("money") if r["stage"] == "arrears" and view.past(r)]
    latest: dict[tuple[str, str], Row] = {}
    for row in sorted(arrears, key=lambda r: r["date"]):
        latest[row["body_id"], row["budget"]] = row
    shown = [r for r in _fund_rows(view) if r["amount_usd"] is not None] + list(latest.values())
    rows = [
        {
            "body_id": r["body_id"],
            "budget": r["budget"],
            "stage": r["stage"],
            "amount_usd": float(r["amount_usd"]),
            "date": r["date"].isoformat() if r["date"] else None,
            "precision": r["date_precision"],
            "share_of_stage": None,
        }
        for r in shown
    ]
    return Exhibit(
        "funds",
        "purse",
        view.say(
            "title_funds" if rows else "title_funds_none",
            state=p.State(view.state),
            entries=p.Count(len(rows), "entry"),
        ),
        view.say("subtitle_funds"),
        rows,
        sources_of(shown),
    )
