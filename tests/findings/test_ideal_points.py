"""Ideal points in a profile: our own that ship, or published ones where they reach as far."""

from __future__ import annotations

import csv
import io
import json
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import multipolar as mp
from multipolar.findings.profile import build_profile
from multipolar.record.estimates import Estimates
from multipolar.record.store import ALMANAC

ROOT = Path(__file__).resolve().parents[2]
VOTES = ROOT.parent / "shared/data/votes/undl_layout_ga_voting_1946_2023.csv.gz"
HELD = Estimates(ALMANAC)
DAY = date(2026, 1, 1)
HEAD = "ccode,iso3c,year,IdealPointFP\n"


def finding(record, state, day=DAY):
    made = build_profile(record, state, day)
    found = [f for f in made.findings if f.measure == "ideal_point"]
    return found[0] if found else None


def exhibit(record, state, day=DAY):
    made = build_profile(record, state, day)
    found = [e for e in made.exhibits if e.exhibit_id == "ideal_points"]
    return found[0] if found else None


def rows():
    with open(HELD.file, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def published(tmp_path):
    """A record into which published ideal points were pulled."""

    def make(text):
        file = tmp_path / "IdealpointestimatesFP_2026FP.csv"
        file.write_text(HEAD + text)
        mp.pull("voeten", file, store=tmp_path / "store")
        return mp.open(tmp_path / "store")

    return make


# --- what ships -----------------------------------------------------------------------------------


def test_what_ships_says_how_it_was_made_and_is_on_its_scale():
    told, held = HELD.series, rows()
    assert told["converged"] is True
    assert told["rows"] == len(held)
    assert told["command"].startswith("multipolar scale unga --from 1946")
    assert told["software"].startswith("multipolar ")
    assert len(told["sha256"]) == 64
    assert told["gradient_norm"] <= 1e-5
    values = [float(r["estimate"]) for r in held]
    assert statistics.fmean(values) == pytest.approx(0, abs=1e-4)
    assert statistics.pstdev(values) == pytest.approx(1, abs=1e-4)
    for r in held[::97]:
        half = 1.6448536 * float(r["se"])
        assert float(r["lo"]) == pytest.approx(float(r["estimate"]) - half, abs=3e-4)
        assert float(r["hi"]) == pytest.approx(float(r["estimate"]) + half, abs=3e-4)
        assert int(r["n"]) > 0
    assert len({(r["state_id"], r["period"]) for r in held}) == len(held)


def test_every_state_of_the_estimates_is_known(record):
    assert {r["state_id"] for r in rows()} <= set(record.keyed("states"))


@pytest.mark.slow
def test_the_estimates_are_those_of_the_votes(tmp_path):
    if not VOTES.is_file():
        pytest.skip("the voting file is not here (../shared/data/votes)")
    mp.pull("unga", VOTES, store=tmp_path)
    tool = ROOT / "tools/estimates.py"
    done = subprocess.run(
        [sys.executable, str(tool), "--store", str(tmp_path), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "the files are those of the votes\n")


# --- in a profile ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["USA", "IND", "TUV", "CHE"])
def test_the_latest_estimate_stands_in_a_profile_without_any_dataset(record, state):
    found = finding(record, state)
    own = [r for r in rows() if r["state_id"] == state][-1]
    here = [float(r["estimate"]) for r in rows() if r["period"] == own["period"]]
    middle = statistics.median(here)
    nearer = sum(abs(e - middle) < abs(float(own["estimate"]) - middle) for e in here)
    assert (found.value, found.lo, found.hi) == tuple(
        float(own[name]) for name in ("estimate", "lo", "hi")
    )
    assert (found.n, found.level, found.coverage) == (int(own["n"]), 0.9, "partial")
    assert f"{nearer} of the other {len(here) - 1} members" in found.sentences["en"]
    assert f"{len(here) - 1}个" in found.sentences["zh"]
    assert found.sources == (HELD.source_id,)
    assert HELD.source_id in record.keyed("sources")


def test_a_day_sees_only_years_that_had_ended(record):
    before, after = (finding(record, "FRA", date(1975, 12, day)) for day in (30, 31))
    own = {r["period"]: float(r["estimate"]) for r in rows() if r["state_id"] == "FRA"}
    assert (before.value, after.value) == (own["1974"], own["1975"])
    assert (before.coverage, after.coverage) == ("complete", "complete")
    assert {r["year"] for r in exhibit(record, "FRA", date(1950, 3, 1)).rows} == set(
        range(1946, 1950)
    )


def test_a_seat_that_continues_another_shows_its_ideal_points_too(record):
    years = {r["year"]: r["ideal_point"] for r in exhibit(record, "RUS").rows}
    own = {r["period"]: float(r["estimate"]) for r in rows() if r["state_id"] == "SUN"}
    assert years[1960] == own["1960"]
    assert max(years) == 2023


def test_a_state_without_votes_has_no_ideal_point(record):
    assert finding(record, "VAT") is None
    assert exhibit(record, "VAT") is None


def test_the_finding_leads_to_its_rows(record):
    from multipolar.findings.explain import explain_finding

    made = build_profile(record, "BRA", DAY)
    told = explain_finding(record, made, finding(record, "BRA").id)
    assert told["rows"][0]["table"] == "ideal_points"
    assert {row["row"]["state_id"] for row in told["rows"]} == {"BRA"}
    assert "multipolar scale" in told["formula_en"]
    assert "multipolar scale" in told["formula_zh"]


def test_published_ideal_points_that_reach_further_replace_ours(published):
    record = published("2,USA,2024,2.5\n20,CAN,2024,1.5\n200,GBR,2024,1.0\n")
    found = finding(record, "USA")
    assert (found.value, found.lo) == (2.5, None)
    assert found.sources == ("voeten@2026",)
    assert "1 of the other" not in found.sentences["en"]
    assert "2 of the other 2 members" in found.sentences["en"]
    # Not for a state that they do not hold, nor on a day that they do not reach.
    assert finding(record, "IND").sources == (HELD.source_id,)
    assert finding(record, "USA", date(2024, 5, 1)).sources == (HELD.source_id,)


def test_older_published_ideal_points_do_not(published):
    record = published("2,USA,2010,2.5\n20,CAN,2010,1.5\n")
    assert finding(record, "USA").sources == (HELD.source_id,)


# --- in the record --------------------------------------------------------------------------------


def test_ours_and_published_ones_stand_side_by_side(record, published):
    assert record.scan("ideal_points").collect().height == len(rows())
    both = published("2,USA,2024,2.5\n").table("ideal_points")
    assert set(both["series"]) == {HELD.series["series"], "fp-2026"}
    ours = both.filter(series=HELD.series["series"])
    assert ours.height == len(rows())
    assert set(ours["confidence"]) == {"computed"}


def test_they_are_listed_and_exported(here):
    told = here("data", "list", "--format", "json").json
    listed = [t for t in told["tables"] if t["table"] == "ideal_points"]
    assert [(t["rows"], t["from"][:4], t["until"][:4]) for t in listed] == [
        (len(rows()), "1946", "2023")
    ]
    out = here("data", "export", "ideal_points", "--as-of", "1950-12-31").out
    made = pl.read_csv(io.BytesIO(out))
    assert made["period"].max() == 1950
    assert {"estimate", "se", "lo", "hi", "cow", "series"} <= set(made.columns)
    some = here("data", "export", "ideal_points", "--dataset", "multipolar", "--format", "json")
    assert len(json.loads(some.out)) == len(rows())
    assert here("data", "export", "exits", "--dataset", "multipolar").code == 2
    assert here("data", "export", "ideal_points", "-o", "out").code == 0
    assert "multipolar scale unga" in Path("out/CITATION.txt").read_text(encoding="utf-8")


def test_the_page_draws_them_in_both_languages(record):
    for lang in ("en", "zh"):
        page = mp.report(record, "SOM", as_of=DAY, lang=lang).html
        assert 'id="x-ideal_points"' in page
        # Two runs of years, each with a band about it.
        assert page.count('fill-opacity="0.55"') >= 4
