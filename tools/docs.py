"""Generate the pages of docs/ that follow from code and data.

``python tools/docs.py`` writes ``cli.md``, ``python.md``, ``tables.md``, ``datasets.md``, ``formulas.md`` and
``almanac.md``, and the table of what the record holds in both READMEs; ``--check`` compares instead and exits with 1 where a page differs. ``almanac.md``
needs the fact base from which the almanac was converted; without it that page is left as it stands.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT.parent / "shared/facts"
sys.path.insert(0, str(ROOT / "src"))

from multipolar import errors, rules  # noqa: E402
from multipolar.findings.finding import FACETS  # noqa: E402
from multipolar.findings.phrases import catalogue  # noqa: E402
from multipolar.record import bulk, schema, tables  # noqa: E402
from multipolar.record.store import Record  # noqa: E402
from multipolar.sources import MODULES, load_source  # noqa: E402

MADE = "<!-- Made by `python tools/docs.py`; edit the code or the data, not this page. -->\n"


def pages() -> dict[str, str | None]:
    """Return the text of every generated page by path; None where it cannot be made here."""
    return {
        "docs/cli.md": cli_page(),
        "docs/python.md": python_page(),
        "docs/tables.md": tables_page(),
        "docs/datasets.md": datasets_page(),
        "docs/formulas.md": formulas_page(),
        "docs/almanac.md": almanac_page() if FACTS.is_dir() else None,
        "README.md": _with_block("README.md", held("en")),
        "README.zh.md": _with_block("README.zh.md", held("zh")),
    }


# --- commands ---------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command as a path of words; the program itself is the empty path."""
    from multipolar.cli import cli

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name in sorted(getattr(command, "commands", {})):
            yield from walk(command.commands[name], (*path, name))

    return walk(cli, ())


def cli_page() -> str:
    """Return the help text of every command."""
    from click.testing import CliRunner

    from multipolar.cli import cli

    parts = [
        MADE,
        "# Commands\n",
        "Each text below is what `--help` prints. States and bodies are accepted in any spelling that",
        "`multipolar names` resolves; an ambiguous spelling is refused with its candidates. Dates are full",
        "dates (`2025-11-07` or `2025年11月7日`). What goes where, and the exit codes, stand at the end.\n",
    ]
    for path in commands():
        asked = CliRunner().invoke(
            cli, [*path, "--help"], prog_name="multipolar", terminal_width=80, color=False
        )
        parts += [
            f"## `{' '.join(('multipolar', *path))}`\n",
            f"```text\n{asked.output.rstrip()}\n```\n",
        ]
    parts += [
        "## Output\n",
        "- Without `-o` a result goes to standard output. `report` writes a page to `multipolar-CODE.html`",
        "  (`multipolar-CODE-zh.html` in Chinese) when standard output is a terminal or `--open` is given.",
        "- A file is written whole or not at all. An existing file is refused unless `--force` is given; a page",
        "  that `multipolar` wrote under its own default name is renewed.",
        "- Messages go to standard error, one line, beginning with `multipolar:`. `--debug` shows the trace.\n",
        "## Exit codes\n",
        "| code | meaning |\n| ---: | --- |",
        "| 0 | done |",
        "| 2 | the input: an unknown or ambiguous name, a bad date or option, an output that cannot be written |",
        "| 3 | the data: a table or a publisher's file that is not of its form, a download that failed, a damaged or busy store, not enough memory |",
        "| 4 | an estimate that did not converge; it is written all the same, and marked |",
        "| 130 | interrupted with Ctrl-C |",
        "| 141 | the reader of standard output closed it |\n",
        "## Environment\n",
        "`MULTIPOLAR_STORE` names a store for all commands, as `--store` does for one.",
        "`MULTIPOLAR_TIMEOUT` is how many seconds a download may stand still (30 without it).",
    ]
    return _joined(parts)


# --- Python -----------------------------------------------------------------------------------


def python_page() -> str:
    """Return the public names and the errors."""
    import multipolar as mp

    parts = [
        MADE,
        "# Python\n",
        "`import multipolar as mp`. The names below are public; everything else may change.\n",
    ]
    for name in mp.__all__:
        home = mp._HOMES.get(name)
        if home is None:
            parts.append(f"## `{name}`\n\nThe version, as text.\n")
            continue
        found = getattr(importlib.import_module(f"multipolar.{home}"), name)
        parts += _described(name, found, "##")
    parts += [
        "## `multipolar.rules`\n",
        "Decision rules as values: joined by `&` and `|`, written as a sentence, evaluated.\n",
        "| name | what it does |\n| --- | --- |",
    ]
    parts += [f"| `{name}` | {_cell(_first(getattr(rules, name)))} |" for name in rules.__all__]
    parts += [
        "\n## Errors\n",
        "Every error that `multipolar` raises on purpose is a `MultipolarError` and also the natural",
        "built-in; `message`, `hint` and `candidates` hold its parts, `exit_code` what the command returns.\n",
        "| error | also a | code | exit | when |\n| --- | --- | --- | ---: | --- |",
    ]
    for name, error in error_classes():
        builtin = next(c.__name__ for c in error.__mro__ if c.__module__ == "builtins")
        parts.append(
            f"| `{name}` | `{builtin}` | `{error.code}` | {error.exit_code} | {_cell(_first(error))} |"
        )
    return _joined(parts)


def error_classes() -> list[tuple[str, type[errors.MultipolarError]]]:
    """Return the error classes by name, in the order of the module."""
    return [
        (name, value)
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MultipolarError)
    ]


def _described(name: str, found: Any, level: str) -> list[str]:
    text = inspect.getdoc(found) or ""
    if not inspect.isclass(found):
        return [f"{level} `{name}{_signature(found)}`\n", f"```text\n{text}\n```\n"]
    parts = [f"{level} `{name}`\n", f"```text\n{text}\n```\n"]
    if issubclass(found, Exception):
        return parts
    rows = [
        f"| `{key}{_signature(value)}` | {_cell(_first(value))} |"
        for key, value in vars(found).items()
        if not key.startswith("_") and _first(value)
    ]
    return [*parts, "| member | what it does |\n| --- | --- |", *rows, ""]


def _signature(found: Any) -> str:
    if not inspect.isfunction(found):
        return ""
    return (
        str(inspect.signature(found))
        .replace("'", "")
        .replace("(self, ", "(")
        .replace("(self)", "()")
    )


def _first(found: Any) -> str:
    """Return the first sentence of a docstring, on one line."""
    plain = isinstance(found, str | int | float | bool | tuple)
    text = "" if plain else inspect.getdoc(found) or ""
    return " ".join(text.split("\n\n")[0].split())


# --- tables -----------------------------------------------------------------------------------


def tables_page() -> str:
    """Return the schema of every table."""
    parts = [
        MADE,
        "# Tables of the record\n",
        *(tables.__doc__ or "").strip().splitlines()[2:],
        "\nOne CSV file per table in `src/multipolar/record/almanac/`, rows sorted by the key. A store of your",
        "own holds files of the same form in `STORE/almanac/`. `multipolar data list` counts the rows.\n",
        "Kinds: `text`; `integer`; `decimal` (exact, as printed); `date` (a full date); `partial_date` (`YYYY`,",
        "`YYYY-MM` or `YYYY-MM-DD`); `list` (texts joined by `;`). A column marked ● must not be empty.\n",
        "A column marked ○ is filled by pulled datasets only and is not in the almanac's file; a dataset may leave",
        "other columns empty. Tables under [Tables of datasets](#tables-of-datasets) have no file in the almanac.\n",
        "An export adds `iso3` (ISO 3166-1 alpha-3, empty for what it does not hold), `cow` and `gw` behind a",
        "table with `state_id`, and `importer_iso3` and so on for other columns of states; `--no-codes` leaves",
        "them out.\n",
        "## Columns of every fact\n",
        "A table of facts ends with these four columns:\n",
        *_columns(schema._FACT_COLUMNS),
    ]
    for table in (*tables.ALL, *bulk.BULK):
        if table is bulk.BULK[0]:
            said = [line for line in (bulk.__doc__ or "").splitlines()[2:] if line]
            parts += ["\n## Tables of datasets\n", *said]
        every = table.frame_columns
        own = every[: -len(schema._FACT_COLUMNS)] if table.fact else every
        keys = ", ".join(f"`{name}`" for name in table.key)
        more = "Facts: the four columns above follow." if table.fact else "No facts of its own."
        doc = inspect.cleandoc(table.__doc__ or "")
        parts += [f"\n## `{table.name}`\n", f"{doc} Key: {keys}. {more}\n", *_columns(own)]
    return _joined(parts)


def _columns(columns: tuple[schema.Column, ...]) -> list[str]:
    lines = ["| column | kind | | holds |", "| --- | --- | --- | --- |"]
    for column in columns:
        said = [column.doc]
        if column.refers:
            said.append(f"A key of `{column.refers}`.")
        if column.allowed:
            said.append("One of " + ", ".join(f"`{value}`" for value in column.allowed) + ".")
        if column.unit:
            said.append(f"Unit: {column.unit}.")
        if column.low is not None:
            said.append(f"At least {column.low:g}.")
        if column.high is not None:
            said.append(f"At most {column.high:g}.")
        need = "○" if column.pulled else "●" if column.required else ""
        lines.append(f"| `{column.name}` | {column.kind} | {need} | {_cell(' '.join(said))} |")
    return lines


# --- datasets ---------------------------------------------------------------------------------


def datasets_page() -> str:
    """Return what each loader says of its dataset: where it lives, its terms, its defects."""
    rows = Record().keyed("datasets")
    parts = [
        MADE,
        "# Datasets\n",
        "What `multipolar data pull NAME` can bring into the store. Nothing of it ships: each user gets it from its",
        "publisher, under the publisher's terms. Where a program cannot download it, get the file at the page named",
        "and pass it with `--from` (a file, a folder, a zip or gz archive). Files are recognised by what they hold,",
        "not by their names; a column, code or label that the loader does not know stops the pull.\n",
        "| dataset | what | publisher | licence as stated |\n| --- | --- | --- | --- |",
        *(
            f"| [`{name}`](#{name}) | {_cell(rows[name]['title_en'])} | {_cell(rows[name]['publisher'])} "
            f"| {_cell(rows[name]['licence'] or 'none seen')} |"
            for name in MODULES
        ),
    ]
    for name in MODULES:
        source = load_source(name)
        parts += [
            f"\n## `{name}`\n",
            f"{source.covers}\n",
            f"- Page: <{source.page}>",
            f"- Licence: {rows[name]['licence'] or 'no licence that allows redistribution was seen; pull, never ship'}",
            f"- Cite: {source.cite}",
            f"- Into: {', '.join(f'`{t}`' for t in rows[name]['tables'].split(';'))}",
            *(
                f"- File{'s' if kind.many else ''}{'' if kind.required else ' (optional)'}: {kind.what}"
                + (f"; downloaded from <{kind.url}>" if kind.url else "")
                for kind in source.kinds
            ),
            "\nKnown defects, and what the loader does:\n",
            *(f"- {defect}" for defect in source.defects),
        ]
    return _joined(parts)


# --- formulas ---------------------------------------------------------------------------------


def formulas_page() -> str:
    """Return the formula of every measure in both languages."""
    en, zh = catalogue("en")["formulas"], catalogue("zh")["formulas"]
    parts = [
        MADE,
        "# Formulas\n",
        "What `multipolar explain FINDING` prints as the formula. A finding's method is matched to the longest",
        "key with which it begins, so that `list-` stands for every list of exits and `pledged` for the pledges",
        "to every budget. A measure without a key of its own takes the formula of its facet.\n",
        "| measure begins with | formula | 公式 |\n| --- | --- | --- |",
        *(f"| `{k}` | {_cell(en[k])} | {_cell(zh[k])} |" for k in en if not k.startswith("facet_")),
        "\n## Otherwise, by facet\n",
        "| facet | formula | 公式 |\n| --- | --- | --- |",
        *(f"| `{f}` | {_cell(en[f'facet_{f}'])} | {_cell(zh[f'facet_{f}'])} |" for f in FACETS),
    ]
    return _joined(parts)


# --- almanac ----------------------------------------------------------------------------------


def almanac_page() -> str:
    """Return how the almanac was made and what became of every fact that was offered."""
    build = converted()
    parts = [
        MADE,
        "# The almanac\n",
        "The almanac is the part of the record that ships: CSV files in `src/multipolar/record/almanac/`,",
        "made from a base of collected facts by `tools/almanac` and reviewed by people. Its columns are",
        "described in [tables.md](tables.md), its gaps in [cannot.md](cannot.md).\n",
        "## How it was made\n",
        "- A fact ships if one source (`verified`) or two (`two_sources`) were read for it. A fact that came",
        "  without a source was looked for; it ships only if it was found, and then counts as *upgraded*.",
        "- A fact ships as *corrected* where a cell was changed or left empty: dates made half-open, codes brought",
        "  to one spelling, a part without a source dropped. The reason is on record.",
        "- Everything else is *left out*, with a reason. The conversion fails if one row is unaccounted for.",
        "- Facts carry over; other people's sentences do not. Free texts are in our words, in both languages.",
        "- Hand-made decisions (translations, upgrades, corrections) are rows in `tools/almanac/decisions/`,",
        "  not code. `python tools/almanac` runs the conversion again and prints the fate of every changed row.\n",
        "## What became of the facts offered\n",
        build.report() + _totals(build),
        "\n`scale.csv` replaces most of `assessments.csv`; hence the large number left out there.\n",
        "## Left out, by reason\n",
        *_reasons(build, "left out"),
        "\n## Corrected, by reason\n",
        *_reasons(build, "corrected"),
        "\n## Upgraded\n",
        "Facts that came without a source and were then found in one. The source stands in each row's",
        "`source_id`.\n",
        *_upgraded(build),
        "\n## What ships\n",
        "Rows per table, and for the tables of facts how many were read in one source and in two. Tables hold",
        "more rows than facts were offered where a fact was split, or was added with its source by a decision.\n",
        *_shipped(),
        "\n## Coverage\n",
        "For which body and period a table is complete. `*` stands for every body that no row names. Outside the",
        'periods listed nothing is claimed: a missing row then means "not in the record", not "did not happen".\n',
        *_coverage(),
    ]
    return _joined(parts)


def converted() -> Any:
    """Run all converters in memory and return the build with its ledger."""
    here = ROOT / "tools/almanac"
    sys.path.insert(0, str(here))
    try:
        build = importlib.import_module("common").Build(FACTS)
        for path in sorted(here.glob("convert_*.py")):
            spec = importlib.util.spec_from_file_location(path.stem, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.convert(build)
    finally:
        sys.path.remove(str(here))
    return build


def _totals(build: Any) -> str:
    count = Counter(what for what, _ in build.ledger.values())
    cells = [
        sum(count.values()),
        *(count[k] for k in ("kept", "corrected", "upgraded", "left out")),
    ]
    return "\n| **all** | " + " | ".join(f"**{n}**" for n in cells) + " |"


def _reasons(build: Any, what: str) -> list[str]:
    count = Counter(
        (name, _plain(why)) for (name, _), (fate, why) in build.ledger.items() if fate == what
    )
    order = sorted(count, key=lambda pair: (pair[0], -count[pair], pair[1]))
    rows = [f"| {name}.csv | {count[name, why]} | {_cell(why)} |" for name, why in order]
    return ["| file | rows | reason |", "| --- | ---: | --- |", *rows]


_PLAIN = (
    (r"cells without a source dropped: .*", "cells without a source left empty"),
    (r"(\w+) from https?://\S+", r"\1 taken from a source that was read"),
    (r"the last day in the source is not .*", "last day as the source has it"),
    (r"the day is \S+ \(https?://\S+\)", "day as the source has it"),
    (r"T\d+: (.*)", r"\1"),
    (r"(\w+) is (\w+) in \d{4}-\d{4}", r"\1 written as \2 for the years before \1 existed"),
    (r"rates from memory: .*", "rates without a source, and none was found"),
    (
        r"from memory, and the clause was not found",
        "without a source, and the clause was not found",
    ),
    (r"parts from memory left out", "parts without a source left out"),
    (r"([\w, ]+ changed): (?:action: )?(.*)", r"\1: \2"),
    (r"shown by calendar year, \d+ rows", "shown by calendar year"),
    (r"a decision of \w+", "moved to the body that decides"),
)


def _plain(why: str) -> str:
    """Bring reasons that differ only in detail to one wording."""
    for pattern, text in _PLAIN:
        if re.fullmatch(pattern, why):
            return re.sub(pattern, text, why)
    return why


def _upgraded(build: Any) -> list[str]:
    count = Counter(name for (name, _), (fate, _) in build.ledger.items() if fate == "upgraded")
    rows = [f"| {name}.csv | {count[name]} |" for name in sorted(count)]
    return ["| file | rows |", "| --- | ---: |", *rows]


def _almanac(name: str) -> list[dict[str, str]]:
    path = ROOT / f"src/multipolar/record/almanac/{name}.csv"
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _shipped() -> list[str]:
    lines = ["| table | rows | one source | two sources |", "| --- | ---: | ---: | ---: |"]
    for table in tables.ALL:
        rows = _almanac(table.name)
        count = Counter(row.get("confidence", "") for row in rows)
        one, two = (str(count[c]) if table.fact else "" for c in ("verified", "two_sources"))
        lines.append(f"| [`{table.name}`](tables.md#{table.name}) | {len(rows)} | {one} | {two} |")
    return lines


def _coverage() -> list[str]:
    lines = [
        "| table | body | from | before | coverage | remark |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{r['table']}` | `{r['body_id']}` | {r['start']} | {r['end']} | {r['coverage']} "
        f"| {_cell(r['remark_en'])} |"
        for r in _almanac("coverage")
    ]
    return lines


# --- the table of the READMEs -------------------------------------------------------------------

HELD = {
    "exits": ("Steps towards, or back from, leaving a body", "退出或重返机构的步骤"),
    "memberships": (
        "Spells of membership in groupings, alliances, banks",
        "集团、联盟、银行的成员资格期间",
    ),
    "attendance": (
        "Levels of representation at G20 and climate summits",
        "二十国集团与气候峰会的与会级别",
    ),
    "reviews": ("Reviews under the Universal Periodic Review", "普遍定期审议"),
    "outcomes": ("Texts adopted, postponed or failed", "获通过、推迟或未获通过的文件"),
    "positions": ("Positions in headline votes of the UN", "联合国重要表决中的立场"),
    "vetoes": ("Vetoes in the Security Council", "安理会否决"),
    "decision_rules": ("Decision rules, each with its article", "决策规则（附条文出处）"),
    "weights": ("Voting weights and seats", "投票权重与席位"),
    "money": ("Assessed shares, pledges, payments, arrears", "分摊比额、认捐、付款、欠款"),
    "indicators": (
        "Shares of world GDP, population and trade",
        "占世界国内生产总值、人口、贸易的份额",
    ),
    "trade_events": ("Tariff measures, answers, agreements, rulings", "关税措施、回应、协定、裁决"),
    "statements": ("Public positions, in our words", "公开立场（以我们的措辞概述）"),
}
_HEADS = {
    "en": "| what | rows | from | latest entry |\n| --- | ---: | --- | --- |",
    "zh": "| 内容 | 行数 | 始于 | 最近一条 |\n| --- | ---: | --- | --- |",
}


def held(lang: str) -> str:
    """Return what the almanac holds, from when, until when."""
    from multipolar.record.store import Record
    from multipolar.words import fmt_number

    record = Record()
    lines = [_HEADS[lang]]
    for name, labels in HELD.items():
        rows = record.rows(name)
        dated = tables.BY_NAME[name] is not tables.DecisionRules
        days = [
            day for row in rows if (day := _day(record, row)) and day <= record.date.isoformat()
        ]
        span = f"{min(days)[:4]} | {max(days)[:7]}" if days and dated else "– | –"
        lines.append(f"| {labels[lang == 'zh']} | {fmt_number(len(rows), lang)} | {span} |")
    return "\n".join(lines)


def _day(record: Any, row: dict[str, Any]) -> str:
    for column, table, field in (
        ("session_id", "sessions", "start"),
        ("roll_call_id", "roll_calls", "date"),
    ):
        if row.get(column) and "date" not in row:
            return record.keyed(table)[row[column]][field].isoformat()
    day = row.get("date") or row.get("start") or row.get("year")
    return str(day or "")


def _with_block(name: str, block: str) -> str | None:
    path = ROOT / name
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    before, rest = text.split("<!-- held -->\n", 1)
    after = rest.split("<!-- /held -->", 1)[1]
    return f"{before}<!-- held -->\n{block}\n<!-- /held -->{after}"


# --- writing ----------------------------------------------------------------------------------


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _joined(parts: list[str]) -> str:
    return "\n".join(parts).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Write or check all pages."""
    differ = []
    for name, text in pages().items():
        path = ROOT / name
        if text is None:
            print(f"{name}: skipped, what it is made from is not here", file=sys.stderr)
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            differ.append(name)
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
                print(f"{name}: written")
    if "--check" in arguments and differ:
        print("differ:", *differ, "(run `python tools/docs.py`)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
