"""Rules and members of bodies, from a small record and from the almanac."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from multipolar.errors import BadInput
from multipolar.record.store import ALMANAC, Record
from multipolar.rules import can_pass_without, quorum_stands, sure_holders, veto_holders
from multipolar.rules.bodies import members_of, rule_of, rules_of, seats

NEEDED = ("decision_rules", "weights", "memberships", "bodies", "states")
needs_almanac = pytest.mark.skipif(
    not all((ALMANAC / f"{name}.csv").exists() for name in NEEDED),
    reason="the almanac has not been built in this tree",
)
TODAY = date(2026, 11, 24)


class Small:
    """A record of a few rows."""

    def __init__(self, **tables):
        self.tables = tables

    def rows(self, name):
        return self.tables.get(name, [])


def spell(state, start, end=None, status="member", body="club"):
    return {
        "body_id": body,
        "state_id": state,
        "status": status,
        "start": start,
        "end": end,
        "source_id": ("s",),
        "as_of": "2025",
    }


def weight(state, value, start, end=None, total=None, name="votes", edition=None):
    return {
        "body_id": "bank",
        "edition": edition or str(start),
        "weight_name": name,
        "state_id": state,
        "weight": Decimal(value),
        "total": None if total is None else Decimal(total),
        "start": start,
        "end": end,
        "source_id": ("w",),
        "as_of": "2025",
    }


def body(body_id, n, counted="2025-01-01"):
    return {"body_id": body_id, "members_n": n, "members_as_of": counted}


def state(code, admitted=None, ended=None, continues=None):
    return {
        "state_id": code,
        "un_admitted": admitted,
        "un_ended": ended,
        "end": ended,
        "continues": continues,
        "source_id": ("u",),
    }


def test_members_of_a_club_are_those_of_the_day():
    record = Small(
        memberships=[
            spell("AAA", date(2000, 1, 1)),
            spell("BBB", date(2000, 1, 1), date(2010, 1, 1)),
            spell("CCC", date(2020, 1, 1)),
            spell("DDD", date(2000, 1, 1), status="observer"),
            spell("AAA", date(2024, 1, 1), date(2024, 6, 1), status="suspended"),
        ],
        bodies=[body("club", 2)],
    )
    on = {
        day: members_of(record, "club", day).members
        for day in (date(2005, 1, 1), date(2010, 1, 1), date(2024, 3, 1), TODAY)
    }
    assert [m.ids for m in on.values()] == [("AAA", "BBB"), ("AAA",), ("CCC",), ("AAA", "CCC")]
    assert all(m.unnamed == 0 for m in on.values())


def test_a_body_without_a_list_has_no_members_but_a_reason():
    roll = members_of(Small(), "club", TODAY)
    assert roll.members is None
    assert "does not hold the members" in roll.why.sentence("en")
    assert "未载明" in roll.why.sentence("zh")


def test_a_list_shorter_than_the_body_leaves_members_unnamed():
    record = Small(memberships=[spell("AAA", date(2000, 1, 1))], bodies=[body("club", 5)])
    assert members_of(record, "club", TODAY).members.unnamed == 4
    no_size = Small(memberships=[spell("AAA", date(2000, 1, 1))])
    assert members_of(no_size, "club", TODAY).members.unnamed is None


def step(state, action, day, precision="day", body="club"):
    return {
        "body_id": body,
        "state_id": state,
        "action": action,
        "date": day,
        "date_precision": precision,
        "source_id": ("x",),
    }


def test_a_body_of_which_only_the_size_is_known_has_members_without_names():
    record = Small(bodies=[body("club", 5, "2025-02") | {"source_id": ("b",)}])
    roll = members_of(record, "club", date(2025, 2, 1))
    assert (roll.members.ids, roll.members.unnamed, roll.sources) == ((), 5, ("b",))
    assert members_of(record, "club", date(2025, 1, 31)).members is None
    assert members_of(Small(bodies=[body("club", None)]), "club", TODAY).members is None


def test_the_size_of_a_body_follows_the_steps_since_the_day_of_its_count():
    record = Small(
        bodies=[body("club", 5, "2025-02") | {"source_id": ("b",)}],
        exits=[
            step("AAA", "effective", date(2025, 2, 10)),
            step("BBB", "announce", date(2025, 6, 1)),
            step("BBB", "effective", date(2025, 7, 1), "month"),
            step("CCC", "rejoin", date(2026, 1, 1)),
            step("DDD", "expel", date(2026, 1, 1), body="other"),
        ],
    )
    days = (date(2025, 3, 1), date(2025, 7, 30), date(2025, 7, 31), date(2026, 1, 1))
    rolls = [members_of(record, "club", day) for day in days]
    assert [roll.members.unnamed for roll in rolls] == [5, 5, 4, 5]
    assert [roll.sources for roll in rolls] == [("b",), ("b",), ("b", "x"), ("b", "x")]


def test_a_number_of_seats_that_a_text_fixes_stays_whoever_leaves():
    record = Small(
        bodies=[body("club", 5, "2025-02") | {"members_basis": "text"}],
        exits=[step("AAA", "effective", date(2025, 7, 1))],
    )
    assert members_of(record, "club", TODAY).members.unnamed == 5


def test_members_that_a_list_lacks_are_not_counted_before_the_day_of_the_count():
    record = Small(memberships=[spell("AAA", date(2000, 1, 1))], bodies=[body("club", 5)])
    on = [members_of(record, "club", day).members for day in (date(2024, 12, 31), TODAY)]
    assert [(m.ids, m.unnamed) for m in on] == [(("AAA",), None), (("AAA",), 4)]


def test_an_organ_in_which_all_members_sit_has_as_many_as_the_body():
    record = Small(bodies=[body("icc", 5)])
    assert members_of(record, "icc-asp", TODAY).members.unnamed == 5


def test_a_list_is_whole_where_the_coverage_says_so():
    row = {"table": "memberships", "body_id": "club", "coverage": "complete"}
    row |= {"start": date(2010, 1, 1), "end": TODAY}
    record = Small(memberships=[spell("AAA", date(2000, 1, 1))], coverage=[row])
    assert members_of(record, "club", TODAY).members.unnamed == 0
    assert members_of(record, "club", date(2009, 12, 31)).members.unnamed is None


def test_a_count_of_a_year_is_compared_with_the_end_of_that_year():
    record = Small(
        memberships=[spell("AAA", date(2000, 1, 1)), spell("BBB", date(2021, 5, 25))],
        bodies=[body("club", 2, "2021")],
    )
    assert members_of(record, "club", date(2015, 1, 1)).members.unnamed == 0


def test_the_newest_table_of_weights_in_force_is_used():
    record = Small(
        weights=[
            weight("AAA", 10, date(2010, 1, 1), date(2020, 1, 1), total=20),
            weight("BBB", 10, date(2010, 1, 1), date(2020, 1, 1), total=20),
            weight("AAA", 1, date(2020, 1, 1), total=4),
            weight("BBB", 3, date(2020, 1, 1), total=4),
        ]
    )
    old = members_of(record, "bank", date(2019, 12, 31)).members
    new = members_of(record, "bank", date(2020, 1, 1)).members
    assert old.weights["votes"] == {"AAA": 10, "BBB": 10}
    assert new.weights["votes"] == {"AAA": 1, "BBB": 3}
    assert members_of(record, "bank", date(2009, 12, 31)).members is None


def seat(state, start, end=None, total=None):
    return weight(state, 1, start, end, total, name="seat")


def test_a_table_of_seats_is_whole_only_where_it_names_all_seats():
    record = Small(
        weights=[
            seat("AAA", date(2000, 1, 1), date(2010, 1, 1), total=3),
            seat("BBB", date(2000, 1, 1), date(2010, 1, 1), total=3),
            seat("AAA", date(2010, 1, 1), date(2020, 1, 1), total=1),
            seat("AAA", date(2020, 1, 1)),
        ],
        bodies=[body("bank", 9)],
    )
    on = [
        members_of(record, "bank", day).members
        for day in (date(2005, 1, 1), date(2015, 1, 1), TODAY)
    ]
    assert [(m.ids, m.unnamed) for m in on] == [(("AAA", "BBB"), 1), (("AAA",), 0), (("AAA",), 0)]
    assert all(not m.weights and not m.totals for m in on)


def test_members_of_a_list_take_the_seats_that_a_table_does_not_name():
    record = Small(
        weights=[seat("AAA", date(2000, 1, 1), total=4)],
        memberships=[spell(code, date(2000, 1, 1), body="bank") for code in ("AAA", "BBB")],
    )
    members = members_of(record, "bank", TODAY).members
    assert (members.ids, members.unnamed) == (("AAA", "BBB"), 2)


def test_shares_serve_as_votes_and_keep_their_exact_value():
    record = Small(
        weights=[weight("AAA", "0.155", date(2020, 1, 1), total=1, name="share")],
        bodies=[body("bank", 3)],
    )
    members = members_of(record, "bank", TODAY).members
    assert members.weights["votes"] == {"AAA": Fraction(155, 1000)}
    assert (members.totals["votes"], members.unnamed) == (1, 2)


def test_the_united_nations_count_each_seat_once():
    record = Small(
        states=[
            state("OLD", date(1945, 10, 24), date(1991, 12, 24)),
            state("NEW", date(1945, 10, 24), continues="OLD"),
            state("AAA", date(1960, 1, 1)),
            state("ZZZ"),
        ]
    )
    before, after = date(1991, 12, 23), date(1991, 12, 24)
    assert members_of(record, "unga", before).members.ids == ("AAA", "OLD")
    assert members_of(record, "un", after).members.ids == ("AAA", "NEW")
    assert members_of(record, "un", date(1959, 12, 31)).members.ids == ("OLD",)
    assert seats(record, before) == {"NEW": "OLD"}
    assert seats(record, after) == {}


def rule_row(rule, decision="all", start=None, end=None):
    return {
        "body_id": "unsc",
        "decision": decision,
        "rule": rule,
        "form": "vote" if rule else "clause",
        "start": start,
        "end": end,
        "label_en": "All",
        "label_zh": "一切",
    }


def test_a_rule_names_the_states_that_sat_on_the_day():
    record = Small(
        states=[
            state("OLD", date(1945, 10, 24), date(1991, 12, 24)),
            state("NEW", date(1945, 10, 24), continues="OLD"),
        ],
        decision_rules=[rule_row('veto({"NEW"})')],
    )
    assert str(rule_of(record, "unsc", "all", date(1990, 1, 1)).rule) == 'veto({"OLD"})'
    assert str(rule_of(record, "unsc", "all", date(1992, 1, 1)).rule) == 'veto({"NEW"})'


def test_a_rule_does_not_reach_back_before_it_read_so():
    record = Small(decision_rules=[rule_row("count(9)", start=date(1965, 8, 31))])
    assert rules_of(record, "unsc", date(1965, 8, 30)) == ()
    with pytest.raises(BadInput, match="no decision 'all'"):
        rule_of(record, "unsc", "all", date(1965, 8, 30))
    assert rule_of(record, "unsc", "all", date(1965, 8, 31)).rule is not None


def test_a_rule_ends_on_the_day_on_which_it_no_longer_reads_so():
    change = date(1965, 8, 31)
    record = Small(
        decision_rules=[
            rule_row("count(7)", end=change),
            rule_row("count(9)", start=change),
            rule_row("count(1)", "other", end=change),
        ]
    )
    before, after = (
        {rule.decision: str(rule.rule) for rule in rules_of(record, "unsc", day)}
        for day in (date(1965, 8, 30), change)
    )
    assert before == {"all": "count(7)", "other": "count(1)"}
    assert after == {"all": "count(9)"}


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_readings_in_force_the_later_holds(turned):
    rows = [rule_row("count(7)"), rule_row("count(9)", start=date(1990, 1, 1))]
    record = Small(decision_rules=rows[::-1] if turned else rows)
    read = [
        [str(rule.rule) for rule in rules_of(record, "unsc", day)]
        for day in (date(1989, 12, 31), date(1990, 1, 1))
    ]
    assert read == [["count(7)"], ["count(9)"]]


def test_a_clause_has_no_rule_but_texts():
    record = Small(decision_rules=[rule_row(None)])
    (found,) = rules_of(record, "unsc", TODAY)
    assert found.rule is None
    assert (found.text("label", "en"), found.text("label", "zh")) == ("All", "一切")


@pytest.fixture(scope="module")
def almanac():
    return Record()


@needs_almanac
def test_one_member_alone_blocks_85_per_cent_of_the_imf(almanac):
    members = members_of(almanac, "imf", TODAY).members
    assert (len(members.ids), members.unnamed) == (191, 0)
    for decision in ("special-85", "amendment"):
        rule = rule_of(almanac, "imf", decision, TODAY).rule
        assert veto_holders(rule, members).value == ("USA",)
    assert veto_holders(rule_of(almanac, "imf", "special-70", TODAY).rule, members).value == ()
    assert veto_holders(rule_of(almanac, "imf", "ordinary", TODAY).rule, members).value == ()


@needs_almanac
def test_five_members_alone_block_the_security_council(almanac):
    members = members_of(almanac, "unsc", TODAY).members
    rule = rule_of(almanac, "unsc", "substantive", TODAY).rule
    assert len(members.ids) == 15
    assert set(veto_holders(rule, members).value) == {"CHN", "FRA", "GBR", "RUS", "USA"}
    assert veto_holders(rule_of(almanac, "unsc", "procedural", TODAY).rule, members).value == ()
    assert can_pass_without(rule, members, "USA", "absent").value is True
    assert can_pass_without(rule, members, "USA", "opposed").value is False


@needs_almanac
def test_rule_of_the_security_council_in_1970_names_the_soviet_union(almanac):
    rule = rule_of(almanac, "unsc", "substantive", date(1970, 1, 1)).rule
    assert '"SUN"' in str(rule)
    assert '"RUS"' not in str(rule)


@needs_almanac
def test_general_assembly_has_193_members_and_none_blocks(almanac):
    members = members_of(almanac, "unga", TODAY).members
    assert (len(members.ids), members.unnamed) == (193, 0)
    rule = rule_of(almanac, "unga", "important", TODAY).rule
    assert veto_holders(rule, members).value == ()
    assert quorum_stands(rule, members, members.ids[:96]).value is True
    assert quorum_stands(rule, members, members.ids[:97]).value is False


@needs_almanac
def test_eu_council_has_27_members_and_each_blocks_unanimity(almanac):
    members = members_of(almanac, "eu-council", TODAY).members
    assert (len(members.ids), members.unnamed) == (27, 0)
    unanimity = rule_of(almanac, "eu-council", "unanimity", TODAY).rule
    assert veto_holders(unanimity, members).value == members.ids
    qualified = rule_of(almanac, "eu-council", "qualified", TODAY).rule
    assert veto_holders(qualified, members).value == ()


@needs_almanac
def test_largest_member_blocks_the_super_majority_of_the_aiib(almanac):
    members = members_of(almanac, "aiib", TODAY).members
    rule = rule_of(almanac, "aiib", "super", TODAY).rule
    assert veto_holders(rule, members).value == ("CHN",)


@needs_almanac
def test_tables_of_the_largest_members_only_still_answer_what_is_certain(almanac):
    members = members_of(almanac, "adb", TODAY).members
    rule = rule_of(almanac, "adb", "amendment", TODAY).rule
    assert not members.complete
    assert sure_holders(rule, members) == ()
    assert can_pass_without(rule, members, members.ids[0], "opposed").value is not False


@needs_almanac
@pytest.mark.parametrize(
    ("body_id", "named", "unnamed"),
    [("nato", 32, 0), ("brics", 10, 0), ("opec", 11, 0), ("unhrc", 0, 47), ("wto", 0, 166)],
)
def test_the_number_of_members_of_a_body_is_known_today(almanac, body_id, named, unnamed):
    members = members_of(almanac, body_id, TODAY).members
    assert (len(members.ids), members.unnamed) == (named, unnamed)


@needs_almanac
def test_two_exits_from_the_health_organisation_are_counted(almanac):
    days = (date(2026, 1, 21), date(2026, 1, 22), date(2026, 3, 17))
    rolls = [members_of(almanac, "who", day).members for day in days]
    assert [roll and roll.unnamed for roll in rolls] == [None, 193, 192]


@needs_almanac
def test_every_body_that_votes_has_members_whose_number_is_known(almanac):
    voting = {r["body_id"] for r in almanac.rows("decision_rules") if r["form"] == "vote"}
    for body_id in sorted(voting):
        members = members_of(almanac, body_id, TODAY).members
        assert members is not None, body_id
        assert members.unnamed is not None, body_id


@needs_almanac
def test_every_rule_of_the_almanac_gives_a_verdict_or_a_reason(almanac):
    bodies = sorted({row["body_id"] for row in almanac.rows("decision_rules")})
    judged = 0
    for body_id in bodies:
        roll = members_of(almanac, body_id, TODAY)
        for found in rules_of(almanac, body_id, TODAY):
            if found.rule is None or roll.members is None:
                assert roll.members is not None or roll.why
                continue
            verdict = found.rule.evaluate({}, roll.members, rest="yes")
            assert verdict.passed is not False, (body_id, found.decision, verdict.why("en"))
            assert found.rule.evaluate({}, roll.members, rest="absent").passed is not True
            judged += 1
    assert judged > 30
