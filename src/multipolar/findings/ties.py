"""Facet ties: the state's weight in the world economy, and trade measures by and towards it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ..record.load import Row
from . import phrases as p
from .finding import Exhibit, Finding
from .view import View, sources_of, tagged

METRICS = ("gdp_nominal_share", "gdp_ppp_share", "population_share", "goods_trade_value")


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the facet."""
    for metric, rows in _series(view).items():
        last = rows[-1]
        share = last["unit"] == "percent_of_world"
        value = float(last["value"])
        yield view.finding(
            "ties",
            "all",
            metric,
            value / 100 if share else value * 1e9,
            "share" if share else "usd",
            tagged("indicators", [rows[0], last]),
            view.say(
                f"indicator_{metric}" if len(rows) > 1 else f"indicator_{metric}_once",
                state=p.State(view.state),
                value=p.Share(value / 100) if share else p.Usd(value * 1e9),
                year=_year(last),
                before=p.Share(float(rows[0]["value"]) / 100)
                if share
                else p.Usd(float(rows[0]["value"]) * 1e9),
                then=_year(rows[0]),
            ),
            coverage="partial",
            n=len(rows),
        )
    yield from _events(view)
    if view.record.library.editions:
        from .published import ties as published

        yield from published.findings(view)


def _year(row: Row) -> p.Text:
    return p.Text(str(row["year"]), f"{row['year']}年")


def _series(view: View) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = defaultdict(list)
    for row in view.record.where("indicators", "entity_id", view.state):
        if row["year"] <= view.as_of.year:
            out[row["metric"]].append(row)
    return {m: sorted(out[m], key=lambda r: r["year"]) for m in METRICS if m in out}


def trade_rows(view: View) -> list[tuple[Row, str]]:
    """Return the trade events of the state with its role, in order of time."""
    out: list[tuple[Row, str]] = []
    for row in sorted(view.record.rows("trade_events"), key=lambda r: (r["date"], r["event_id"])):
        if not view.past(row):
            continue
        actor = view.state in (row["actors"] or ())
        target = view.state in (row["targets"] or ())
        if row["kind"] == "agreement" and (actor or target):
            out.append((row, "party"))
        elif actor:
            out.append((row, "actor"))
        elif target:
            out.append((row, "target"))
    return out


def _events(view: View) -> Iterator[Finding]:
    rows = trade_rows(view)
    state = p.State(view.state)
    groups = {
        "tariffs_by": [r for r, role in rows if role == "actor" and r["kind"] == "tariff_action"],
        "tariffs_towards": [
            r for r, role in rows if role == "target" and r["kind"] in ("tariff_action", "response")
        ],
        "agreements": [r for r, role in rows if role == "party"],
    }
    for measure, used in groups.items():
        if used:
            yield view.finding(
                "ties",
                "all",
                measure,
                len(used),
                "count",
                tagged("trade_events", used),
                view.say(
                    measure,
                    state=state,
                    count=p.Count(len(used), "agreement" if measure == "agreements" else "measure"),
                    first=p.Day(used[0]["date"], used[0]["date_precision"]),
                    last=p.Day(used[-1]["date"], used[-1]["date_precision"]),
                ),
                coverage=view.coverage("trade_events", "*"),
                n=len(used),
            )
    elsewhere = [
        r
        for r in view.record.rows("trade_events")
        if r["kind"] == "agreement"
        and view.past(r)
        and view.state not in (r["actors"] or ())
        and view.state not in (r["targets"] or ())
    ]
    if elsewhere:
        yield view.finding(
            "ties",
            "all",
            "agreements_without",
            len(elsewhere),
            "count",
            tagged("trade_events", elsewhere),
            view.say("agreements_without", state=state, count=p.Count(len(elsewhere), "agreement")),
            coverage=view.coverage("trade_events", "*"),
            n=len(elsewhere),
            direction="works_without",
        )


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield the share of the world economy by year, and trade events."""
    series = _series(view)
    years = sorted({r["year"] for rows in series.values() for r in rows})
    values = {(m, r["year"]): float(r["value"]) for m, rows in series.items() for r in rows}
    state = p.State(view.state)
    if "gdp_ppp_share" in series:
        first, last = series["gdp_ppp_share"][0], series["gdp_ppp_share"][-1]
        title = view.say(
            "title_weights",
            state=state,
            first=p.Share(float(first["value"]) / 100),
            start=_year(first),
            last=p.Share(float(last["value"]) / 100),
            end=_year(last),
        )
    else:
        title = view.say("title_weights_none", state=state)
    yield Exhibit(
        "weights",
        "ties",
        title,
        view.say("subtitle_weights"),
        [{"year": year, **{m: values.get((m, year)) for m in METRICS}} for year in years],
        sources_of(r for rows in series.values() for r in rows),
    )
    events = trade_rows(view)
    known_since = view.as_of >= view.record.date
    rows: list[dict[str, Any]] = [
        {
            "date": r["date"].isoformat(),
            "precision": r["date_precision"],
            "kind": r["kind"],
            "role": role,
            "text_en": r["text_en"],
            "text_zh": r["text_zh"],
            "standing_en": r["standing_en"] if known_since else None,
            "standing_zh": r["standing_zh"] if known_since else None,
            "sources": list(r["source_id"]),
        }
        for r, role in events
    ]
    yield Exhibit(
        "trade",
        "ties",
        view.say(
            "title_trade" if rows else "title_trade_none",
            state=state,
            events=p.Count(len(rows), "event"),
        ),
        view.say("subtitle_trade"),
        rows,
        sources_of(r for r, _ in events),
    )
