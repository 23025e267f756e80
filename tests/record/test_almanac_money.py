"""The almanac's money, weights, indicators and trade events, and what became of each fact."""

from __future__ import annotations

import csv
import importlib
import itertools
import re
import sys
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from multipolar.record import tables
from multipolar.record.load import check_references, load_table

ROOT = Path(__file__).resolve().parents[2]
ALMANAC = Path(tables.__file__).parent / "almanac"
FACTS = ROOT.parent / "shared/facts"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the fact base is not beside the tree")
NAMES = ("money", "money_totals", "weights", "indicators", "trade_events")
SAMPLED_DAYS = [date(2015, 1, 1) + timedelta(days=61 * n) for n in range(78)]


@pytest.fixture(scope="module")
def table():
    cache = {}

    def get(name):
        if name not in cache:
            cache[name] = load_table(tables.BY_NAME[name], ALMANAC / f"{name}.csv")
        return cache[name]

    return get


@pytest.fixture(scope="module")
def scale(table):
    return [r for r in table("money") if r["body_id"] == "un" and r["stage"] == "assessed"]


@pytest.fixture(scope="module")
def fund(table):
    return [r for r in table("money") if r["body_id"] == "gcf"]


@pytest.fixture(scope="module")
def build():
    """Convert the fact base anew, without writing anything."""
    sys.path.insert(0, str(ROOT / "tools/almanac"))
    try:
        build = importlib.import_module("common").Build(FACTS)
        for name in ("money", "weights", "trade"):
            importlib.import_module(f"convert_{name}").convert(build)
        return build
    finally:
        sys.path.remove(str(ROOT / "tools/almanac"))


def on(rows, day):
    return [r for r in rows if r["start"] <= day and (r["end"] is None or day < r["end"])]


# Scale of assessments


def test_shares_add_up_to_100_from_1996_except_in_2003(scale):
    for year in set(range(1996, 2028)) - {2003}:
        total = sum(r["share_percent"] for r in on(scale, date(year, 7, 1)))
        assert abs(total - 100) <= Decimal("0.01"), year


def test_in_2003_two_states_admitted_in_2002_pay_on_top_of_the_scale(scale):
    rows = {r["state_id"]: r["share_percent"] for r in on(scale, date(2003, 7, 1))}
    assert sum(rows.values()) == Decimal("101.088")
    assert Decimal("99.8") < sum(rows.values()) - rows["CHE"] - rows["TLS"] < 100


def test_193_members_share_exactly_100_per_cent_in_2025_to_2027(scale):
    for day in (date(2025, 1, 1), date(2026, 11, 24), date(2027, 12, 31)):
        rows = on(scale, day)
        assert len({r["state_id"] for r in rows}) == len(rows) == 193
        assert sum(r["share_percent"] for r in rows) == Decimal("100.000")
    assert on(scale, date(2028, 1, 1)) == []


def test_before_1996_the_scale_lacks_the_share_of_yugoslavia_as_its_source_does(scale):
    assert sum(r["share_percent"] for r in on(scale, date(1987, 7, 1))) == Decimal("99.54")
    assert not [r for r in scale if r["state_id"] == "YUG"]
    assert min(r["start"] for r in scale if r["state_id"] == "SCG") == date(1996, 1, 1)


def test_shares_stand_as_printed():
    with open(ALMANAC / "money.csv", encoding="utf-8", newline="") as handle:
        assessed = [r for r in csv.DictReader(handle) if r["stage"] == "assessed"]
    printed = {(r["state_id"], r["start"]): r["share_percent"] for r in assessed}
    assert printed["AFG", "1946-01-01"] == "0.05"
    assert printed["CHN", "1971-01-01"] == "4.00"
    assert printed["CHN", "2025-01-01"] == "20.004"


def test_no_state_is_assessed_twice_for_one_day(scale):
    spells = defaultdict(list)
    for r in scale:
        spells[r["state_id"]].append((r["start"], r["end"]))
    for state, periods in spells.items():
        periods.sort()
        for (_, end), (start, _) in itertools.pairwise(periods):
            assert end <= start, state


def test_years_of_the_source_are_inclusive_and_ours_half_open(scale):
    spells = sorted((r["start"], r["end"]) for r in scale if r["state_id"] == "FRA")
    assert spells[0][0] == date(1946, 1, 1)
    assert spells[-1] == (date(2025, 1, 1), date(2028, 1, 1))
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spells))


def test_no_state_is_assessed_before_it_began_or_after_it_ended(table, scale):
    lives = {r["state_id"]: r for r in table("states")}
    for r in scale:
        life = lives[r["state_id"]]
        assert life["start"] is None or life["start"] < r["end"], r
        assert life["end"] is None or life["end"] > r["start"], r


def test_a_former_state_and_the_one_after_it_never_pay_for_the_same_year(scale):
    for former, later in (("SUN", "RUS"), ("YAR", "YEM"), ("SCG", "SRB"), ("CSK", "CZE")):
        last = max(r["end"] for r in scale if r["state_id"] == former)
        first = min(r["start"] for r in scale if r["state_id"] == later)
        assert last <= first, former
    assert {r["state_id"] for r in on(scale, date(1960, 1, 1))} & {"EGY", "SYR", "UAR"} == {"UAR"}


# Arrears and payments


def test_arrears_are_in_dollars_and_carry_the_day_of_the_figure(table):
    rows = {
        (r["budget"], r["state_id"], r["date"]): r["amount_usd"]
        for r in table("money")
        if r["stage"] == "arrears"
    }
    assert rows["regular", "USA", date(2026, 2, 1)] == 2_190_000_000
    assert rows["peacekeeping", "USA", date(2026, 2, 1)] == 2_400_000_000
    assert rows["tribunals", "USA", date(2026, 2, 1)] == 43_600_000
    assert rows["regular", "VEN", date(2025, 9, 30)] == 38_000_000


def test_nothing_owed_is_a_zero_and_not_an_empty_cell(table):
    paid = [
        r
        for r in table("money")
        if (r["state_id"], r["stage"], r["date"]) == ("CHN", "arrears", date(2025, 12, 31))
    ]
    assert [r["amount_usd"] for r in paid] == [0]


def test_no_peacekeeping_rate_ships_because_none_was_sourced(table):
    shares = [r for r in table("money") if r["share_percent"] is not None]
    assert {r["budget"] for r in shares} == {"regular"}


def test_a_claim_over_all_budgets_is_not_filed_as_arrears(table):
    assert not [
        r for r in table("money") if r["stage"] == "arrears" and r["amount_usd"] == 1_000_000_000
    ]


def test_what_six_states_owe_is_within_what_all_members_owe(table):
    day = date(2025, 9, 30)
    owed = sum(
        r["amount_usd"] for r in table("money") if r["stage"] == "arrears" and r["date"] == day
    )
    total = {(r["measure"], r["date"]): r["value"] for r in table("money_totals")}
    assert owed < total["arrears", day] < owed + 100_000_000


def test_no_more_than_193_members_paid_in_full(table):
    counts = [r["value"] for r in table("money_totals") if r["unit"] == "members"]
    assert counts
    assert max(counts) <= 193


# Green Climate Fund


def test_a_pledge_that_was_replaced_is_not_counted_beside_the_later_one(fund):
    pledges = [
        r["amount_usd"]
        for r in fund
        if (r["state_id"], r["budget"], r["stage"]) == ("NOR", "irm", "pledged")
    ]
    assert pledges == [258_000_000]


def test_the_spanish_pledge_is_120_million_euros(fund):
    (row,) = [
        r for r in fund if (r["state_id"], r["budget"], r["stage"]) == ("ESP", "irm", "pledged")
    ]
    assert (row["amount_original"], row["currency"]) == (120_000_000, "EUR")
    assert row["amount_usd"] == 150_400_000


def test_no_pledge_is_zero_where_the_record_knows_it_and_no_row_where_it_does_not(fund):
    pledged = {r["state_id"]: r["amount_usd"] for r in fund if r["budget"] == "gcf-1"}
    assert pledged["USA"] == 0
    assert "IND" not in pledged


def test_parts_of_a_payment_never_stand_outside_the_cumulative_amount(fund):
    paid = {(r["state_id"], r["budget"]): r["amount_usd"] for r in fund if r["stage"] == "paid"}
    parts = defaultdict(Decimal)
    for r in fund:
        if r["stage"] == "paid_part":
            parts[r["state_id"], r["budget"]] += r["amount_usd"]
    assert parts
    for key, part in parts.items():
        assert part <= paid[key]


def test_no_state_paid_more_than_it_signed(fund):
    signed = {r["state_id"]: r["amount_usd"] for r in fund if r["stage"] == "confirmed"}
    for r in fund:
        if r["stage"] == "paid":
            assert r["amount_usd"] <= signed[r["state_id"]], r


def test_what_was_rescinded_is_what_was_pledged_and_not_paid(fund):
    usa = [r for r in fund if r["state_id"] == "USA"]
    total = {s: sum(r["amount_usd"] for r in usa if r["stage"] == s) for s in ("pledged", "paid")}
    (rescinded,) = [r for r in usa if r["stage"] == "rescinded"]
    assert rescinded["amount_usd"] == total["pledged"] - total["paid"] == 4_000_000_000
    assert rescinded["budget"] == "irm+gcf-2"


def test_gcf_1_pledges_add_up_to_the_total_of_the_conference(table, fund):
    total = {(r["budget"], r["measure"], r["date"]): r["value"] for r in table("money_totals")}
    pledged = sum(r["amount_usd"] for r in fund if r["budget"] == "gcf-1")
    assert abs(pledged - total["gcf-1", "pledged", date(2019, 11, 14)]) < 10_000_000


def test_a_pledge_in_another_currency_only_has_no_dollar_amount(fund):
    without = {(r["state_id"], r["currency"]) for r in fund if r["amount_usd"] is None}
    assert without == {("BEL", "EUR"), ("CHE", "CHF")}


# Weights


@pytest.mark.parametrize(("edition", "n"), [("2022-10-02", 190), ("2024-10-21", 191)])
def test_imf_votes_of_all_members_add_up_to_the_total(table, edition, n):
    rows = [r for r in table("weights") if (r["body_id"], r["edition"]) == ("imf", edition)]
    assert len(rows) == n
    assert {r["total"] for r in rows} == {sum(r["weight"] for r in rows)}


def test_imf_total_of_2022_is_the_printed_one(table):
    totals = {r["edition"]: r["total"] for r in table("weights") if r["body_id"] == "imf"}
    assert totals["2022-10-02"] == 5_039_930


@pytest.mark.parametrize("day", SAMPLED_DAYS)
def test_the_security_council_has_15_members_and_5_permanent_ones(table, day):
    rows = on([r for r in table("weights") if r["body_id"] == "unsc"], day)
    assert len({r["state_id"] for r in rows}) == len(rows) == 15
    permanent = {r["state_id"] for r in rows if r["seat"] == "permanent"}
    assert permanent == {"CHN", "FRA", "GBR", "RUS", "USA"}


def test_the_security_council_has_its_members_and_seats_since_its_first_meeting(table):
    council = [r for r in table("weights") if r["body_id"] == "unsc"]
    editions = defaultdict(list)
    for r in council:
        editions[r["start"], r["end"]].append(r)
    spells = sorted(editions)
    assert spells[0][0] == date(1946, 1, 17)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spells))
    for (start, _), rows in editions.items():
        assert {r["total"] for r in rows} == {11 if start < date(1966, 1, 1) else 15} == {len(rows)}
        assert sum(r["seat"] == "permanent" for r in rows) == 5
        seats = {r["state_id"] for r in rows if r["seat"] == "permanent"}
        assert seats == {"CHN", "FRA", "GBR", "USA"} | (
            {"SUN"} if start < date(1991, 12, 24) else {"RUS"}
        )


def test_a_seat_ends_on_new_years_day(table):
    council = [r for r in table("weights") if r["body_id"] == "unsc"]
    assert "SVN" in {r["state_id"] for r in on(council, date(2025, 12, 31))}
    assert "SVN" not in {r["state_id"] for r in on(council, date(2026, 1, 1))}


def test_an_edition_is_one_table_with_one_period_and_total(table):
    editions = defaultdict(set)
    for r in table("weights"):
        key = (r["body_id"], r["edition"])
        editions[key].add((r["weight_name"], r["start"], r["end"], r["total"]))
    assert [key for key, kinds in editions.items() if len(kinds) > 1] == []


def test_no_two_editions_of_a_body_hold_on_the_same_day(table):
    spells = defaultdict(set)
    for r in table("weights"):
        spells[r["body_id"]].add((r["start"], r["end"] or date.max))
    for body, periods in spells.items():
        ordered = sorted(periods)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered)), body


def test_shares_are_fractions_and_never_add_up_to_more_than_one(table):
    sums = defaultdict(Decimal)
    for r in table("weights"):
        if r["weight_name"] in ("share", "population"):
            sums[r["body_id"], r["edition"]] += r["weight"]
    assert max(sums.values()) <= Decimal("1.0002")
    council = {e: s for (body, e), s in sums.items() if body == "eu-council"}
    assert all(abs(s - 1) < Decimal("0.0002") for s in council.values())


def test_votes_listed_never_exceed_the_total(table):
    listed = defaultdict(Decimal)
    totals = {}
    for r in table("weights"):
        listed[r["body_id"], r["edition"]] += r["weight"]
        totals[r["body_id"], r["edition"]] = r["total"]
    for key, total in totals.items():
        assert total is None or listed[key] <= total * Decimal("1.0002"), key
    assert totals["ndb", "2025-08-30"] is None


def test_constituencies_and_unverified_banks_have_no_weights(table):
    assert not {"gcf-board", "gcf", "ebrd"} & {r["body_id"] for r in table("weights")}


def test_the_eu_council_has_one_official_or_computed_table_a_year(table):
    kinds = {(r["edition"], r["basis"]) for r in table("weights") if r["body_id"] == "eu-council"}
    assert kinds == {
        ("2016-01-01", "as_listed"),
        ("2025-01-01", "as_listed"),
        ("2026-01-01", "computed"),
    }


# Indicators and trade events


def test_a_group_without_one_state_is_the_group_less_that_state(table):
    value = {(r["entity_id"], r["metric"], r["year"]): r["value"] for r in table("indicators")}
    for metric in ("gdp_nominal_share", "gdp_ppp_share", "population_share"):
        for year in (2000, 2010, 2020, 2025):
            rest = value["G20_ALL", metric, year] - value["USA", metric, year]
            assert abs(rest - value["G20_EX_USA", metric, year]) < Decimal("0.01")


def test_the_eu_and_the_au_have_one_code_each_and_no_group_code_is_a_state(table):
    named = {r["state_id"] for name in ("money", "weights") for r in table(name)}
    for r in table("trade_events"):
        named |= set(r["actors"] or ()) | set(r["targets"] or ())
    entities = {r["entity_id"] for r in table("indicators")}
    assert not (named | entities) & {"EUU", "XAU"}
    assert {"EU", "AU"} <= entities
    assert not [code for code in named if not re.fullmatch(r"[A-Z]{3}|EU|AU", code)]


def test_an_event_towards_all_partners_names_no_single_one(table):
    everyone = [r for r in table("trade_events") if r["all_targets"] == "yes"]
    assert everyone
    assert not [r for r in everyone if r["targets"]]


def test_an_agreement_has_at_least_two_parties(table):
    for r in table("trade_events"):
        if r["kind"] == "agreement":
            assert len({*(r["actors"] or ()), *(r["targets"] or ())}) > 1, r["event_id"]


def test_agreements_among_others_are_recorded_for_any_state_left_out(table):
    agreements = [
        {*(r["actors"] or ()), *(r["targets"] or ())}
        for r in table("trade_events")
        if r["kind"] == "agreement"
    ]
    for state in ("USA", "CHN", "EU", "IND"):
        assert len([parties for parties in agreements if state not in parties]) >= 8, state


def test_event_texts_come_in_both_languages_and_take_no_side(table):
    loaded = re.compile(
        r"retaliat|punitive|slam|defied|isolat|coerc|bully|aggress|报复|霸凌|霸权|打压|悍然|单边主义",
        re.IGNORECASE,
    )
    for r in table("trade_events"):
        for name in ("text", "standing"):
            english, chinese = r[f"{name}_en"] or "", r[f"{name}_zh"] or ""
            assert bool(english) == bool(chinese), r["event_id"]
            assert not loaded.search(english + chinese), r["event_id"]
            assert not re.search(r"[,;:()?!]|\.\s|\.$", chinese), r["event_id"]


def test_days_that_are_not_sourced_are_marked(table):
    precision = {r["event_id"]: r["date_precision"] for r in table("trade_events")}
    dates = {r["date"]: r["event_id"] for r in table("trade_events")}
    assert precision[dates[date(2020, 2, 11)]] == "month"
    assert precision[dates[date(2018, 7, 6)]] == "day"


# All of it


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_known_sources(table, name):
    known = {row["source_id"]: row for row in table("sources")}

    def keys(other):
        return known if other == "sources" else _Anything()

    check_references(tables.BY_NAME[name], table(name), keys, f"{name}.csv")


class _Anything(dict):
    def __contains__(self, key):
        return True


@pytest.mark.parametrize("name", NAMES)
def test_notes_hold_no_workshop_talk(table, name):
    talk = re.compile(r"memory|general knowledge|corrected|searched|stored|repository", re.I)
    assert not [r["note"] for r in table(name) if r["note"] and talk.search(r["note"])]


@needs_facts
def test_every_fact_is_accounted_for(build):
    assert set(build.seen) == {"scale", "assessments", "gcf", "weights", "trade"}
    assert build.unaccounted() == []


@needs_facts
def test_an_unverified_fact_ships_only_where_a_source_was_found(build):
    for name, facts in build.seen.items():
        for fact in facts:
            what, why = build.ledger[name, fact.line]
            if fact["confidence"] not in ("verified", "two_sources"):
                assert what in ("upgraded", "left out"), (name, fact.line)
                assert why


@needs_facts
@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_table_is_what_the_facts_give(build, name):
    with open(ALMANAC / f"{name}.csv", encoding="utf-8", newline="") as handle:
        shipped = list(csv.DictReader(handle))
    key = tables.BY_NAME[name].key
    fresh = sorted(build.rows[name], key=lambda row: tuple(row[k] for k in key))
    assert shipped == fresh
