"""The Security Council since 1946: who sat, and how many votes the Charter asked on the day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multipolar.record.store import Record
from multipolar.rules import can_pass_without, veto_holders
from multipolar.rules.bodies import members_of, rule_of, rules_of, seats
from multipolar.rules.legs import Count, Veto

FIRST, LAST = date(1946, 1, 17), date(2027, 12, 31)
AMENDED = date(1965, 8, 31)
ENLARGED = date(1966, 1, 1)
FIVE = ("CHN", "FRA", "GBR", "RUS", "USA")
SINCE_1945 = {"procedural", "substantive", "chapter-vii", "recommend-secretary-general"}
RECORD = Record()
days = st.dates(FIRST, LAST)


@pytest.fixture(scope="module")
def almanac():
    return RECORD


def needed(rule):
    """Return the votes that a rule asks and who may stop it."""
    (count,) = [leg for leg in rule.legs() if isinstance(leg, Count)]
    vetoes = [leg.states for leg in rule.legs() if isinstance(leg, Veto)]
    return count.quota.value, vetoes[0] if vetoes else frozenset()


@pytest.mark.parametrize(
    ("day", "votes", "members", "russian_seat"),
    [
        (date(1950, 1, 1), 7, 11, "SUN"),
        (date(1964, 6, 1), 7, 11, "SUN"),
        (date(1965, 8, 30), 7, 11, "SUN"),
        # The amendment was in force, the first fifteen members sat from the new year on.
        (date(1965, 8, 31), 9, 11, "SUN"),
        (date(1965, 12, 31), 9, 11, "SUN"),
        (date(1966, 1, 1), 9, 15, "SUN"),
        (date(1966, 2, 1), 9, 15, "SUN"),
        (date(1991, 12, 23), 9, 15, "SUN"),
        (date(1991, 12, 24), 9, 15, "RUS"),
        (date(2014, 12, 31), 9, 15, "RUS"),
        (date(2026, 11, 24), 9, 15, "RUS"),
    ],
)
def test_votes_members_and_vetoes_are_those_of_the_day(almanac, day, votes, members, russian_seat):
    council = members_of(almanac, "unsc", day).members
    assert (len(council.ids), council.unnamed) == (members, 0)
    permanent = frozenset({"CHN", "FRA", "GBR", russian_seat, "USA"})
    substantive = rule_of(almanac, "unsc", "substantive", day).rule
    assert needed(substantive) == (votes, permanent)
    assert set(veto_holders(substantive, council).value) == permanent <= set(council.ids)
    procedural = rule_of(almanac, "unsc", "procedural", day).rule
    assert needed(procedural) == (votes, frozenset())
    assert can_pass_without(procedural, council, russian_seat, "opposed").value is True


@given(days)
def test_on_every_day_there_is_one_whole_council_and_one_reading_of_each_rule(day):
    council = members_of(RECORD, "unsc", day).members
    assert (len(council.ids), council.unnamed) == (11 if day < ENLARGED else 15, 0)
    held = seats(RECORD, day)
    assert {held.get(state, state) for state in FIVE} <= set(council.ids)
    rules = rules_of(RECORD, "unsc", day)
    assert len({rule.decision for rule in rules}) == len(rules)
    assert {rule.decision for rule in rules} >= SINCE_1945
    for rule in rules:
        votes, _ = needed(rule.rule)
        assert votes == (7 if day < AMENDED else 9), (day, rule.decision)


@given(days)
def test_every_member_of_the_council_is_a_member_of_the_united_nations(day):
    council = members_of(RECORD, "unsc", day).members
    assert set(council.ids) <= set(members_of(RECORD, "un", day).members.ids)


def test_before_its_first_meeting_the_council_has_rules_but_no_members(almanac):
    day = FIRST - timedelta(days=1)
    assert members_of(almanac, "unsc", day).members is None
    assert {rule.decision for rule in rules_of(almanac, "unsc", day)} == SINCE_1945
    assert rules_of(almanac, "unsc", date(1945, 10, 23)) == ()


def test_the_deferral_of_an_investigation_is_no_rule_before_the_court(almanac):
    decisions = [
        {rule.decision for rule in rules_of(almanac, "unsc", day)}
        for day in (date(2002, 6, 30), date(2002, 7, 1))
    ]
    assert ["icc-deferral" in each for each in decisions] == [False, True]


def test_members_of_single_years_are_those_that_were_elected(almanac):
    on = {
        day: set(members_of(almanac, "unsc", day).members.ids) - {*FIVE, "SUN"}
        for day in (date(1946, 6, 1), date(1950, 6, 25), date(1961, 6, 1), date(1966, 6, 1))
    }
    assert list(on.values()) == [
        {"AUS", "BRA", "EGY", "MEX", "NLD", "POL"},
        {"CUB", "ECU", "EGY", "IND", "NOR", "YUG"},
        {"CHL", "ECU", "LBR", "LKA", "TUR", "UAR"},
        {"ARG", "BGR", "JPN", "JOR", "MLI", "NGA", "NLD", "NZL", "UGA", "URY"},
    ]


@pytest.mark.parametrize(
    ("before", "after", "left", "came"),
    [
        (date(1961, 10, 12), date(1961, 10, 13), "UAR", "EGY"),
        (date(1990, 5, 21), date(1990, 5, 22), "YMD", "YEM"),
        (date(1991, 12, 23), date(1991, 12, 24), "SUN", "RUS"),
    ],
)
def test_a_seat_passes_on_when_the_state_does(almanac, before, after, left, came):
    old = set(members_of(almanac, "unsc", before).members.ids)
    new = set(members_of(almanac, "unsc", after).members.ids)
    assert (old - new, new - old) == ({left}, {came})


def test_swings_in_the_council_of_eleven_are_those_of_seven_votes_with_five_vetoes(almanac):
    """Permanent: the other four and two to six of six; elected: all five and one other of five."""
    day = date(1954, 9, 1)
    council = members_of(almanac, "unsc", day).members
    rule = rule_of(almanac, "unsc", "substantive", day).rule
    states = council.ids

    def passes(yes):
        return rule.evaluate(dict.fromkeys(yes, "yes"), council, rest="no").passed

    swings = dict.fromkeys(states, 0)
    for n in range(len(states) + 1):
        for yes in combinations(states, n):
            if passes(yes):
                for state in yes:
                    swings[state] += not passes([s for s in yes if s != state])
    permanent = {state: swings.pop(state) for state in ("CHN", "FRA", "GBR", "SUN", "USA")}
    assert set(permanent.values()) == {15 + 20 + 15 + 6 + 1}
    assert set(swings.values()) == {5}
