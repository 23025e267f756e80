"""The report as Markdown: the same sentences, tables and numbered sources, without charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..findings.finding import FACETS, Exhibit, Finding, Profile
from . import values
from .citations import Citations, Source
from .context import Context, Names
from .html import citation
from .labels import labels
from .tables import NUMERIC, Cell, data_table


def render(profile: Profile, names: Names, sources: Mapping[str, Source], lang: str = "en") -> str:
    """Return the report of a profile as Markdown; parameters as in `multipolar.report.html`."""
    label = labels(lang)
    ctx = Context(lang, label, names, profile.state, profile.as_of)
    cited = Citations(sources)
    parts = [
        f"# {_line(label('page.title', state=profile.names[lang]))}",
        f"**{label('page.question')}**",
        label("page.as_of", date=ctx.date(profile.as_of)),
    ]
    for direction in ("depends", "works_without", "context"):
        found = [f for f in profile.headline if f.direction == direction]
        if found or direction != "context":
            parts.append(f"## {label(f'page.{direction}')}")
            lines = [_headline(finding, ctx, cited) for finding in found]
            parts.append("\n".join(lines) or label("page.no_evidence"))
    for warning in profile.warnings.get(lang, ()):
        parts.append(f"> {label('page.warnings')}{label('common.colon')}{_line(warning)}")
    for facet in FACETS:
        parts += _section(profile, facet, ctx, cited)
    parts += _systems(profile, ctx)
    parts += _limits(profile, ctx)
    parts += [f"## {label('page.method')}", label("page.method_1"), label("page.method_2")]
    parts += [label("page.method_3"), f"## {label('page.cite')}", _line(citation(profile, ctx))]
    parts += [f"## {label('page.sources')}", _sources(cited, ctx)]
    return "\n\n".join(parts) + "\n"


def _headline(finding: Finding, ctx: Context, cited: Citations) -> str:
    extra = [
        values.interval_text(finding, ctx),
        values.cases_text(finding, ctx),
        ctx.label.term("coverage", finding.coverage),
    ]
    inside = ctx.label("common.semicolon").join(text for text in extra if text)
    text = ctx.label("common.bracket", text=_line(finding.sentences[ctx.lang]), inside=inside)
    return f"- {text} {_cite(finding.sources, cited)}".rstrip()


def _cite(source_ids: Iterable[str], cited: Citations) -> str:
    numbers = cited.all(source_ids)
    return f"[{', '.join(map(str, numbers))}]" if numbers else ""


def _section(profile: Profile, facet: str, ctx: Context, cited: Citations) -> list[str]:
    label = ctx.label
    parts = [f"## {label(f'facets.{facet}.name')}", f"*{label(f'facets.{facet}.question')}*"]
    for exhibit in profile.exhibits:
        if exhibit.facet == facet:
            parts += _exhibit(exhibit, ctx, cited)
    parts.append(f"### {label('page.all_findings')}")
    rows: list[tuple[Cell, ...]] = [
        (
            finding.sentences[ctx.lang],
            values.value_text(finding, ctx),
            label("common.semicolon").join(
                text
                for text in (values.interval_text(finding, ctx), values.cases_text(finding, ctx))
                if text
            ),
            label.term("coverage", finding.coverage),
            finding.sources,
            f"`{finding.id}`",
        )
        for finding in profile.of(facet)
    ]
    keys = ("finding", "value", "interval", "coverage", "sources", "id")
    parts.append(_table(keys, rows, ctx, cited) if rows else label("page.no_findings"))
    return parts


def _exhibit(exhibit: Exhibit, ctx: Context, cited: Citations) -> list[str]:
    parts = [f"### {_line(exhibit.titles[ctx.lang])}", _line(exhibit.subtitles[ctx.lang])]
    if exhibit.rows:
        table = data_table(exhibit.exhibit_id, exhibit.rows, ctx)
        parts.append(_table(table.columns, table.rows, ctx, cited))
    else:
        complete = exhibit.coverage == "complete"
        parts.append(ctx.label("page.none_complete" if complete else "page.no_rows"))
    coverage = ctx.label.term("coverage", exhibit.coverage)
    cite = _cite(exhibit.sources, cited)
    head = ctx.label("page.sources_label")
    parts.append(f"{coverage}{ctx.label('common.semicolon')}{head} {cite}" if cite else coverage)
    return parts


def _table(
    columns: Iterable[str], rows: Iterable[tuple[Cell, ...]], ctx: Context, cited: Citations
) -> str:
    keys = list(columns)
    head = " | ".join(ctx.label.term("columns", key) for key in keys)
    rule = " | ".join("---:" if key in NUMERIC else "---" for key in keys)
    lines = [f"| {head} |", f"| {rule} |"]
    for row in rows:
        cells = [_line(c) if isinstance(c, str) else _cite(c, cited) for c in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _systems(profile: Profile, ctx: Context) -> list[str]:
    keys = ("system", "known", "rows_n", "coverage", "until", "datasets")
    rows: list[tuple[Cell, ...]] = [
        (
            ctx.text(row, "name"),
            ctx.text(row, "known"),
            ctx.number(row["rows_n"]),
            ctx.label.term("coverage", row["coverage"]),
            ctx.date(row["until"], None) if row.get("until") else "–",
            " ".join(f"`{name}`" for name in row["datasets"]) or "–",
        )
        for row in profile.systems
    ]
    return [f"## {ctx.label('page.systems')}", _table(keys, rows, ctx, Citations({}))]


def _limits(profile: Profile, ctx: Context) -> list[str]:
    label = ctx.label
    lines = []
    for question in profile.open_questions:
        names = label("common.semicolon").join(
            f"`multipolar data pull {name}`" for name in question.datasets
        )
        pull = f" {label('page.not_pulled')}{label('common.colon')}{names}" if names else ""
        facet = label.term("facets", f"{question.facet}.name")
        text = _line(question.texts[ctx.lang])
        lines.append(f"- **{facet}**{label('common.colon')}{text}{pull}")
    return [f"## {label('page.limits')}", "\n".join(lines) or label("common.no_record")]


def _sources(cited: Citations, ctx: Context) -> str:
    lines = []
    for number, source in cited.listed():
        read = source.get("retrieved")
        when = ctx.label("page.retrieved", date=ctx.date(str(read), None)) if read else ""
        parts = [source.get("publisher") or "", _line(source["title"]), source.get("url") or ""]
        text = ctx.label("common.comma").join(part for part in (*parts, when) if part)
        lines.append(f"{number}. {text}")
    return "\n".join(lines)


def _line(text: str) -> str:
    """Return the text on one line, safe inside a table."""
    return " ".join(text.split()).replace("|", "\\|")
