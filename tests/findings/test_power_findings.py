"""Voting power in the profile: published values, the trap at high thresholds, what is left out."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import multipolar as mp
from multipolar.findings import nod_power
from multipolar.findings.nod import decisions
from multipolar.findings.power import cache
from multipolar.findings.profile import build_profile
from multipolar.measures.power.indices import indices
from multipolar.record.store import Record
from multipolar.rules import Members, count, veto, weighted
from multipolar.rules.game import Game

IMF_2022 = date(2023, 1, 1)
MEASURES = ("shapley", "banzhaf", "prevent")


def of_power(made):
    return [f for f in made.findings if f.measure.partition("-")[0] in MEASURES]


def power_in(record, day, body, decision):
    found = {(d.rule.body_id, d.rule.decision): d for d in decisions(record, day)}
    return found[body, decision].power


# --- values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "measure", "value"),
    # 190 members with the votes of 2 October 2022, counted by a program of its own beforehand.
    [
        ("USA", "shapley-special-85", 0.18916837),
        ("USA", "shapley-ordinary", 0.19167134),
        ("USA", "banzhaf-ordinary", 0.232608),
        ("USA", "banzhaf-special-70", 0.075394),
        ("USA", "banzhaf-special-85", 0.029067),
        ("JPN", "shapley-special-85", 0.06376798),
        ("JPN", "shapley-ordinary", 0.06164485),
        ("JPN", "banzhaf-ordinary", 0.055403),
        ("JPN", "banzhaf-special-70", 0.061718),
        ("JPN", "banzhaf-special-85", 0.029065),
    ],
)
def test_shares_in_the_monetary_fund_are_those_of_the_reference(found, state, measure, value):
    told = found(state, "nod", "imf", measure, IMF_2022)
    digits = 8 if measure.startswith("shapley") else 6
    assert round(told.value, digits) == value
    assert (told.n, told.unit, told.coverage) == (190, "share", "complete")


@pytest.mark.parametrize(
    ("state", "day", "shapley", "banzhaf"),
    [
        ("GBR", None, Fraction(421, 2145), Fraction(848, 5080)),
        ("JPN", IMF_2022, Fraction(4, 2145), Fraction(84, 5080)),
        # Eleven members until 1965: the five together 76/77, as Shapley and Shubik (1954) print.
        ("FRA", date(1950, 6, 1), Fraction(76, 77) / 5, Fraction(57, 315)),
        ("IND", date(1950, 6, 1), Fraction(1, 77) / 6, Fraction(5, 315)),
    ],
)
def test_shares_in_the_security_council_are_those_of_the_textbook(
    found, state, day, shapley, banzhaf
):
    assert found(state, "nod", "unsc", "shapley-substantive", day).value == float(shapley)
    assert found(state, "nod", "unsc", "banzhaf-substantive", day).value == float(banzhaf)


def test_swings_of_the_council_of_eleven_are_those_of_all_its_coalitions(record):
    day = date(1950, 6, 1)
    power = power_in(record, day, "unsc", "substantive")
    rule = next(
        d.rule.rule
        for d in decisions(record, day)
        if (d.rule.body_id, d.rule.decision) == ("unsc", "substantive")
    )
    form = Game(Members(tuple(power.members)), rule).form()
    swings, winning = dict.fromkeys(form.players, 0), 0
    for votes in product((False, True), repeat=len(form.players)):
        yes = {i for i, vote in enumerate(votes) if vote}
        if form.wins(yes):
            winning += 1
            for i in yes:
                swings[form.players[i]] += not form.wins(yes - {i})
    for state, share in power.members.items():
        assert share.prevent == swings[state] / winning
        assert share.banzhaf == swings[state] / sum(swings.values())


@pytest.mark.parametrize(
    ("body", "decision"), [("imf", "special-85"), ("imf", "ordinary"), ("eu-council", "qualified")]
)
def test_the_shares_of_all_members_add_up_to_one(record, body, decision):
    power = power_in(record, record.date, body, decision)
    shares = power.members.values()
    assert sum(s.shapley for s in shares) == pytest.approx(1, abs=1e-10)
    assert sum(s.banzhaf for s in shares) == pytest.approx(1, abs=1e-12)
    assert sum(power.votes.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("state", ["USA", "CHN", "DEU", "FJI"])
def test_each_decision_has_three_measures_and_a_row_of_the_chart(profile, state):
    made = profile(state)
    told = of_power(made)
    rows = made.exhibit("power").rows
    assert len(told) == 3 * len(rows)
    for row in rows:
        ids = [f"{state}/nod/{row['body_id']}/{m}-{row['decision']}@{made.as_of}" for m in MEASURES]
        values = [made.find(i).value for i in ids]
        assert values == [
            row["shapley_shubik"],
            row["banzhaf_normalised"],
            row["coleman_prevent"],
        ]
        decided = made.find(f"{state}/nod/{row['body_id']}/decision-{row['decision']}@{made.as_of}")
        assert (values[2] == 1) == (decided.value == "no") == row["focal_blocks"]


def test_the_share_of_votes_is_that_of_the_weights(profile):
    made = profile("USA")
    row = next(r for r in made.exhibit("power").rows if r["decision"] == "special-85")
    assert row["vote_share"] == made.find(f"USA/nod/imf/weight_share@{made.as_of}").value
    council = next(r for r in made.exhibit("power").rows if r["body_id"] == "unsc")
    assert (council["vote_share"], council["weight"]) == (1 / 15, "members")


def test_members_with_the_same_votes_have_the_same_power(profile):
    one, other = ({f.measure: f.value for f in of_power(profile(s))} for s in ("FRA", "GBR"))
    same = [m for m in one if m in other and m.endswith("-85")]
    assert len(same) == 3
    assert [one[m] for m in same] == [other[m] for m in same]


# --- the trap ---------------------------------------------------------------------------------------


def test_at_a_high_threshold_the_sentence_says_who_can_block_alone(found):
    high = found("USA", "nod", "imf", "shapley-special-85", IMF_2022)
    said = high.sentences
    assert "16.5% of the votes" in said["en"]
    assert "no coalition can adopt a text without it" in said["en"]
    assert "100% for the United States, 99.995% for the next, Japan" in said["en"]
    assert "美国为100%，其次的日本为99.995%" in said["zh"]
    assert found("USA", "nod", "imf", "prevent-special-85", IMF_2022).value == 1
    assert found("JPN", "nod", "imf", "prevent-special-85", IMF_2022).value < 1


@pytest.mark.parametrize(
    ("state", "body", "decision", "warned"),
    [
        ("USA", "imf", "special-85", True),
        ("USA", "imf", "special-70", False),
        ("JPN", "imf", "special-85", False),
        ("CHN", "aiib", "super", True),
        ("IND", "aiib", "super", False),
        ("USA", "unsc", "substantive", False),
    ],
)
def test_the_warning_stands_where_the_state_blocks_and_its_banzhaf_share_is_low(
    found, profile, state, body, decision, warned
):
    told = found(state, "nod", body, f"shapley-{decision}")
    assert ("much more even than votes" in told.sentences["en"]) == warned
    assert ("远比投票权均等" in told.sentences["zh"]) == warned
    rows = profile(state).exhibit("power").rows
    row = next(r for r in rows if (r["body_id"], r["decision"]) == (body, decision))
    assert row["hidden"] == warned


def test_the_next_member_is_the_largest_that_cannot_block_alone(profile):
    rows = {(r["body_id"], r["decision"]): r for r in profile("USA").exhibit("power").rows}
    assert rows["imf", "special-85"]["next_states"] == ["JPN"]
    council = rows["unsc", "substantive"]
    assert len(council["next_states"]) == 10
    assert not {"CHN", "FRA", "GBR", "RUS", "USA"} & set(council["next_states"])
    assert rows["imf", "ordinary"]["next_states"] == []


# --- what is left out -------------------------------------------------------------------------------


def test_rules_that_count_all_alike_and_bodies_not_all_on_record_are_left_out(profile):
    shown = {(r["body_id"], r["decision"]) for r in profile("DEU").exhibit("power").rows}
    assert ("eu-council", "qualified") in shown
    left = {("eu-council", "unanimity"), ("eu-council", "simple"), ("unga", "important")}
    assert not left & shown
    assert {("ibrd", "ordinary"), ("g20", "declaration")} & shown == set()


def test_a_state_without_seats_has_no_power_and_no_chart(profile, record):
    made = profile("VAT")
    assert of_power(made) == []
    assert made.exhibit("power") is None
    assert 'id="x-power"' not in mp.report(record, "VAT").html


def test_an_old_day_has_the_members_of_that_day(profile):
    made = profile("EGY", date(1950, 6, 1))
    rows = {(r["body_id"], r["decision"]): r for r in made.exhibit("power").rows}
    assert rows["unsc", "substantive"]["members"] == 11
    assert rows["un", "charter-amendment"]["members"] == 59


A_WEIGHT = {"votes": {"A": Fraction(3), "B": Fraction(2), "C": Fraction(1)}}


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        (count(2), Members(("A", "B", "C"))),
        (weighted("1/2"), None),
        (weighted("1/2"), Members(("A", "B", "C"), unnamed=2)),
        (weighted("1/2"), Members(("A", "B", "C"), A_WEIGHT, unnamed=1)),
        (weighted("1/2"), Members(("A", "B", "C", "D"), A_WEIGHT)),
        (weighted("1/2"), Members(("A", "B"), {"votes": {"A": Fraction(2), "B": Fraction(2)}})),
        (count(2) & veto({"A"}), Members(("B", "C"))),
    ],
)
def test_there_is_no_power_where_all_are_alike_or_not_all_is_known(rule, members):
    assert nod_power.power_of(rule, members) is None


def test_power_is_that_of_the_member_whatever_its_name_and_place():
    rule = weighted("2/3")
    one = nod_power.power_of(rule, Members(("A", "B", "C"), A_WEIGHT))
    names = {"A": "Z", "B": "Y", "C": "X"}
    weights = {"votes": {names[s]: w for s, w in A_WEIGHT["votes"].items()}}
    other = nod_power.power_of(rule, Members(("X", "Y", "Z"), weights))
    assert {names[s]: share for s, share in one.members.items()} == dict(other.members)
    assert one.members["A"].shapley == pytest.approx(2 / 3)


# --- how it is made -----------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """The games for which indices are asked, from an empty memory."""
    asked = []
    plain = cache.kept_indices

    def ask(form):
        asked.append(form)
        return plain(form)

    monkeypatch.setattr(cache, "kept_indices", ask)
    nod_power._shares.cache_clear()
    yield asked
    nod_power._shares.cache_clear()


def test_a_game_is_asked_once_for_all_decisions_and_states(counted):
    own = Record()
    build_profile(own, "USA")
    games = {(f.yes, f.formula) for f in counted}
    assert len(counted) == len(games)
    assert len(games) < len(build_profile(own, "USA").exhibit("power").rows)
    before = len(counted)
    build_profile(own, "FRA")
    build_profile(own, "USA", date(2026, 6, 1))
    bodies = {r["body_id"] for r in build_profile(own, "USA").exhibit("power").rows}
    assert {"imf", "un", "unsc"} == bodies
    new = [f for f in counted[before:] if len(f.players) in (191, 193, 15)]
    assert new == []


def test_drawn_indices_carry_intervals_and_say_so(monkeypatch):
    def draw(form):
        rng = np.random.default_rng(7)
        return indices(form, method="monte-carlo", draws=2000, rng=rng)

    monkeypatch.setattr(cache, "kept_indices", draw)
    nod_power._shares.cache_clear()
    made = build_profile(Record(), "FRA", date(1950, 6, 1))
    nod_power._shares.cache_clear()
    told = of_power(made)
    assert told
    for finding in told:
        assert finding.lo <= finding.value <= finding.hi
        assert (finding.n, finding.level) == (2000, 0.95)
        assert not finding.measure.startswith("prevent")
    first = told[0].sentences
    assert "drawn at random" in first["en"]
    assert "随机抽取" in first["zh"]


@pytest.mark.parametrize("measure", MEASURES)
def test_a_finding_leads_to_its_rule_its_weight_and_the_sources_of_all_members(record, measure):
    made = mp.report(record, "USA")
    told = made.explain(f"USA/nod/imf/{measure}-special-85@{record.date}")
    tables = [row["table"] for row in told["rows"]]
    assert tables == ["decision_rules", "weights"]
    assert told["rows"][1]["row"]["state_id"] == "USA"
    year = {"shapley": "1954", "banzhaf": "1965", "prevent": "1971"}[measure]
    assert year in told["formula_en"]
    assert year in told["formula_zh"]
    named = {source["source_id"] for source in told["sources"]}
    now = {
        s
        for row in record.rows("weights")
        if row["body_id"] == "imf" and row["start"] <= record.date
        if row["end"] is None or record.date < row["end"]
        for s in row["source_id"]
    }
    assert now
    assert now <= named


@pytest.mark.parametrize("state", ["USA", "CHN", "JPN", "DEU", "FJI"])
def test_a_share_is_written_as_nothing_or_all_only_where_it_is(record, profile, state):
    page = mp.report(record, state)
    for finding in of_power(profile(state)):
        written = page.markdown.split(finding.id)[0].splitlines()[-1].split(" | ")[1]
        assert (written == "100%") == (finding.value == 1)
        assert written != "0%"
