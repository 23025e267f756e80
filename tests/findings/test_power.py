"""Voting power of bodies and games: reference values, changes, gaps, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest

import multipolar as mp
from helpers import Result
from multipolar.errors import BadInput, OutOfCoverage
from multipolar.findings.power import cache
from multipolar.measures.power.indices import indices
from multipolar.record.store import Record
from multipolar.rules.game import Game, key_of

ROOT = Path(__file__).resolve().parents[2]
YEAR = "2023-01-01"


def row(result: Any, state: str) -> dict[str, Any]:
    return next(r for r in result.members if r["state"] == state)


def data(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all rows that a chart draws, wherever its layers keep them."""
    rows = [row for each in spec.get("datasets", {}).values() for row in each]
    for part in (spec, *spec.get("layer", ())):
        rows += part.get("data", {}).get("values", [])
    return rows


# --- reference values -----------------------------------------------------------------------------


def test_the_security_council_has_its_textbook_values(record: Record) -> None:
    council = mp.power(record, "UN Security Council", decision="substantive", as_of="2026-01-01")
    permanent, elected = row(council, "CHN"), row(council, "COL")
    assert (permanent["shapley_shubik_exact"], elected["shapley_shubik_exact"]) == (
        "421/2145",
        "4/2145",
    )
    assert (permanent["swings"], elected["swings"]) == (848, 84)
    assert sum(r["swings"] for r in council.members) == 5080
    assert permanent["banzhaf_normalised"] == 848 / 5080
    assert permanent["coleman_prevent"] == 1
    assert council.indices.winning == 848
    assert council.coalitions["can_block_alone"] == ["CHN", "FRA", "GBR", "RUS", "USA"]
    assert council.coalitions["smallest_blocking"]["n"] == 1
    assert council.coalitions["smallest_winning"]["n"] == 9


def test_abstention_in_the_security_council(record: Record) -> None:
    council = mp.power(record, "unsc", decision="substantive", as_of="2026-01-01", abstention=True)
    permanent, elected = row(council, "CHN"), row(council, "COL")
    assert (permanent["swings"], elected["swings"]) == (108_336, 53_154)
    assert permanent["banzhaf_absolute"] == 108_336 / 3**14
    assert permanent["shapley_shubik"] is None
    assert permanent["veto"] is True


@pytest.mark.parametrize(
    ("decision", "shares", "shapley", "quota"),
    [
        ("ordinary", (0.232608, 0.055403), (0.19167134, 0.06164485), lambda w: w // 2 + 1),
        ("special-70", (0.075394, 0.061718), None, lambda w: ceil(Fraction(7, 10) * w)),
        ("special-85", (0.029067, 0.029065), (0.18916837, 0.06376798), lambda w: ceil(Fraction(85, 100) * w)),
    ],
)  # fmt: skip
def test_the_fund_of_2022_has_its_reference_values(
    record: Record,
    decision: str,
    shares: tuple[float, float],
    shapley: tuple[float, float] | None,
    quota: Callable[[int], int],
) -> None:
    fund = mp.power(record, "IMF", decision=decision, as_of=YEAR)
    assert len(fund.members) == 190
    assert sum(r["weight"] for r in fund.members) == 5_039_930
    assert fund.quota == quota(5_039_930)
    assert row(fund, "USA")["weight"] == 831_401
    for state, place in (("USA", 0), ("JPN", 1)):
        assert round(row(fund, state)["banzhaf_normalised"], 6) == shares[place]
        if shapley:
            assert round(row(fund, state)["shapley_shubik"], 8) == shapley[place]
    assert sum(r["shapley_shubik"] for r in fund.members) == pytest.approx(1, abs=1e-10)
    assert fund.exact


def test_the_community_of_six(tmp_path: Path) -> None:
    given = {
        "members": {"DE": 4, "FR": 4, "IT": 4, "NL": 2, "BE": 2, "LU": 1},
        "rule": {"weighted": {"quota": 12}},
    }
    six = mp.power(Game.from_dict(given), minimal=True)
    shares = [r["banzhaf_normalised"] for r in six.members]
    assert shares == [5 / 21, 5 / 21, 5 / 21, 3 / 21, 3 / 21, 0]
    assert [r["deegan_packel"] > 0 for r in six.members] == [True] * 5 + [False]


def test_the_council_of_the_union_counts_states_people_and_the_blocking_clause(
    record: Record,
) -> None:
    council = mp.power(record, "eu-council", decision="qualified", as_of="2025-06-01")
    assert len(council.members) == 27
    assert council.exact
    members = {r["state"]: Fraction(str(r["weight"])) for r in council.members}

    def adopts(yes: set[str]) -> bool:
        if len(yes) < ceil(Fraction(55, 100) * 27):
            return False
        against = set(members) - yes
        enough = sum(members[s] for s in yes) >= Fraction(65, 100)
        return enough or len(against) < 4

    blockers = council.coalitions["smallest_blocking"]["members"]
    assert len(blockers) == 4
    assert not adopts(set(members) - set(blockers))
    largest = sorted(members, key=lambda s: -members[s])[:3]
    assert adopts(set(members) - set(largest))
    winners = set(council.coalitions["smallest_winning"]["members"])
    assert adopts(winners)
    assert len(winners) == 15


# --- shapes ---------------------------------------------------------------------------------------


def test_the_json_holds_what_others_rely_on(here: Callable[..., Result]) -> None:
    one = json.loads(here("power", "unsc", "--decision", "substantive", "--format", "json").out)
    assert {"body", "decision", "rule", "as_of", "quota", "members", "method", "exact"} <= set(one)
    names = {"state", "weight", "banzhaf_absolute", "banzhaf_normalised", "shapley_shubik", "veto"}
    assert all(names <= set(member) for member in one["members"])
    every = json.loads(here("power", "unsc", "--format", "json").out)
    assert isinstance(every, list)
    assert {"procedural", "substantive"} <= {each["decision"] for each in every}


def test_a_result_has_a_table_a_chart_an_explanation_and_citations(record: Record) -> None:
    fund = mp.power(record, "imf", decision="special-85", as_of=YEAR)
    table = fund.table
    assert table["state"][0] == "USA"
    assert table.height == 190
    assert int(table["swings"][0]) == row(fund, "USA")["swings"]
    for lang in ("en", "zh"):
        spec = fund.plot(lang).to_dict()
        assert spec["title"]["text"]
        members = {row["member"] for row in data(spec) if "member" in row}
        assert len(members) == 190
        text = fund.explain(lang)
        assert str(fund.indices.winning) in text
        assert str(sum(fund.indices.swings)) in text
    assert "@article{shapleyshubik1954" in fund.cite()
    assert "imf" in fund.cite().lower()


def test_a_nearly_even_index_is_said_to_hide_who_can_block(record: Record) -> None:
    fund = mp.power(record, "imf", decision="special-85", as_of=YEAR)
    notes = [en for en, _ in fund.notes]
    assert any("more even here than votes" in note for note in notes)
    assert row(fund, "USA")["coleman_prevent"] == 1
    assert row(fund, "JPN")["coleman_prevent"] < 1
    ordinary = mp.power(record, "imf", decision="ordinary", as_of=YEAR)
    assert not any("more even here than votes" in en for en, _ in ordinary.notes)


# --- absent, gone, joining, blocs -----------------------------------------------------------------


def test_absence_keeps_the_quota_and_leaving_does_not(record: Record) -> None:
    plain = mp.power(record, "imf", decision="special-85", as_of=YEAR)
    away = mp.power(record, "imf", decision="special-85", as_of=YEAR, without="USA")
    gone = mp.power(
        record, "imf", decision="special-85", as_of=YEAR, without="United States", mode="exit"
    )
    assert away.quota == plain.quota
    assert away.can_decide is False
    assert all(r["banzhaf_absolute"] == 0 for r in away.members)
    assert all(r["banzhaf_normalised"] is None for r in away.members)
    assert "USA" not in {r["state"] for r in away.members}
    assert gone.quota == ceil(Fraction(85, 100) * (5_039_930 - 831_401))
    assert gone.can_decide is True
    assert row(gone, "JPN")["shapley_shubik"] > row(plain, "JPN")["shapley_shubik"]
    assert row(gone, "JPN")["shapley_shubik_before"] == row(plain, "JPN")["shapley_shubik"]
    assert gone.coalitions["newly_blocking"] == []


def test_without_two_thirds_and_a_holder_others_can_block(record: Record) -> None:
    bank = mp.power(record, "aiib", decision="super", as_of="2026-01-01", without="CHN")
    assert bank.can_decide is False
    gone = mp.power(
        record, "aiib", decision="super", as_of="2026-01-01", without="CHN", mode="exit"
    )
    assert gone.can_decide is True
    council = mp.power(
        record, "unsc", decision="substantive", as_of="2026-01-01", without="USA", mode="exit"
    )
    assert council.coalitions["can_block_alone"] == ["CHN", "FRA", "GBR", "RUS"]
    assert council.quota == 9


def test_the_smallest_coalitions_contain_and_exclude(record: Record) -> None:
    fund = mp.power(record, "imf", decision="special-70", as_of=YEAR, excluding=["USA"])
    found = fund.coalitions["smallest_blocking"]
    assert "USA" not in found["members"]
    votes = {r["state"]: r["weight"] for r in fund.members}
    total = sum(votes.values())
    assert sum(votes[s] for s in found["members"]) > total - fund.quota
    assert found["smallest"]
    with_fiji = mp.power(record, "imf", decision="special-70", as_of=YEAR, containing=["Fiji"])
    group = with_fiji.coalitions["smallest_blocking"]["members"]
    assert "FJI" in group
    blocked = sum(votes[s] for s in group)
    assert blocked > total - fund.quota >= blocked - votes["FJI"]


def test_a_member_joins(record: Record) -> None:
    bank = mp.power(record, "aiib", decision="simple", as_of="2026-01-01", joining={"JPN": 100_000})
    assert row(bank, "JPN")["weight"] == 100_000
    assert row(bank, "JPN")["shapley_shubik_before"] is None
    assert row(bank, "CHN")["shapley_shubik"] < row(bank, "CHN")["shapley_shubik_before"]
    with pytest.raises(BadInput, match="is a member already"):
        mp.power(record, "aiib", decision="simple", joining={"CHN": 1})


def test_choices_that_cannot_be_meant_are_refused(record: Record) -> None:
    for options, said in (
        ({"without": "CHE"}, "is not a member"),
        ({"without": "CHN", "mode": "asleep"}, "is not a mode"),
        ({"method": "guess"}, "is not a method"),
        ({"draws": 5}, "draws"),
        ({"joining": {"CHE": "x"}}, "not a number"),
        ({"joining": {"CHE": -1}}, "negative"),
        ({"containing": ["USA"], "without": "USA"}, "no coalition"),
    ):
        body = "unsc" if "joining" not in options else "aiib"
        decision = "substantive" if body == "unsc" else "simple"
        with pytest.raises(BadInput, match=said):
            mp.power(record, body, decision=decision, as_of="2026-01-01", **options)
    with pytest.raises(BadInput, match="no decision 'nap'"):
        mp.power(record, "unsc", decision="nap")
    with pytest.raises(BadInput, match="no decision rule of upr"):
        mp.power(record, "upr")
    with pytest.raises(OutOfCoverage):
        mp.power(record, "unsc", as_of="1900-01-01")


# --- gaps -----------------------------------------------------------------------------------------


def test_missing_weights_give_bounds_and_no_value(record: Record) -> None:
    bank = mp.power(record, "adb", decision="ordinary")
    assert bank.method == "bounds"
    assert not bank.exact
    assert 0.7 < bank.coverage < 0.8
    japan = row(bank, "JPN")
    assert japan["banzhaf_absolute"] is None
    assert japan["shapley_shubik"] is None
    lo, hi = japan["bounds"]["shapley_shubik"]
    assert 0 < lo < hi < 1
    assert japan["weight_share"] == 0.12751
    largest = mp.power(record, "ibrd", decision="amendment")
    assert row(largest, "USA")["veto"] is True


# --- along quotas and over time -------------------------------------------------------------------


def test_power_along_quotas_is_the_power_at_each(record: Record) -> None:
    bank = mp.power(record, "aiib", decision="simple", as_of="2026-01-01")
    found = bank.along_quotas([Fraction(1, 2), Fraction(3, 4), Fraction(1)])
    assert {r["quota_share"] for r in found.rows} == {0.5, 0.75, 1.0}
    unanimous = [r for r in found.rows if r["quota_share"] == 1.0]
    assert all(r["veto"] for r in unanimous)
    assert unanimous[0]["shapley_shubik"] == pytest.approx(1 / len(bank.members))
    votes = {r["state"]: r["weight"] for r in bank.members}
    whole = sum(votes.values())
    at = indices(Game.of(votes, {"weighted": {"quota": ceil(Fraction(3, 4) * whole)}}).form())
    china = next(r for r in found.rows if r["quota_share"] == 0.75 and r["state"] == "CHN")
    assert china["banzhaf_normalised"] == at.banzhaf_normalised[at.players.index("CHN")]
    assert china["shapley_shubik"] == pytest.approx(
        at.shapley_shubik[at.players.index("CHN")], abs=1e-11
    )
    with pytest.raises(BadInput, match="one condition"):
        mp.power(record, "aiib", decision="super", as_of="2026-01-01").along_quotas()
    small = mp.power(Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}})).along_quotas()
    assert len(small.rows) == 51 * 3


def test_power_over_time_follows_rules_and_members(record: Record) -> None:
    found = mp.power_over_time(record, "unsc", "substantive", "1964-06-01", "1967-01-01")
    china = {r["as_of"]: r for r in found.rows if r["state"] == "CHN"}
    assert china["1964-06-01"]["quota"] == 7
    assert china["1966-01-01"]["quota"] == 9
    assert china["1966-01-01"]["shapley_shubik"] == pytest.approx(421 / 2145)
    fund = mp.power_over_time(record, "imf", "special-85", "2022-10-02", "2025-01-01")
    assert {r["as_of"] for r in fund.rows} == {"2022-10-02", "2024-10-21"}
    with pytest.raises(BadInput, match="is after"):
        mp.power_over_time(record, "imf", "special-85", "2025-01-01", "2022-10-02")


# --- what is kept ---------------------------------------------------------------------------------


def test_what_ships_is_what_is_counted_now(record: Record) -> None:
    from multipolar.rules.bodies import members_of, rule_of

    shipped = json.loads(cache.SHIPPED.read_text(encoding="utf-8"))["games"]
    for body, decision in (("imf", "special-70"), ("aiib", "super")):
        members = members_of(record, body, date(2026, 1, 1)).members
        rule = rule_of(record, body, decision, date(2026, 1, 1)).rule
        assert members is not None
        assert rule is not None
        form = Game(members, rule).form()
        assert shipped[key_of(form)] == cache.entry_of(indices(form))


def test_every_large_game_of_the_almanac_ships() -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/power.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_kept_results_are_those_of_the_game_and_damage_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "SLOW", 0.0)
    weights = {f"m{i}": 7 + i for i in range(6)}
    form = Game.of(weights, {"weighted": {"quota": "2/3"}}).form()
    first = cache.kept_indices(form)
    (file,) = cache.directory().iterdir()
    assert file.name == f"{key_of(form)}.json"
    monkeypatch.setattr(cache, "indices", None)  # nothing is counted again
    cache.forget()
    assert cache.kept_indices(form) == first
    monkeypatch.setattr(cache, "indices", indices)
    other = Game.of({**weights, "m0": 8}, {"weighted": {"quota": "2/3"}}).form()
    assert cache.kept_indices(other) != first
    file.write_text(file.read_text()[:-40])
    cache.forget()
    assert cache.kept_indices(form) == first
    changed = json.loads(file.read_text())
    changed["entry"]["swings"][0] = "999"
    file.write_text(json.dumps(changed))
    cache.forget()
    assert cache.kept_indices(form) == first
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "made.json"))
    (tmp_path / "made.json").write_text("no directory")
    cache.forget()
    assert cache.kept_indices(form) == first


def test_pulled_votes_are_the_ones_that_count(tmp_path: Path) -> None:
    names = {"France": 400, "Fiji": 100, "Kenya": 250}
    rows = "".join(f"{name},1,1,{votes},1\n" for name, votes in names.items())
    file = tmp_path / "imf-2026-02-01.csv"
    file.write_text("member,quota_sdr_million,quota_percent,votes,votes_percent\n" + rows)
    mp.pull("imf", file, store=tmp_path / "store")
    record = mp.open(tmp_path / "store")
    fund = mp.power(record, "imf", decision="special-70", as_of="2026-03-01")
    assert {r["state"]: r["weight"] for r in fund.members} == {"FRA": 400, "FJI": 100, "KEN": 250}
    assert fund.coalitions["can_block_alone"] == ["FRA", "KEN"]
    assert "imf@2026-02-01" in {s["source_id"] for s in fund.sources}
    before = mp.power(record, "imf", decision="special-70", as_of="2026-01-31")
    assert len(before.members) == 191
    told = mp.report(record, "KEN", as_of="2026-03-01")
    blocks = told.profile.find("KEN/nod/imf/decision-special-70@2026-03-01")
    assert blocks is not None
    assert blocks.value == "no"
    share = told.explain("KEN/nod/imf/weight_share@2026-03-01")
    assert share["finding"]["value"] == pytest.approx(250 / 750)
    table = record.table("weights", "almanac")
    assert not table["source_id"].str.contains("imf@").any()
    both = record.table("weights")
    assert both.filter(both["source_id"] == "imf@2026-02-01").height == 3


def test_the_seed_counts_where_coalitions_are_drawn() -> None:
    import random

    rng = random.Random(3)
    members = {f"m{i}": {k: rng.randint(1, 10**6) for k in "abc"} for i in range(80)}
    parts = [{"weighted": {"quota": "1/2", "weight": k}} for k in "abc"]
    game = Game.of(members, {"all": parts})
    first, again, other = (mp.power(game, draws=2000, seed=s) for s in (0, 0, 1))
    assert first.members == again.members
    assert first.members != other.members
    drawn, otherwise = mp.power(game), mp.power(game, seed=1)
    assert drawn.members != otherwise.members
    assert drawn.members[0]["bounds"]["shapley_shubik"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_of_result_has_a_chart_or_says_why_not(record: Record, lang: str) -> None:
    day = "2026-06-01"
    weighed = mp.power(record, "imf", decision="special-85", as_of=day).plot(lang).to_dict()
    assert {"layer", "title"} <= set(weighed)
    alike = mp.power(record, "wto", decision="general", as_of=day).plot(lang)
    names = {row["member"] for row in data(alike.to_dict())}
    assert len(names) == 1
    bounds = mp.power(record, "adb", decision="ordinary", as_of=day).plot(lang).to_dict()
    assert all(row["lo"] < row["hi"] for row in data(bounds))
    with pytest.raises(BadInput, match="nothing to draw"):
        mp.power(record, "ndb", decision="special", as_of=day).plot(lang)
