"""The command on voting power: its options, and how results come on screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import BadInput
from .screen import FORMATS, as_columns, as_csv, as_json, check_output, emit, shared, warn
from .words import fmt_list

if TYPE_CHECKING:
    from .findings.power.result import PowerResult
    from .findings.power.series import PowerSeries

INDEX = (
    "all",
    "banzhaf",
    "banzhaf-absolute",
    "shapley",
    "coleman-prevent",
    "coleman-initiate",
    "deegan-packel",
    "holler",
)
_COLUMNS = {
    "banzhaf": "banzhaf_normalised",
    "banzhaf-absolute": "banzhaf_absolute",
    "shapley": "shapley_shubik",
    "coleman-prevent": "coleman_prevent",
    "coleman-initiate": "coleman_initiate",
    "deegan-packel": "deegan_packel",
    "holler": "holler",
}
_ALWAYS = ("banzhaf_absolute", "banzhaf_normalised", "shapley_shubik", "coleman_prevent")
_NAMED = 12
"""Members of a coalition that are named on screen."""


@click.command()
@click.argument("body", required=False)
@click.option("--decision", help="One decision of the body, as `power BODY` lists them.")
@click.option("--game", "file", type=click.Path(), help="A game of your own, as JSON.")
@click.option(
    "--index",
    type=click.Choice(INDEX),
    default="all",
    show_default=True,
    help="Index to show and to sort by.",
)
@click.option("--without", metavar="STATE", help="Power of the others when STATE is away.")
@click.option(
    "--mode",
    type=click.Choice(["absent", "exit"]),
    default="absent",
    show_default=True,
    help="Whether totals keep the absent state, or it has left.",
)
@click.option("--join", "joining", multiple=True, metavar="STATE[=WEIGHT]", help="A new member.")
@click.option(
    "--bloc", "blocs", multiple=True, metavar="NAMES", help="Members, or a body, that vote as one."
)
@click.option("--abstention", is_flag=True, help="Let members abstain, as likely as yes or no.")
@click.option("--concerned", metavar="STATE", help="The member that the rule leaves out.")
@click.option("--containing", multiple=True, metavar="STATE", help="In the smallest coalitions.")
@click.option("--excluding", multiple=True, metavar="STATE", help="Not in the smallest coalitions.")
@click.option("--quotas", is_flag=True, help="Power as the quota moves from 50 to 100 per cent.")
@click.option("--from", "first", type=int, metavar="YEAR", help="Power over time, from this year.")
@click.option("--to", "last", type=int, metavar="YEAR", help="Power over time, to this year.")
@click.option(
    "--method",
    type=click.Choice(["auto", "exact", "monte-carlo"]),
    default="auto",
    show_default=True,
    help="Count or draw; auto counts where it can.",
)
@click.option("--draws", type=click.IntRange(1000), help="Coalitions to draw.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the table.",
)
@shared(*FORMATS, "vega", default="table")
def power(
    body: str | None,
    decision: str | None,
    file: str | None,
    index: str,
    without: str | None,
    mode: str,
    joining: tuple[str, ...],
    blocs: tuple[str, ...],
    abstention: bool,
    concerned: str | None,
    containing: tuple[str, ...],
    excluding: tuple[str, ...],
    quotas: bool,
    first: int | None,
    last: int | None,
    method: str,
    draws: int | None,
    seed: int,
    lang: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Show the voting power of every member of BODY, by its rules, members and weights on record.

    Without --decision every decision is listed. With --game FILE the rule and the members are yours.
    Values are counted exactly where that is possible, else drawn, with intervals; where weights are
    missing, bounds hold for every way in which they could be spread. --format vega gives a chart.

    \b
    Example:
      multipolar power IMF --decision special-85 --without USA
    """
    check_output(output, force)
    if bool(body) == bool(file):
        raise BadInput("name a body or --game FILE, one of the two.")
    if (first is None) != (last is None):
        raise BadInput("--from and --to go together.")
    from . import api

    options: dict[str, Any] = {
        "without": without or "",
        "mode": mode,
        "joining": dict(_joining(text) for text in joining),
        "blocs": blocs,
        "abstention": abstention,
        "concerned": concerned or "",
        "containing": containing,
        "excluding": excluding,
        "minimal": index in ("deegan-packel", "holler"),
        "method": method,
        "draws": draws,
        "seed": seed,
    }
    if file:
        if decision or as_of or first is not None:
            raise BadInput("a game has no decision, day or period: leave those options away.")
        from .rules.game import Game

        made: Any = api.power(Game.load(Path(file)), **options)
    else:
        record = api.open(store)
        if first is not None:
            if not decision or quotas:
                raise BadInput("power over time needs one --decision, and no --quotas.")
            series = api.power_over_time(
                record, body or "", decision, str(_year(first)), str(_year(last)), **options
            )
            warn(record)
            return _emit_series(series, index, format_, output, force)
        made = api.power(record, body or "", decision=decision or "", as_of=as_of, **options)
        warn(record)
    if quotas:
        if isinstance(made, list):
            raise BadInput("--quotas needs one --decision.")
        return _emit_series(made.along_quotas(), index, format_, output, force)
    return _emit(made, index, lang, format_, output, force)


def _year(year: int | None) -> date:
    if year is None or not 1945 <= year <= 9999:
        raise BadInput(f"{year} is not a year of the record.", hint="It begins in 1945.")
    return max(date(year, 1, 1), date(1945, 10, 24))


def _joining(text: str) -> tuple[str, str]:
    state, _, weight = text.rpartition("=") if "=" in text else (text, "", "")
    return state.strip(), weight.strip()


def _emit(made: Any, index: str, lang: str, format_: str, output: str | None, force: bool) -> None:
    results: list[PowerResult] = made if isinstance(made, list) else [made]
    if format_ == "json":
        found = [result.to_dict() for result in results]
        return emit(as_json(found if isinstance(made, list) else found[0]), output, force)
    if format_ == "vega":
        if isinstance(made, list):
            raise BadInput("a chart needs one --decision.")
        return emit(as_json(made.plot(lang).to_dict()), output, force)
    if format_ == "csv":
        rows = [
            {"body": r.body, "decision": r.decision, **_flat(row)}
            for r in results
            for row in r.ranked(_COLUMNS.get(index, "shapley_shubik"))
        ]
        return emit(as_csv(rows), output, force)
    if isinstance(made, list):
        return emit(_overview(results, lang), output, force)
    return emit(_detail(made, index, lang), output, force)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Spread bounds over columns."""
    out = {key: value for key, value in row.items() if not key.startswith("bounds")}
    for key, end in (("bounds", ""), ("bounds_if_largest", "_if_largest")):
        for name, (low, high) in row.get(key, {}).items():
            out[f"{name}_lo{end}"], out[f"{name}_hi{end}"] = low, high
    return out


def _emit_series(
    series: PowerSeries, index: str, format_: str, output: str | None, force: bool
) -> None:
    if format_ == "json":
        return emit(as_json(series.to_dict()), output, force)
    if format_ == "vega":
        raise BadInput("a series has no chart here; take --format csv or json.")
    if format_ == "csv":
        return emit(as_csv(list(series.rows)), output, force)
    column = _COLUMNS.get(index, "shapley_shubik")
    marks = list(dict.fromkeys(row[series.along] for row in series.rows))
    values: dict[str, dict[Any, float | None]] = {}
    for row in series.rows:
        values.setdefault(row["state"], {})[row[series.along]] = row.get(column)
    shown = marks if len(marks) <= 8 else [marks[k * (len(marks) - 1) // 7] for k in range(8)]
    order = sorted(values, key=lambda s: -max(values[s].get(m) or 0.0 for m in marks))
    rows = [{"state": s, **{str(m): _share(values[s].get(m)) for m in shown}} for s in order]
    head = f"{column} by {series.along}"
    head += "" if len(shown) == len(marks) else f" ({len(shown)} of {len(marks)}; csv has all)"
    tail = "".join(f"{each['as_of']}: {each['reason']}\n" for each in series.skipped[:5])
    return emit(f"{head}\n\n".encode() + as_columns(rows) + tail.encode(), output, force)


def _overview(results: list[PowerResult], lang: str) -> bytes:
    say = _Words(lang)
    rows = []
    for result in results:
        alone = result.coalitions.get("can_block_alone", [])
        values = {row["shapley_shubik"] for row in result.members}
        same = bool(result.indices) and len(values) == 1
        everyone = bool(alone) and len(alone) == len(result.members)
        top = result.ranked()[0] if result.members and result.indices else None
        most = say("same") if same else "–"
        if top and not same:
            most = f"{_name(result, top['state'], lang)} {_value(top, 'shapley_shubik')}"
        rows.append(
            {
                say("decision"): result.decision,
                "": result.label_zh if lang == "zh" else result.label_en,
                say("members"): len(result.members),
                say("alone"): say("all") if everyone else _short(result, alone, say),
                say("most"): most,
                say("how"): _method(result, say),
            }
        )
    text = f"{results[0].body}, {results[0].as_of}\n\n" + as_columns(rows).decode()
    place = 1 if lang == "zh" else 0
    partly = dict.fromkeys(n[place] for r in results if r.indices is None for n in r.notes[-1:])
    return (text + "".join(f"\n{note}" for note in partly)).rstrip().encode() + b"\n"


class _Words:
    """What stands on screen around the numbers, in a language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.place = 1 if lang == "zh" else 0

    def __call__(self, key: str) -> str:
        """Return a word or phrase."""
        return _SCREEN[key][self.place]

    def column(self, name: str) -> str:
        """Return the heading of an index."""
        from .findings.power.result import INDICES

        return INDICES[name][self.place]


_SCREEN = {
    "decision": ("decision", "决定"),
    "members": ("members", "成员数"),
    "alone": ("blocks alone", "可单独阻止"),
    "most": ("most power (Shapley–Shubik)", "权力最大者（沙普利—舒比克）"),
    "how": ("method", "方法"),
    "same": ("the same for all", "各成员相同"),
    "all": ("all", "全体"),
    "nobody": ("nobody", "无"),
    "unknown": ("not known", "未知"),
    "counted": ("counted", "精确计数"),
    "drawn": ("drawn", "抽样估计"),
    "bounds": ("bounds ({} of the votes known)", "上下界（已知票数占{}）"),
    "member": ("member", "成员"),
    "unnamed": ("each of {} members not known by name", "{}个未具名成员，每个"),
    "nameless": ("{} not known by name", "未具名成员{}个"),
    "weight": ("weight", "权重"),
    "share": ("share", "占比"),
    "before": ("{} before", "{}（变动前）"),
    "yes": ("yes", "是"),
    "without": ("Without {} (absent)", "缺席：{}"),
    "left": ("Without {} (has left)", "已退出：{}"),
    "can": ("Can block alone: {}", "可单独阻止者：{}"),
    "now": ("Can block alone now, not before: {}", "变动后方可单独阻止者：{}"),
    "smallest_blocking": ("Smallest coalition that blocks: {}", "最小阻止联盟：{}"),
    "smallest_winning": ("Smallest coalition that decides: {}", "最小获胜联盟：{}"),
    "none": ("there is none", "不存在"),
    "search": ("none found; it has at least {} members", "未找到；至少需{}个成员"),
    "one": ("1 member: {1}", "1个成员：{1}"),
    "group": ("{0} members: {1}", "{0}个成员：{1}"),
    "more": (" and {} more", "等，另有{}个"),
    "least": (" (at least {} are needed)", "（至少需{}个）"),
    "bloc": ("As one: {}. {}", "一致投票：{}。{}"),
    "to": ("{} to {}", "{}至{}"),
}


def _method(result: PowerResult, say: _Words) -> str:
    if result.exact:
        return say("counted")
    if result.indices is not None:
        return say("drawn")
    if result.method == "not known":
        return say("unknown")
    return say("bounds").format(f"{result.coverage:.0%}")


def _short(result: PowerResult, states: list[str], say: _Words) -> str:
    if not states:
        return say("nobody" if result.indices or result.can_decide is False else "unknown")
    return _people(result, states, say, 5)


def _people(result: PowerResult, states: list[str], say: _Words, most: int) -> str:
    """Return members by name, up to so many, then how many more; those without a name by number."""
    named = [state for state in states if not state.startswith("?") or not result.body]
    shown = [_name(result, state, say.lang) for state in named[:most]]
    if len(states) > len(named):
        shown.append(say("nameless").format(len(states) - len(named)))
    more = say("more").format(len(named) - most) if len(named) > most else ""
    return fmt_list(shown, say.lang) + more


def _name(result: PowerResult, state: str, lang: str) -> str:
    return result.names.get(state, (state, state))[1 if lang == "zh" else 0]


def _detail(result: PowerResult, index: str, lang: str) -> bytes:
    """Lay out one decision: the rule, the members, who can block, what to know."""
    from .findings.power.explained import reading, sources

    say = _Words(lang)
    head = []
    if result.body:
        label = result.label_zh if lang == "zh" else result.label_en
        head.append(f"{result.body} {result.decision}: {label}, {result.as_of}")
    if result.without:
        key = "without" if result.mode == "absent" else "left"
        head.append(say(key).format(_name(result, result.without, lang)))
    head += reading(result, lang)
    chosen = [_COLUMNS[index]] if index in _COLUMNS else list(_ALWAYS)
    if result.options.get("blocs"):
        chosen += ["owen", "banzhaf_owen"]
    rows = []
    ranked = result.ranked(chosen[0] if index in _COLUMNS else "shapley_shubik")
    unnamed = [row for row in ranked if row["state"].startswith("?") and result.body]
    for row in ranked:
        if row in unnamed[1:]:
            continue
        each = bool(unnamed) and row is unnamed[0]
        line: dict[str, Any] = {
            "": "?" if each else row["state"],
            say("member"): say("unnamed").format(len(unnamed))
            if each
            else _name(result, row["state"], lang),
            say("weight"): "–" if row["weight"] is None else f"{row['weight']:,}",
            say("share"): _share(row["weight_share"]),
        }
        for name in chosen:
            line[say.column(name)] = _value(row, name, say)
            if f"{name}_before" in row and name != "banzhaf_absolute":
                line[say("before").format(say.column(name))] = _share(row[f"{name}_before"])
        line[say("alone")] = {True: say("yes"), False: "", None: "?"}[row["veto"]]
        rows.append(line)
    if not result.body:
        rows = [{k: v for k, v in row.items() if k != say("member")} for row in rows]
    body = as_columns(rows).decode()
    foot = "".join(f"{line}\n" for line in sources(result))
    foot = _coalitions(result, say) + ("\n" + foot if foot else "")
    return ("\n".join(head) + "\n\n" + body + "\n" + foot).encode()


def _coalitions(result: PowerResult, say: _Words) -> str:
    found = result.coalitions
    alone = _short(result, list(found.get("can_block_alone", [])), say)
    lines = [say("can").format(alone)]
    if "newly_blocking" in found:
        now = list(found["newly_blocking"])
        lines.append(say("now").format(_short(result, now, say) if now else say("nobody")))
    lines += [
        say(key).format(_group(result, found[key], say))
        for key in ("smallest_blocking", "smallest_winning")
        if key in found
    ]
    for bloc in result.options.get("blocs", ()):
        names = _people(result, bloc["members"], say, _NAMED)
        power = f"{say.column('shapley_shubik')} {_value(bloc, 'shapley_shubik', say)}"
        power += f"; {say.column('banzhaf_normalised')} {_value(bloc, 'banzhaf_normalised', say)}"
        power += f"; {say('alone')}" if bloc["veto"] else ""
        lines.append(say("bloc").format(names, power))
    return "\n".join(lines) + "\n"


def _group(result: PowerResult, found: dict[str, Any] | None, say: _Words) -> str:
    if found is None:
        return say("none")
    if found["n"] is None:
        return say("search").format(found["at_least"])
    named = _people(result, found["members"], say, _NAMED)
    text = say("one" if found["n"] == 1 else "group").format(found["n"], named)
    return text if found["smallest"] else text + say("least").format(found["at_least"])


def _value(row: dict[str, Any], name: str, say: _Words | None = None) -> str:
    """Return a value as it stands on screen: with its interval where it has one."""
    value = row.get(name)
    bounds = row.get("bounds_if_largest", row.get("bounds", {})).get(name)
    if value is None and bounds is None:
        return "–"
    write = _small if name == "banzhaf_absolute" else _share
    between = (say or _Words("en"))("to")
    if value is None:
        return between.format(write(bounds[0]), write(bounds[1]))
    inside = f" ({between.format(write(bounds[0]), write(bounds[1]))})" if bounds else ""
    return write(value) + inside


def _share(value: float | None) -> str:
    """Return a share in per cent; what is not 0 or 1 is never shown as if it were."""
    if value is None:
        return "–"
    if 0 < value < 0.0000005:
        return "<0.0001%"
    if 0.9999995 <= value < 1:
        return ">99.9999%"
    return f"{100 * value:.4f}%"


def _small(value: float) -> str:
    return f"{value:.6g}"
