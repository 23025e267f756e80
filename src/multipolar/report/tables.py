"""The data under a chart as a table: the same rows in words, and as CSV with codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .charts import events, ideal, money, power, strip, votes
from .context import Context, Row, Rows

Cell = str | tuple[str, ...]
"""Words, or source ids to be numbered by the page."""

NUMERIC = frozenset(
    {"share", "rank", "needed", "rest", "focal_share", "amount", "yes", "no", "abstain", "year"}
    | {"vetoes", "alone", "gdp_nominal_share", "gdp_ppp_share", "population_share"}
    | {"goods_trade_value", "share_of_stage", "number", "roll_calls", "votes_cast"}
    | {"plurality_share", "adopted_side_share", "others_plurality", "members", "vote_share"}
    | {"shapley_shubik", "banzhaf_normalised", "coleman_prevent"}
    | {"ideal_point", "lower", "upper", "median_member"}
)


@dataclass(frozen=True, slots=True)
class DataTable:
    """Column keys (see ``columns`` in the catalogue) and rows of cells."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def data_table(exhibit_id: str, rows: Rows, ctx: Context) -> DataTable:
    """Return the table of an exhibit; one without its own form shows its rows as they are."""
    form = FORMS.get(exhibit_id)
    return form(rows, ctx) if form else _plain(rows, ctx)


def _plain(rows: Rows, ctx: Context) -> DataTable:
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return DataTable(columns, [tuple(_flat(row.get(key)) for key in columns) for row in rows])


def _exits(rows: Rows, ctx: Context) -> DataTable:
    out: list[tuple[Cell, ...]] = []
    for row in rows:
        if row.get("body_id"):
            for step in row["steps"]:
                out.append(
                    (
                        ctx.body(row["body_id"]),
                        ctx.label.term("actions", step["action"]),
                        ctx.date(step["date"], step.get("precision")),
                        ctx.label.term("statuses", step.get("status")),
                        ctx.label.term("yes_no", row.get("un_system")),
                    )
                )
        else:
            text = ctx.label("exits.in_list", n=ctx.number(row["n"]))
            split = ctx.label(
                "exits.split", un=ctx.number(row["n_un"]), other=ctx.number(row["n_other"])
            )
            when = ctx.date(row["date"], row.get("precision"))
            announced = ctx.label.term("actions", "announce")
            out.append((text, announced, when, ctx.label.term("statuses", "occurred"), split))
    return DataTable(("body", "action", "date", "status", "un_system"), out)


def _attendance(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("body", "session", "date", "level", "peers"),
        [
            (
                ctx.body(row["body_id"]),
                strip.session_name(row, ctx),
                ctx.date(row["date"], row.get("precision")),
                strip.level_text(row, ctx),
                strip.peers_text(row, ctx) or ctx.label("common.no_record"),
            )
            for row in rows
        ],
    )


def _blockers(rows: Rows, ctx: Context) -> DataTable:
    first = ("body", "decision", "rule", "focal_blocks", "who_blocks")
    columns = (*first, "focal_share", "rest", "needed", "article")
    return DataTable(
        columns,
        [
            (
                ctx.body(row["body_id"]),
                ctx.text(row, "label"),
                ctx.text(row, "rule"),
                _blocks(row, ctx),
                _who(row["blockers"], ctx),
                _share(row["focal_share"], ctx),
                _share(row["rest_share"], ctx),
                _share(row["needed"], ctx),
                ctx.text(row, "article"),
            )
            for row in rows
        ],
    )


def _power(rows: Rows, ctx: Context) -> DataTable:
    first = ("body", "decision", "members", "vote_unit", "vote_share")
    indices = ("shapley_shubik", "banzhaf_normalised", "coleman_prevent")
    return DataTable(
        (*first, *indices, "focal_blocks", "next_member"),
        [
            (
                ctx.body(row["body_id"]),
                ctx.text(row, "label"),
                ctx.number(row["members"]),
                ctx.label.term("vote_units", row["weight"]),
                ctx.share(row["vote_share"]),
                *(ctx.share(row[name]) for name in indices),
                _blocks({"member": True, **row}, ctx),
                _next(row, ctx),
            )
            for row in rows
        ],
    )


def _next(row: Row, ctx: Context) -> str:
    who = power.next_name(row, ctx)
    inside = ctx.share(row["next_prevent"])
    return ctx.label("common.bracket", text=who, inside=inside) if who else "–"


def _share(value: Any, ctx: Context) -> str:
    return "–" if value is None else ctx.share(value)


def _blocks(row: Row, ctx: Context) -> str:
    if row["member"] is False:
        return ctx.label("blockers.not_member")
    if row["focal_blocks"] is None:
        return ctx.none
    return ctx.label.term("yes_no", "yes" if row["focal_blocks"] else "no")


def _who(blockers: Any, ctx: Context) -> str:
    if blockers is None:
        return ctx.none
    if blockers == "any_member":
        return ctx.label("blockers.any_member")
    if not blockers:
        return ctx.label("blockers.no_one")
    return ctx.list([ctx.state(code) for code in blockers], 8)


def _shares(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("period", "share", "rank", "payers"),
        [
            (
                money.years(row),
                ctx.percent(row["share_percent"]),
                ctx.number(row["rank"]),
                ctx.number(row["payers"]),
            )
            for row in rows
        ],
    )


def _payers(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("rank", "state", "share"),
        [
            (ctx.number(row["rank"]), ctx.state(row["state_id"]), ctx.percent(row["share_percent"]))
            for row in rows
        ],
    )


def _funds(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("body", "budget", "stage", "date", "amount", "share_of_stage"),
        [
            (
                ctx.body(row["body_id"]),
                money.budget_name(row["budget"], ctx),
                ctx.label.term("stages", row["stage"]),
                ctx.date(row["date"], row.get("precision")),
                ctx.usd(row["amount_usd"]),
                _share(row.get("share_of_stage"), ctx),
            )
            for row in rows
        ],
    )


def _votes(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("date", "symbol", "text", "position", "yes", "no", "abstain", "result"),
        [
            (
                ctx.date(row["date"], row.get("precision")),
                row["symbol"] or "–",
                ctx.text(row, "title"),
                votes.position_text(row, ctx),
                ctx.number(row["yes"]),
                ctx.number(row["no"]),
                ctx.number(row["abstain"]),
                ctx.label.term("results", _adopted(row["adopted"])),
            )
            for row in rows
        ],
    )


def _adopted(value: object) -> str | None:
    return None if value is None else "adopted" if value in (True, "yes") else "not_adopted"


def _vetoes(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("year", "vetoes", "alone"),
        [(str(row["year"]), ctx.number(row["n"]), ctx.number(row["alone"])) for row in rows],
    )


def _weights(rows: Rows, ctx: Context) -> DataTable:
    shares = ("gdp_nominal_share", "gdp_ppp_share", "population_share")
    return DataTable(
        ("year", *shares, "goods_trade_value"),
        [
            (
                str(row["year"]),
                *(ctx.percent(row.get(name)) for name in shares),
                ctx.usd(
                    None
                    if row.get("goods_trade_value") is None
                    else float(row["goods_trade_value"]) * 1e9
                ),
            )
            for row in rows
        ],
    )


def _room(rows: Rows, ctx: Context) -> DataTable:
    shares = ("plurality_share", "adopted_side_share", "others_plurality")
    return DataTable(
        ("year", "roll_calls", "votes_cast", *shares),
        [
            (
                str(row["year"]),
                ctx.number(row["listed"]),
                ctx.number(row["n"]),
                *(ctx.share(row.get(name)) for name in shares),
            )
            for row in rows
        ],
    )


def _ideal_points(rows: Rows, ctx: Context) -> DataTable:
    names = ("ideal_point", "lo", "hi", "median")
    return DataTable(
        ("year", "ideal_point", "lower", "upper", "median_member", "votes_cast"),
        [
            (
                str(row["year"]),
                *(
                    ctx.none if row[name] is None else ideal.number(float(row[name]))
                    for name in names
                ),
                ctx.number(row["votes"]),
            )
            for row in rows
        ],
    )


def _trade(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("date", "kind", "role", "text", "standing", "sources"),
        [
            (
                ctx.date(row["date"], row.get("precision")),
                ctx.label.term("trade_kinds", row["kind"]),
                ctx.label.term("roles", row["role"]),
                ctx.text(row, "text"),
                ctx.text(row, "standing") or ctx.none,
                tuple(source for source in row.get("sources") or () if source),
            )
            for row in rows
        ],
    )


def _away(rows: Rows, ctx: Context) -> DataTable:
    return DataTable(
        ("date", "body", "what", "focal_act", "result", "counts", "company", "sources"),
        [
            (
                ctx.date(row["date"], row.get("precision")),
                ctx.body(row["body_id"]),
                ctx.text(row, "what"),
                ctx.label.term("focal_acts", row["focal"]),
                ctx.label.term("results", row["result"]),
                events.counts_text(row, ctx) or "–",
                events.company_text(row, ctx, None) or "–",
                tuple(source for source in row.get("sources") or () if source),
            )
            for row in rows
        ],
    )


FORMS: Mapping[str, Callable[[Rows, Context], DataTable]] = {
    "exits": _exits,
    "attendance": _attendance,
    "blockers": _blockers,
    "power": _power,
    "shares": _shares,
    "payers": _payers,
    "funds": _funds,
    "votes": _votes,
    "vetoes": _vetoes,
    "weights": _weights,
    "room": _room,
    "ideal_points": _ideal_points,
    "trade": _trade,
    "away": _away,
}


def to_csv(rows: Rows) -> str:
    """Return the rows with codes, ISO dates and plain numbers; an empty field is not known.

    Lists are joined by semicolons; the steps of an exit become one line each.
    """
    flat = [line for row in rows for line in _lines(row)]
    columns = tuple(dict.fromkeys(key for line in flat for key in line))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_flat(line.get(key)) for key in columns] for line in flat)
    return out.getvalue()


def _lines(row: Row) -> Sequence[Row]:
    if "steps" in row:
        head = {key: value for key, value in row.items() if key not in ("steps", "spells")}
        return [{**head, **step} for step in row["steps"]]
    if isinstance(row.get("peers"), Mapping):
        head = {key: value for key, value in row.items() if key != "peers"}
        return [{**head, **{f"others_{name}": n for name, n in row["peers"].items()}}]
    return [row]


def _flat(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ";".join(_flat(item) for item in value)
    return str(value)
