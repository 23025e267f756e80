"""The commands: every format, the fields that others rely on, and the same bytes each time."""

from __future__ import annotations

import io
import json
import os
import re

import click
import polars
import pytest

import made_files
from helpers import leftovers, read_table
from multipolar import __version__
from multipolar.cli import cli
from multipolar.record import tables
from multipolar.record.store import Record
from multipolar.report import pdf

LISTED = ("USA", "CHN", "RUS", "DEU", "ZAF", "FJI", "ISR", "VAT", "美国", "United Kingdom")
FINDING = "FJI/purse/un/assessed_share@2026-01-01"
RUNS = {
    "report": ("report", "FJI"),
    "compare": ("compare", "FJI", "TON"),
    "names": ("names", "Fiji"),
    "explain": ("explain", FINDING),
    "power": ("power", "unsc", "--decision", "substantive"),
    "data list": ("data", "list"),
    "data export": ("data", "export", "vetoes"),
    "agreement": ("agreement", "FJI", "KEN", "--store", "STORE"),
    "scale": ("scale", "unga", "--store", "STORE"),
    "data check": ("data", "check", "--store", "STORE"),
    "data diff": ("data", "diff", "unga", "--store", "STORE"),
    "data pull": ("data", "pull", "paris", "--from", "FILE", "--store", "STORE"),
}
EXAMPLES_WITH_DATA = ("data pull", "data diff", "agreement", "scale")
FINDING_FIELDS = {"id", "value", "lo", "hi", "unit", "n", "coverage", "as_of", "method", "sources"}


def commands(group: click.Group = cli, before: tuple[str, ...] = ()):
    for name, command in sorted(group.commands.items()):
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


def choices():
    for words, command in commands():
        for param in command.params:
            if param.name == "format_":
                for format_ in param.type.choices:
                    yield " ".join(words), format_


def looks_like(data: bytes, format_: str) -> bool:
    if format_ == "html":
        return data.lower().startswith(b"<!doctype html>")
    if format_ == "pdf":
        return data.startswith(b"%PDF-")
    if format_ == "xlsx":
        return data.startswith(b"PK")
    if format_ == "parquet":
        return polars.read_parquet(io.BytesIO(data)).height > 100
    text = data.decode()
    if format_ == "vega":
        return "vega-lite" in json.loads(text)["$schema"]
    if format_ == "json":
        return bool(json.loads(text))
    if format_ == "md":
        return text.startswith("# ")
    if format_ == "csv":
        header, *rows = text.splitlines()
        return "," in header and bool(rows)
    return len(text.splitlines()) >= 2


# --- every command ------------------------------------------------------------------------------


@pytest.fixture
def typed(here, pulled, tmp_path):
    """Run a command of `RUNS`, with a store and a file where it names one."""
    file = tmp_path / "newer.csv"
    file.write_text(made_files.PARIS_NEWER, encoding="utf-8")
    given = {"STORE": str(pulled), "FILE": str(file)}
    return lambda command, *more: here(*(given.get(w, w) for w in RUNS[command]), *more)


@pytest.mark.parametrize(("command", "format_"), list(choices()))
def test_every_command_speaks_every_format_it_offers(typed, monkeypatch, command, format_):
    # Laying out pages takes seconds and has a test of its own, in tests/report.
    monkeypatch.setattr(pdf, "render", lambda page: b"%PDF-" + page.encode())
    result = typed(command, "--format", format_)
    assert result.code == 0, result.err
    progress = format_ == "pdf" or "compiling" in result.err
    assert result.err == "" or (progress and result.err.count("\n") == 1)
    assert looks_like(result.out, format_)


@pytest.mark.parametrize("command", [name for name in RUNS if name != "data export"])
def test_every_command_writes_the_same_bytes_to_a_file_as_to_the_screen(typed, tmp_path, command):
    if command == "data pull":
        typed(command)
    shown = typed(command, "--format", "json")
    named = typed(command, "--format", "json", "-o", "made.json")
    assert (named.code, named.out.decode()) == (0, "made.json\n")
    assert timeless((tmp_path / "work/made.json").read_bytes()) == timeless(shown.out)
    assert leftovers(tmp_path / "work") == ["made.json"]


def timeless(data: bytes) -> bytes:
    """Leave out how long a computation took."""
    return re.sub(rb'"seconds": [0-9.e-]+', b'"seconds": 0', data)


@pytest.mark.parametrize("words", [w for w, _ in commands()], ids=" ".join)
def test_every_help_text_has_one_worked_example(here, words):
    result = here(*words, "--help")
    assert result.code == 0
    shown = result.out.decode()
    assert shown.count("Example:\n") == 1
    example = shown.split("Example:\n")[1].splitlines()[0].strip()
    assert example.startswith("multipolar ")


def test_the_examples_of_the_help_texts_run(here, tmp_path):
    for words, command in commands():
        if isinstance(command, click.Group) or " ".join(words) in EXAMPLES_WITH_DATA:
            continue
        example = here(*words, "--help").out.decode().split("Example:\n")[1].splitlines()[0].strip()
        typed = example.removeprefix("multipolar ").split(" > ")[0].split()
        expected = 2 if typed == ["names", "Korea"] else 0
        assert here(*typed).code == expected, example
    assert leftovers(tmp_path / "work") == ["south-africa.html"]


def test_version_is_shown(here):
    result = here("--version")
    assert (result.code, result.out.decode().strip()) == (0, f"multipolar {__version__}")


def test_without_a_command_the_help_is_shown_and_the_code_is_2(here):
    result = here()
    assert result.code == 2
    assert "Commands:" in result.out.decode()


# --- report -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", LISTED)
def test_report_works_for_each_listed_state(here, state):
    result = here("report", state)
    assert (result.code, result.err) == (0, "")
    assert b"<html" in result.out
    assert len(result.out) < 3_000_000


def test_report_of_a_former_state_speaks_of_its_time(here):
    result = here("report", "USSR", "--as-of", "1980-06-01", "--format", "json")
    assert (result.code, result.json["state"], result.json["as_of"]) == (0, "SUN", "1980-06-01")
    assert result.json["facets"]


def test_report_in_chinese_names_the_state_in_chinese(here):
    result = here("report", "ZAF", "--lang", "zh", "--format", "md")
    assert result.code == 0
    assert "南非" in result.out.decode().splitlines()[0]


@pytest.mark.parametrize("format_", ["html", "json", "md", "csv"])
def test_the_same_question_gives_the_same_bytes_in_two_processes(process, format_):
    words = ("report", "ZAF", "--as-of", "2026-03-01", "--format", format_)
    first, second = process(*words, env=seeded("1")), process(*words, env=seeded("2"))
    assert first.code == 0
    assert first.out == second.out


def seeded(seed: str) -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": seed}


def test_report_json_has_the_fields_that_others_rely_on(here):
    made = here("report", "ZAF", "--format", "json").json
    assert {"state", "as_of", "facets", "evidence", "open_questions"} <= made.keys()
    for entry in made["facets"]:
        assert {"facet", "body", "finding"} <= entry.keys()
        assert entry["finding"].keys() >= FINDING_FIELDS
        start = f"ZAF/{entry['facet']}/{entry['body']}/"
        assert entry["finding"]["id"].startswith(start)
        assert entry["finding"]["id"].endswith(f"@{made['as_of']}")
    assert 5 <= len(made["evidence"]) <= 8
    assert all(question["text_en"] and question["text_zh"] for question in made["open_questions"])
    assert {system["system"] for system in made["systems"]} >= {"climate", "alliances"}


def test_ids_of_findings_are_unique_and_their_sources_are_in_the_table(here, record):
    for state in ("USA", "CHN", "FRA", "VAT"):
        made = here("report", state, "--format", "json").json
        ids = [entry["finding"]["id"] for entry in made["facets"]]
        assert len(ids) == len(set(ids))
        for entry in made["facets"]:
            assert entry["finding"]["sources"], entry["finding"]["id"]
            assert set(entry["finding"]["sources"]) <= set(record.keyed("sources"))


def test_report_all_writes_one_page_for_each_member(here, tmp_path):
    result = here("report", "--all", "-o", "all", "--format", "json", "--jobs", "2")
    assert result.code == 0
    made = leftovers(tmp_path / "work/all")
    assert len(made) == 193
    one = (tmp_path / "work/all/FJI.json").read_bytes()
    assert one == here("report", "FJI", "--format", "json").out


# --- compare, names, explain ----------------------------------------------------------------------


def test_compare_puts_the_values_of_the_reports_side_by_side(here):
    made = here("compare", "DEU", "Japan", "--format", "json").json
    assert made["states"] == ["DEU", "JPN"]
    shares = next(row for row in made["rows"] if row["measure"] == "assessed_share")
    assert shares["values"] == {"DEU": 5.692, "JPN": 6.93}
    for row in made["rows"]:
        assert row["values"].keys() == row["findings"].keys() == {"DEU", "JPN"}
        for state, finding in row["findings"].items():
            assert finding is None or finding.startswith(f"{state}/{row['facet']}/{row['body']}/")
            assert finding is not None or row["values"][state] is None


def test_compare_refuses_one_state_and_the_same_state_twice(here, one_line):
    assert "two states" in one_line(here("compare", "USA"), 2)
    assert "twice" in one_line(here("compare", "USA", "United States"), 2)


def test_names_json_has_the_fields_that_others_rely_on(here):
    known = here("names", "Zaire", "--format", "json")
    assert known.code == 0
    assert known.json == {
        "text": "Zaire",
        "as_of": None,
        "code": "COD",
        "kind": "state",
        "name_en": known.json["name_en"],
        "name_zh": known.json["name_zh"],
    }
    refused = here("names", "Korea", "--format", "json", "--as-of", "2000-01-01")
    assert refused.code == 2
    assert refused.json.keys() == {"text", "as_of", "code", "candidates", "reason"}
    assert (refused.json["code"], refused.json["candidates"]) == (None, ["KOR", "PRK"])
    assert refused.json["as_of"] == "2000-01-01"


def test_names_reads_the_spelling_on_its_day(here):
    assert here("names", "Yugoslavia", "--as-of", "1999-03-24").out.split()[4:5] == [b"SCG"]


@pytest.mark.parametrize("state", ["USA", "ZAF", "VAT", "ARG"])
def test_every_finding_can_be_explained_down_to_rows_and_sources(record, profile, state):
    from multipolar.findings.explain import explain_finding

    made = profile(state)
    assert made.findings
    for finding in made.findings:
        told = explain_finding(record, made, finding.id)
        assert told["formula_en"]
        assert told["formula_zh"]
        assert told["rows"]
        assert all(row["row"] for row in told["rows"])
        assert told["sources"]
        assert all(source["url"] and source["title"] for source in told["sources"])
        json.dumps(told, allow_nan=False)


def test_explain_shows_formula_rows_and_sources(here):
    shown = here("explain", FINDING).out.decode()
    assert "formula" in shown
    assert re.search(r"rows \(\d+\)\n  money: .*state_id=FJI", shown)
    assert re.search(r"sources \(\d+\)\n  .+<https?://", shown)
    assert "斐济" in here("explain", FINDING, "--lang", "zh").out.decode()


def test_explain_takes_the_day_from_as_of_where_the_id_has_none(here):
    short = here("explain", FINDING.split("@")[0], "--as-of", "2026-01-01")
    assert short.out == here("explain", FINDING).out


# --- data -----------------------------------------------------------------------------------------


def test_data_list_names_every_table_and_dataset(here, record):
    made = here("data", "list", "--format", "json").json
    rows = {name: len(record.rows(name)) for name in tables.BY_NAME}
    rows["ideal_points"] = len(record.estimates.points)
    assert {row["table"]: row["rows"] for row in made["tables"]} == rows
    assert {row["dataset"] for row in made["datasets"]} == set(record.keyed("datasets"))
    assert all(row["pulled"] == "no" for row in made["datasets"])


@pytest.mark.parametrize("name", sorted(tables.BY_NAME))
def test_an_exported_table_holds_the_cells_of_the_shipped_file(here, record, name):
    exported = here("data", "export", name, "--no-codes")
    assert exported.csv == read_table(record.almanac, name)
    coded = here("data", "export", name).csv
    own = list(exported.csv[0])
    assert [{c: row[c] for c in own} for row in coded] == exported.csv
    assert set(here("data", "export", name, "--format", "json").json[0]) == set(coded[0])


def test_every_table_of_states_carries_the_codes_of_other_lists(here):
    first = here("data", "export", "exits").csv[0]
    assert {"iso3", "cow", "gw"} <= set(first)
    rows = {row["state_id"]: row for row in here("data", "export", "money").csv}
    assert (rows["FRA"]["iso3"], rows["FRA"]["cow"], rows["FRA"]["gw"]) == ("FRA", "220", "220")
    assert (rows["SUN"]["iso3"], rows["SUN"]["cow"]) == ("", "365")
    germany = [r for r in here("data", "export", "money").csv if r["state_id"] == "DEU"]
    assert {r["cow"] for r in germany if r["start"] < "1990"} == {"260"}
    assert {r["cow"] for r in germany if r["start"] > "1991"} == {"255"}


def test_export_of_a_directory_has_citation_licence_and_sources(here, tmp_path):
    result = here("data", "export", "exits", "vetoes", "-o", "out", "--format", "parquet")
    assert result.code == 0
    assert leftovers(tmp_path / "work/out") == [
        "CITATION.txt",
        "LICENCE.txt",
        "exits.parquet",
        "sources.csv",
        "vetoes.parquet",
    ]
    written = polars.read_parquet(tmp_path / "work/out/exits.parquet")
    assert written.height == len(Record().rows("exits"))


def test_export_of_everything_can_be_read_back_as_a_record(here, tmp_path):
    assert here("data", "export", "-o", "out").code == 0
    again = Record(almanac=tmp_path / "work/out")
    again.check()
    assert again.rows("exits") == Record().rows("exits")


def test_export_up_to_a_day_leaves_later_rows_out(here):
    rows = here("data", "export", "exits", "--as-of", "2019-12-31").csv
    assert rows
    assert max(row["date"] for row in rows) <= "2019-12-31"


# --- scale --------------------------------------------------------------------------------------


def test_scale_takes_a_file_of_votes_in_three_forms(here, tmp_path):
    rows = polars.DataFrame(
        [
            {"roll_call": call, "state": state, "period": 2000 + k // 2, "position": position}
            for k, said in enumerate(("yyn", "ynn", "yan", "nyy"))
            for call in [f"r{k}"]
            for state, position in zip(("Alpha", "Beta", "Gamma"), said, strict=True)
        ]
    )
    work = tmp_path / "work"
    rows.write_csv(work / "v.csv")
    rows.write_csv(work / "v.tsv", separator="\t")
    rows.write_parquet(work / "v.parquet")
    made = [here("scale", "--votes", f"v.{end}", "--format", "csv") for end in ("csv", "tsv", "parquet")]  # fmt: skip
    assert {result.code for result in made} == {0}
    assert made[0].out == made[1].out == made[2].out
    assert [row["state"] for row in made[0].csv] == ["Alpha", "Beta", "Gamma"] * 2
    assert [row["period"] for row in made[0].csv] == ["2000"] * 3 + ["2001"] * 3
    only = here("scale", "--votes", "v.csv", "--state", "Beta", "--format", "csv").csv
    assert {row["state"] for row in only} == {"Beta"}
    up, down = (
        here("scale", "--votes", "v.csv", "--polarity", pair, "--format", "csv").csv
        for pair in ("Alpha,Gamma", "Gamma,Alpha")
    )
    assert float(up[0]["estimate"]) == -float(down[0]["estimate"]) > 0
    fixed = here(
        "scale", "--votes", "v.csv", "--static", "--anchor", "Alpha=1", "--anchor", "Gamma=-1", "--format", "csv"
    ).csv  # fmt: skip
    assert [round(float(r["estimate"]), 6) for r in fixed if r["state"] != "Beta"] == [1, -1]


def test_scale_shows_names_and_says_what_was_done(here, pulled):
    words = ("scale", "unga", "--store", str(pulled))
    shown = here(*words).out.decode()
    assert "In 2020, the last period" in shown
    assert "Converged" in shown
    assert re.search(r"^KEN +Kenya +[+-]\d\.\d{3} +[+-]\d\.\d{3} to [+-]\d\.\d{3} +1$", shown, re.M)
    chinese = here(*words, "--lang", "zh", "--state", "Kenya").out.decode()
    assert chinese.count("肯尼亚") == 2
    made = here(*words, "--format", "json").json
    assert made["body"] == "unga"
    assert {row["state"] for row in made["points"]} == {"FJI", "TON", "KEN", "PER"}
