"""What pulled datasets add to a profile: the numbers, the edition, the rows behind them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import filelock
import polars as pl
import pytest

import multipolar as mp
from multipolar.findings.profile import build_profile

SHARED = Path(__file__).resolve().parents[3] / "shared/data"
PLACES = {
    "unga": "votes/undl_layout_ga_voting_1946_2023.csv.gz",
    "unsc": "votes/undl_layout_sc_voting_1946_2023.csv.gz",
    "voeten": "votes",
    "ceb": "un_money/ceb",
    "scale-of-assessments": "un_money",
    "igo": "igo",
    "paris": "treaties",
    "cop": "cop",
    "ungd": "ungd",
    "upr": "upr",
    "trade": "trade",
    "atop": "alliances",
    "desta": "trade",
}
DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def small(pulled_once):
    return mp.open(pulled_once)


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """The record with the publishers' files pulled, once for all workers."""
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here (../shared/data)")
    root = tmp_path_factory.getbasetemp().parent / "published"
    with filelock.FileLock(f"{root}.lock"):
        if not (root / "done").exists():
            for name, place in PLACES.items():
                mp.pull(name, SHARED / place, store=root)
            (root / "done").touch()
    return mp.open(root)


def of(record, state, day, facet, body, measure):
    made = build_profile(record, state, day)
    return made.find(f"{state}/{facet}/{body}/{measure}@{made.as_of}")


# --- by hand, on a few rows -----------------------------------------------------------------------


def test_votes_are_counted_as_by_hand(small):
    found = of(small, "FJI", date(2021, 12, 31), "voice", "unga", "adopted_side_share")
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert found.lo < found.value < found.hi
    assert found.sources == ("unga@2021-11-03",)
    assert "voted yes in 2 (66.7% of the votes it cast), no in 1" in found.sentences["en"]
    against = of(small, "FJI", date(2021, 12, 31), "voice", "unga", "adopted_against_no")
    assert (against.value, against.direction) == (1, "works_without")


def test_a_later_vote_is_out_of_sight(small):
    found = of(small, "FJI", date(2020, 12, 31), "voice", "unga", "adopted_side_share")
    assert (found.value, found.n) == (0.5, 2)
    assert of(small, "FJI", date(2019, 1, 1), "voice", "unga", "adopted_side_share") is None


def test_an_absence_is_no_vote(small):
    found = of(small, "PER", date(2021, 12, 31), "voice", "unga", "adopted_side_share")
    assert found.n == 2
    assert "cast no vote in 1" in found.sentences["en"]


def test_a_finding_on_pulled_rows_is_explained_down_to_them(small):
    told = mp.explain(small, "FJI/voice/unga/adopted_side_share@2021-12-31")
    assert [row["row"]["position"] for row in told["rows"]] == ["yes", "no", "yes"]
    assert told["row_sets"][0]["n"] == 3
    assert told["sources"][0]["url"] == "https://digitallibrary.un.org/record/4060887"
    json.dumps(told, allow_nan=False)


def test_a_party_to_the_paris_agreement_is_one_from_its_day(small):
    assert of(small, "PER", date(2016, 11, 4), "seat", "paris-agreement", "party").value == "party"
    assert (
        of(small, "PER", date(2016, 11, 3), "seat", "paris-agreement", "party").value == "signatory"
    )
    assert of(small, "PER", date(2016, 4, 21), "seat", "paris-agreement", "party") is None


def test_a_question_that_a_pulled_dataset_answers_is_not_asked(small, record):
    before = {d for q in build_profile(record, "FJI", DAY).open_questions for d in q.datasets}
    after = {d for q in build_profile(small, "FJI", DAY).open_questions for d in q.datasets}
    assert before - after == {"unga", "paris"}


def test_without_datasets_the_profile_is_that_of_the_almanac(record, tmp_path):
    (tmp_path / "datasets").mkdir()
    bare = build_profile(mp.open(tmp_path), "FJI", DAY)
    assert bare.to_dict() == build_profile(record, "FJI", DAY).to_dict()


def test_a_damaged_dataset_is_said_in_the_report(pulled):
    told = json.loads((pulled / "datasets/unga/current.json").read_text())
    (pulled / "datasets/unga" / told["version"] / "positions.parquet").unlink()
    made = build_profile(mp.open(pulled), "FJI", DAY)
    assert any("unga" in said for said in made.warnings["en"])
    assert any("unga" in said for said in made.warnings["zh"])


def test_reports_for_all_members_are_written_with_datasets(pulled, process, tmp_path):
    """Workers start anew: a forked one would stand still in the reader's threads."""
    words = ("--format", "json", "--as-of", "2021-12-31", "--store", str(pulled), "--jobs", "2")
    result = process("report", "--all", "-o", "out", *words)
    assert result.code == 0, result.err
    written = sorted((tmp_path / "process/out").glob("*.json"))
    assert len(written) == 193
    fiji = json.loads((tmp_path / "process/out/FJI.json").read_text())
    assert any("unga@2021-11-03" in f["finding"]["sources"] for f in fiji["facets"])


# --- agreement ------------------------------------------------------------------------------------


def test_agreement_of_two_states_is_counted_as_by_hand(small):
    found = mp.agreement(small, "Fiji", "Kenya")
    assert [(r["a"], r["b"], r["period"], r["agreement"], r["n"]) for r in found.rows] == [
        ("FJI", "KEN", 2019, 0.0, 1),
        ("FJI", "KEN", 2020, 0.0, 1),
        ("FJI", "KEN", 2021, 1.0, 1),
    ]
    half = mp.agreement(small, "FJI", "KEN", measure="lijphart").rows
    assert [r["agreement"] for r in half] == [0.5, 0.0, 1.0]
    assert found.table.columns == ["a", "b", "period", "agreement", "n"]


def test_one_state_is_held_against_all_others_and_the_room(here, pulled):
    told = here(
        "agreement", "PER", "--from", "2020", "--format", "json", "--store", str(pulled)
    ).json
    assert {(r["a"], r["b"]) for r in told["rows"]} == {("PER", c) for c in ("FJI", "KEN", "TON")}
    assert {r["period"] for r in told["rows"]} == {2020}
    assert [(m["state"], m["period"], m["n"]) for m in told["majority"]] == [("PER", 2020, 1)]
    assert (told["body"], told["measure"]) == ("unga", "same")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("FJI", "--store", "STORE", "--body", "unsc"), 2, "no roll calls of unsc are pulled"),
        (("FRA", "--store", "STORE"), 2, "has no row of FRA"),
        (("FJI", "--store", "STORE", "--from", "2030"), 2, "holds no roll call of unga in this"),
        (("FJI", "--store", "STORE", "--from", "12"), 2, "12 is not a year of the record"),
        (("Korea", "--store", "STORE"), 2, "'Korea' is ambiguous"),
        (("FJI",), 2, "no roll calls of unga are pulled"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(here, pulled, one_line, words, code, said):
    typed = [str(pulled) if w == "STORE" else w for w in words]
    assert said in one_line(here("agreement", *typed), code)


# --- on the publishers' files ---------------------------------------------------------------------


def test_votes_of_five_years_are_those_of_the_file(full):
    found = of(full, "USA", DAY, "voice", "unga", "adopted_side_share")
    raw = pl.read_csv(SHARED / PLACES["unga"], columns=["ms_code", "ms_vote", "date"])
    own = raw.filter(pl.col("ms_code") == "USA", pl.col("date") >= "2019-01-01")["ms_vote"]
    count = dict(own.value_counts().iter_rows())
    cast = count["Y"] + count["N"] + count["A"]
    assert (found.value, found.n) == (pytest.approx(count["Y"] / cast), cast)
    against = of(full, "USA", DAY, "voice", "unga", "adopted_against_no")
    assert against.value == count["N"]


def test_a_state_that_continues_a_seat_is_followed_along_it(full):
    found = of(full, "RUS", date(1993, 12, 31), "voice", "unga", "adopted_side_share")
    codes = {dict(chosen.where)["state_id"] for chosen in found.sets}
    assert codes == {"RUS", "SUN"}


def test_revenue_of_the_un_system_is_shared_out_as_in_the_files(full):
    found = of(full, "USA", DAY, "purse", "un", "system_share")
    total = sum(
        full.scan("money", "ceb")
        .filter(pl.col("start") == date(2024, 1, 1))
        .collect()["amount_usd"]
    )
    assert total == pytest.approx(67.11e9, rel=1e-3)
    assert found.value == pytest.approx(14.266e9 / total, rel=1e-3)
    assert found.direction == "depends"


def test_the_pulled_scale_gives_the_almanac_s_shares(full, record):
    for state in ("USA", "CHN", "FJI"):
        pulled = of(full, state, DAY, "purse", "un", "assessed_share")
        assert pulled.value == of(record, state, DAY, "purse", "un", "assessed_share").value
        assert pulled.sources == ("scale-of-assessments@1946-2027",)


def test_the_published_ideal_point_is_the_latest_of_the_files(full):
    found = of(full, "USA", DAY, "voice", "unga", "ideal_point")
    assert found.lo < found.value < found.hi
    rows = full.scan("ideal_points").filter(pl.col("state_id") == "USA").collect()
    near = (pl.col("estimate") - found.value).abs() < 1e-6
    assert rows.filter(near)["period"].to_list() == ["2024"]


def test_every_facet_that_has_datasets_uses_them(full):
    made = build_profile(full, "ZAF", DAY)
    used = {f.facet for f in made.findings for s in f.sources if "@" in s}
    assert used == {"seat", "voice", "purse", "ties"}


@pytest.mark.parametrize("state", ["USA", "FJI", "VAT", "RUS"])
def test_every_finding_of_a_dataset_leads_to_rows_in_both_languages(full, state):
    from multipolar.findings.explain import explain_finding

    made = build_profile(full, state, DAY)
    for finding in made.findings:
        if not finding.sets:
            continue
        told = explain_finding(full, made, finding.id)
        assert told["sources"]
        assert told["row_sets"]
        assert told["formula_en"]
        assert told["formula_zh"]
        assert finding.sentences["en"]
        assert finding.sentences["zh"]
        assert "{" not in finding.sentences["en"] + finding.sentences["zh"]
        if finding.value:
            assert told["rows"], finding.id


def test_the_page_shows_the_years_with_the_room_in_both_languages(full):
    for lang in ("en", "zh"):
        page = mp.report(full, "FRA", as_of=DAY, lang=lang).html
        assert 'id="x-room"' in page
        assert len(page) < 3_000_000
