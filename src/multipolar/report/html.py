"""The report as one self-contained HTML page: no request leaves it, tables work without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ..findings.finding import FACETS, Exhibit, Finding, OpenQuestion, Profile
from . import theme, values
from .charts import blockers, events, ideal, lines, money, power, strip, timeline, votes
from .citations import Citations, Source, ranges
from .context import Context, Names, Rows
from .labels import labels
from .tables import NUMERIC, Cell, data_table, to_csv

CHARTS: Mapping[str, Callable[[Rows, Context, str], str]] = {
    "exits": timeline.draw,
    "attendance": strip.draw,
    "blockers": blockers.draw,
    "power": power.draw,
    "shares": money.draw_shares,
    "payers": money.draw_payers,
    "funds": money.draw_funds,
    "room": lines.draw_room,
    "ideal_points": ideal.draw,
    "votes": votes.draw_votes,
    "vetoes": votes.draw_vetoes,
    "weights": lines.draw,
    "trade": events.draw_trade,
    "away": events.draw_away,
}
LONG = frozenset({"rule", "text", "title", "what", "standing", "peers", "company", "known"})
OPEN_FINDINGS = 6
"""Findings of a facet that stand open; the others are folded."""
HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def render(profile: Profile, names: Names, sources: Mapping[str, Source], lang: str = "en") -> str:
    """Return the report of a profile as one HTML page.

    Parameters
    ----------
    profile : Profile
        What to show.
    names : Names
        The registry; an unknown code is shown as it is.
    sources : mapping of source id to mapping
        ``publisher, title, url, retrieved``.
    lang : str
        ``en`` or ``zh``.

    Complexity
    ----------
    About 20 ms a report on one core once the template is compiled.
    """
    label = labels(lang)
    ctx = Context(lang, label, names, profile.state, profile.as_of)
    cited = Citations(sources)
    state = profile.names[lang]
    title = label("page.title", state=state)
    sides = _sides(profile, ctx, cited)
    sections = [_section(profile, facet, ctx, cited) for facet in FACETS]
    places = ("systems", "limits", "method", "cite", "sources")
    toc = [(s["id"], s["name"]) for s in sections]
    toc += [(place, label(f"page.{place}")) for place in places]
    return _template().render(
        p=profile,
        l=label,
        html_lang=HTML_LANG[lang],
        script=Markup(theme.script()),
        script_hash=theme.script_hash(),
        css=Markup(theme.css(lang)),
        title=title,
        state=state,
        as_of=label("page.as_of", date=ctx.date(profile.as_of)),
        sides=sides,
        warnings=profile.warnings.get(lang, ()),
        toc=toc,
        sections=sections,
        systems=Markup(_systems(profile, ctx)),
        questions=[_question(question, ctx) for question in profile.open_questions],
        method_3=Markup(_code(label("page.method_3"))),
        citation=citation(profile, ctx),
        record_date=ctx.date(profile.record_date),
        sources=Markup(_sources(cited, ctx)),
    )


def citation(profile: Profile, ctx: Context) -> str:
    """Return how to cite the report."""
    return ctx.label(
        "page.cite_text",
        version=profile.version,
        title=ctx.label("page.title", state=profile.names[ctx.lang]),
        as_of=ctx.date(profile.as_of),
        record_date=ctx.date(profile.record_date),
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(theme.PAGE),
        autoescape=True,
        trim_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    return environment.get_template("report.html.j2")


def _code(text: str) -> str:
    """Return the text escaped, with what stands between back-ticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _sides(profile: Profile, ctx: Context, cited: Citations) -> list[dict[str, Any]]:
    out = []
    for direction in ("depends", "works_without", "context"):
        found = [f for f in profile.headline if f.direction == direction]
        if found or direction != "context":
            out.append(
                {
                    "title": ctx.label(f"page.{direction}"),
                    "context": direction == "context",
                    "items": [_headline(finding, ctx, cited) for finding in found],
                }
            )
    return out


def _headline(finding: Finding, ctx: Context, cited: Citations) -> dict[str, Any]:
    return {
        "value": values.value_text(finding, ctx),
        "big": finding.unit != "yes_no",
        "sentence": finding.sentences[ctx.lang],
        "interval": values.interval_text(finding, ctx),
        "cases": values.cases_text(finding, ctx),
        "coverage": ctx.label.term("coverage", finding.coverage),
        "anchor": values.anchor(finding),
        "cite": Markup(_cite(finding.sources, ctx, cited)),
    }


def _cite(source_ids: Iterable[str], ctx: Context, cited: Citations, head: bool = True) -> str:
    runs = ranges(cited.all(source_ids))
    if not runs:
        return ""
    links = []
    for first, last in runs:
        link = f'<a href="#s{first}">{first}</a>'
        if last > first:
            link += f'{"–" if last > first + 1 else " "}<a href="#s{last}">{last}</a>'
        links.append(link)
    intro = f"{escape(ctx.label('page.sources_label'))} " if head else ""
    return f'<span class="cite">{intro}{" ".join(links)}</span>'


def _section(profile: Profile, facet: str, ctx: Context, cited: Citations) -> dict[str, Any]:
    exhibits = [e for e in profile.exhibits if e.facet == facet]
    return {
        "id": facet,
        "name": ctx.label(f"facets.{facet}.name"),
        "question": ctx.label(f"facets.{facet}.question"),
        "exhibits": [Markup(_exhibit(e, profile, ctx, cited)) for e in exhibits],
        "findings": Markup(_findings(profile, facet, ctx, cited)),
    }


def _exhibit(exhibit: Exhibit, profile: Profile, ctx: Context, cited: Citations) -> str:
    title, subtitle = exhibit.titles[ctx.lang], exhibit.subtitles[ctx.lang]
    cite = _cite(exhibit.sources, ctx, cited)
    if exhibit.rows:
        draw = CHARTS.get(exhibit.exhibit_id)
        alt = ctx.label("common.alt", title=title, subtitle=subtitle)
        drawn = draw(exhibit.rows, ctx, alt) if draw else ""
        chart = f'<div class="chart">{drawn}</div>' if drawn else ""
        data = _data(exhibit, profile, ctx, cited)
    else:
        complete = exhibit.coverage == "complete"
        word = ctx.label("page.none_complete" if complete else "page.no_rows")
        kind = "nodata zero" if complete else "nodata"
        chart = f'<p class="{kind}"><span>{escape(word)}</span></p>'
        data = ""
    coverage = escape(ctx.label.term("coverage", exhibit.coverage))
    return (
        f'<figure id="x-{exhibit.exhibit_id}"><figcaption><h3>{escape(title)}</h3>'
        f"<p>{escape(subtitle)}</p></figcaption>{chart}"
        f'<p class="foot"><span>{coverage}</span>{cite}</p>{data}</figure>'
    )


def _data(exhibit: Exhibit, profile: Profile, ctx: Context, cited: Citations) -> str:
    table = data_table(exhibit.exhibit_id, exhibit.rows, ctx)
    count = len(table.rows)
    key = "page.data_one" if count == 1 else "page.data"
    summary = ctx.label(key, n=ctx.number(count))
    name = f"multipolar-{profile.state}-{exhibit.exhibit_id}-{profile.as_of}.csv"
    body = quote(to_csv(exhibit.rows), safe=" ,;:/()!*'$-_.~=?@+\n").replace("\n", "%0A")
    link = (
        f'<a download="{escape(name)}" href="data:text/csv;charset=utf-8,{escape(body)}">'
        f"{escape(ctx.label('page.download'))}</a>"
    )
    drawn = _table(table.columns, table.rows, ctx, cited, exhibit.titles[ctx.lang])
    return (
        f'<details class="data"><summary>{escape(summary)}</summary>{drawn}<p>{link}</p></details>'
    )


def _table(
    columns: Iterable[str],
    rows: Iterable[tuple[Cell, ...]],
    ctx: Context,
    cited: Citations,
    caption: str,
) -> str:
    keys = list(columns)
    classes = [_cell_class(key) for key in keys]
    head = "".join(
        f'<th scope="col"{css}>{escape(ctx.label.term("columns", key))}</th>'
        for key, css in zip(keys, classes, strict=True)
    )
    parts = [
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">',
        f"<table><thead><tr>{head}</tr></thead><tbody>",
    ]
    for row in rows:
        parts.append("<tr>")
        for cell, css in zip(row, classes, strict=True):
            if isinstance(cell, str):
                parts.append(f"<td{css}>{escape(cell, False)}</td>")
            else:
                parts.append(f"<td{css}>{_cite(cell, ctx, cited, head=False)}</td>")
        parts.append("</tr>")
    parts.append("</tbody></table></div>")
    return "".join(parts)


def _cell_class(key: str) -> str:
    return ' class="n"' if key in NUMERIC else ' class="l"' if key in LONG else ""


def _findings(profile: Profile, facet: str, ctx: Context, cited: Citations) -> str:
    """Return the findings of a facet: those of the first screen first, many others folded."""
    first = {finding.id for finding in profile.headline}
    findings = sorted(profile.of(facet), key=lambda finding: finding.id not in first)
    if not findings:
        return f'<p class="nodata"><span>{escape(ctx.label("page.no_findings"))}</span></p>'
    open_n = len(findings)
    if open_n > OPEN_FINDINGS + 2:
        open_n = max(OPEN_FINDINGS, sum(finding.id in first for finding in findings))
    table = _finding_table(findings[:open_n], ctx, cited)
    rest = findings[open_n:]
    if not rest:
        return table
    summary = ctx.label("page.more_findings", n=ctx.number(len(rest)))
    folded = _finding_table(rest, ctx, cited)
    return f"{table}<details><summary>{escape(summary)}</summary>{folded}</details>"


def _finding_table(findings: list[Finding], ctx: Context, cited: Citations) -> str:
    keys = ("finding", "value", "interval", "coverage", "sources", "id")
    head = "".join(
        f'<th scope="col" class="{"id" if key == "id" else ""}">'
        f"{escape(ctx.label.term('columns', key))}</th>"
        for key in keys
    )
    rows = []
    for finding in findings:
        interval = values.interval_text(finding, ctx)
        cases = values.cases_text(finding, ctx)
        both = ctx.label("common.semicolon").join(text for text in (interval, cases) if text)
        rows.append(
            f'<tr id="{escape(values.anchor(finding))}">'
            f'<td class="w">{escape(finding.sentences[ctx.lang], False)}</td>'
            f'<td class="v">{escape(values.value_text(finding, ctx))}</td>'
            f"<td>{escape(both) or '–'}</td>"
            f"<td>{escape(ctx.label.term('coverage', finding.coverage))}</td>"
            f"<td>{_cite(finding.sources, ctx, cited, head=False) or '–'}</td>"
            f'<td class="id"><code>{_breakable(finding.id)}</code></td></tr>'
        )
    caption = escape(ctx.label("page.all_findings"))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _breakable(finding_id: str) -> str:
    """Return an id that may break after its slashes and before the date."""
    return escape(finding_id).replace("/", "/<wbr>").replace("@", "<wbr>@").replace("_", "_<wbr>")


def _systems(profile: Profile, ctx: Context) -> str:
    head = "".join(
        f'<th scope="col"{_cell_class(key)}>{escape(ctx.label.term("columns", key))}</th>'
        for key in ("system", "known", "rows_n", "coverage", "until", "datasets")
    )
    rows = []
    for row in profile.systems:
        until = row.get("until")
        datasets = " ".join(f"<code>{escape(name)}</code>" for name in row["datasets"])
        rows.append(
            f'<tr><td class="l"><b>{escape(ctx.text(row, "name"))}</b></td>'
            f'<td class="l">{escape(ctx.text(row, "known"))}</td>'
            f'<td class="n">{escape(ctx.number(row["rows_n"]))}</td>'
            f"<td>{escape(ctx.label.term('coverage', row['coverage']))}</td>"
            f"<td>{escape(ctx.date(until, None)) if until else '–'}</td>"
            f'<td class="ds">{datasets or "–"}</td></tr>'
        )
    caption = escape(ctx.label("page.systems"))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _question(question: OpenQuestion, ctx: Context) -> dict[str, Any]:
    return {
        "facet": ctx.label.term("facets", f"{question.facet}.name"),
        "text": question.texts[ctx.lang],
        "datasets": question.datasets,
    }


def _sources(cited: Citations, ctx: Context) -> str:
    items = []
    for number, source in cited.listed():
        title = escape(source["title"])
        url = source.get("url") or ""
        if url.startswith(("http://", "https://")):
            title = f'<a href="{escape(url)}" rel="noopener noreferrer">{title}</a>'
        read = source.get("retrieved")
        when = ctx.label("page.retrieved", date=ctx.date(str(read), None)) if read else ""
        tail = ctx.label("common.comma").join(
            text for text in (source.get("publisher") or "", when) if text
        )
        items.append(
            f'<li id="s{number}"><span class="i">{number}</span><div>{title}<br>'
            f'<span class="muted">{escape(tail)}</span></div></li>'
        )
    return f'<ol class="srcs">{"".join(items)}</ol>'
