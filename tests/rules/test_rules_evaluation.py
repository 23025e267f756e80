"""Known answers of the rules, each from its charter."""

from __future__ import annotations

from fractions import Fraction

import pytest

from multipolar.errors import BadInput
from multipolar.rules import (
    Members,
    blocking_minority,
    consensus,
    count,
    negative_consensus,
    parse,
    quorum,
    unanimity,
    veto,
    weighted,
)
from multipolar.rules.form import At, form_of

FIVE = ("CHN", "FRA", "GBR", "RUS", "USA")
TEN = tuple(f"E{n:02}" for n in range(10))
COUNCIL = FIVE + TEN
SUBSTANTIVE = count(9) & veto(FIVE)


def vote(yes, no=(), absent=(), members=COUNCIL):
    others = dict.fromkeys(members, "abstain")
    return (
        others
        | dict.fromkeys(yes, "yes")
        | dict.fromkeys(no, "no")
        | dict.fromkeys(absent, "absent")
    )


def test_security_council_adopts_with_nine_of_fifteen():
    assert SUBSTANTIVE.evaluate(vote(TEN[:9]), COUNCIL).passed is True
    verdict = SUBSTANTIVE.evaluate(vote(TEN[:8]), COUNCIL)
    assert verdict.passed is False
    assert verdict.why("en") == ["8 votes in favour, 9 needed"]
    assert verdict.why("zh") == ["8票赞成，须9票"]


def test_one_permanent_member_voting_no_stops_fourteen():
    verdict = SUBSTANTIVE.evaluate(vote(set(COUNCIL) - {"USA"}, no=["USA"]), COUNCIL)
    assert verdict.passed is False
    assert verdict.why("en", {"USA": "the United States"}.get) == ["voted no: the United States"]
    assert verdict.why("zh", {"USA": "美国"}.get) == ["投反对票：美国"]


@pytest.mark.parametrize("position", ["abstain", "absent"])
def test_abstention_or_absence_of_permanent_members_is_no_veto(position):
    ballot = vote(TEN[:9]) | dict.fromkeys(FIVE, position)
    assert SUBSTANTIVE.evaluate(ballot, COUNCIL).passed is True


def test_an_elected_member_voting_no_does_not_stop_a_text():
    assert SUBSTANTIVE.evaluate(vote(set(COUNCIL) - {"E00"}, no=["E00"]), COUNCIL).passed is True


def test_half_exactly_is_not_a_majority():
    four = ("A", "B", "C", "D")
    rule = count("majority", of="present_and_voting")
    tie = {"A": "yes", "B": "yes", "C": "no", "D": "no"}
    assert rule.evaluate(tie, four).passed is False
    assert rule.evaluate(tie | {"D": "abstain"}, four).passed is True


def test_a_vote_in_which_nobody_says_yes_adopts_nothing():
    rule = count("2/3", of="present_and_voting")
    assert rule.evaluate({}, ("A", "B"), rest="abstain").passed is False
    assert weighted("1/2", of="votes_cast").evaluate({}, ("A",), rest="abstain").passed is False


def test_present_and_voting_leaves_out_abstentions_and_members_do_not():
    ballot = {"A": "yes", "B": "yes", "C": "no", "D": "abstain", "E": "absent"}
    assert count("2/3", of="present_and_voting").evaluate(ballot, tuple("ABCDE")).passed is True
    assert count("2/3", of="present").evaluate(ballot, tuple("ABCDE")).passed is False
    assert count("2/5", of="members").evaluate(ballot, tuple("ABCDE")).passed is True


EU = parse(
    'count("55/100") & (weighted("65/100", of="population")'
    ' | blocking_minority(members=4, share="35/100", of="population"))'
)


def union(shares):
    return Members(tuple(shares), {"population": shares}, {"population": Fraction(1)})


def test_three_large_states_above_35_per_cent_do_not_block_the_eu_council():
    shares = {f"L{n}": Fraction(15, 100) for n in range(3)}
    shares |= {f"S{n}": Fraction(55, 2400) for n in range(24)}
    members = union(shares)
    opposed = dict.fromkeys(["L0", "L1", "L2"], "no")
    assert EU.evaluate(opposed, members, rest="yes").passed is True
    four = opposed | {"S0": "abstain"}
    verdict = EU.evaluate(four, members, rest="yes")
    assert verdict.passed is False
    assert any("blocking minority" in reason for reason in verdict.why("en"))
    assert any("阻止少数" in reason for reason in verdict.why("zh"))


def test_four_states_with_35_per_cent_exactly_do_not_block():
    shares = {f"L{n}": Fraction(35, 400) for n in range(4)}
    shares |= {f"S{n}": Fraction(65, 2300) for n in range(23)}
    assert EU.evaluate(dict.fromkeys(list(shares)[:4], "no"), union(shares), rest="yes").passed


def test_fifteen_of_27_are_needed_whatever_the_population():
    shares = {f"L{n}": Fraction(1, 14) for n in range(14)} | {
        f"S{n}": Fraction(0) for n in range(13)
    }
    ballot = {state: "yes" if state[0] == "L" else "no" for state in shares}
    verdict = EU.evaluate(ballot, union(shares))
    assert verdict.why("en") == ["14 votes in favour, 15 needed"]


def test_weighted_quota_is_exact_at_the_edge():
    members = Members(("A", "B"), {"votes": {"A": Fraction(85), "B": Fraction(15)}})
    rule = weighted("85/100", of="total_votes")
    assert rule.evaluate({"A": "yes", "B": "no"}, members).passed is True
    slightly = Members(("A", "B"), {"votes": {"A": Fraction(8499), "B": Fraction(1501)}})
    verdict = rule.evaluate({"A": "yes", "B": "no"}, slightly)
    assert verdict.why("en") == ["84.99% of the total voting power in favour, 85% needed"]


def test_eu_unanimity_stands_with_abstention_and_falls_with_absence():
    rule = unanimity(abstain="allowed")
    assert rule.evaluate({"A": "yes", "B": "abstain"}, ("A", "B")).passed is True
    assert rule.evaluate({"A": "yes", "B": "absent"}, ("A", "B")).passed is False
    assert unanimity().evaluate({"A": "yes", "B": "abstain"}, ("A", "B")).passed is False


def test_consensus_stands_unless_a_member_objects():
    assert consensus().evaluate({"A": "yes", "B": "absent"}, ("A", "B")).passed is True
    assert consensus().evaluate({"A": "yes", "B": "no"}, ("A", "B")).passed is False
    rule = consensus(except_="concerned")
    assert rule.evaluate({"A": "yes", "B": "no"}, ("A", "B"), concerned="B").passed is True
    assert rule.evaluate({"A": "yes", "B": "no"}, ("A", "B"), concerned="A").passed is False


def test_negative_consensus_falls_only_when_nobody_wants_the_report():
    rule = negative_consensus()
    assert rule.evaluate({"A": "yes"}, tuple("ABC"), rest="no").passed is True
    assert rule.evaluate({}, tuple("ABC"), rest="no").passed is False
    assert rule.evaluate({"A": "abstain"}, tuple("ABC"), rest="no").passed is False
    assert rule.evaluate({}, tuple("ABC"), rest="abstain").passed is True


def test_four_fifths_leaves_out_the_member_concerned():
    rule = count("4/5", except_="concerned")
    ballot = {"A": "no", "B": "yes", "C": "yes", "D": "yes", "E": "yes", "F": "no"}
    assert rule.evaluate(ballot, tuple("ABCDEF"), concerned="A").passed is True
    assert rule.evaluate(ballot, tuple("ABCDEF")).passed is False


def test_quorum_counts_who_is_present_not_who_agrees():
    rule = quorum("1/3")
    assert rule.evaluate({"A": "no"}, tuple("ABC"), rest="absent").passed is True
    assert rule.evaluate({}, tuple("ABC"), rest="absent").passed is False
    half = quorum("majority")
    assert half.evaluate({"A": "yes", "B": "yes"}, tuple("ABCD"), rest="absent").passed is False


def test_all_of_a_group_must_agree_where_the_charter_names_them():
    rule = count("2/3") & count(2, among={"A", "B"})
    assert rule.evaluate({"A": "yes", "B": "yes", "C": "no"}, tuple("ABC")).passed is True
    assert rule.evaluate({"A": "yes", "B": "abstain", "C": "yes"}, tuple("ABC")).passed is False


def test_missing_weights_decide_only_what_holds_however_they_are_spread():
    known = {"A": Fraction(30), "B": Fraction(10)}
    members = Members(("A", "B"), {"votes": known}, {"votes": Fraction(100)}, unnamed=5)
    rule = weighted("75/100", of="total_votes")
    assert rule.evaluate({"A": "no", "B": "yes"}, members, rest="yes").passed is False
    assert rule.evaluate({"A": "yes", "B": "no"}, members, rest="yes").passed is True
    some = rule.evaluate({"A": "yes", "B": "yes", "?": "no"}, members, rest="yes")
    assert some.passed is None
    assert "weights" in some.why("en")[0]
    assert "权重" in some.why("zh")[0]


def test_a_count_does_not_need_weights():
    members = Members(("A", "B"), {}, {}, unnamed=1)
    assert count("2/3").evaluate({"A": "yes", "B": "yes"}, members, rest="absent").passed is True
    unknown = Members(("A", "B"), {}, {}, unnamed=None)
    assert count("2/3").evaluate({"A": "yes", "B": "yes"}, unknown, rest="no").passed is None
    assert count(2).evaluate({"A": "yes", "B": "yes"}, unknown, rest="no").passed is True


def test_a_ballot_with_gaps_or_strangers_is_refused():
    with pytest.raises(BadInput, match="no position of B"):
        count(1).evaluate({"A": "yes"}, ("A", "B"))
    with pytest.raises(BadInput, match="'maybe' is not a position"):
        count(1).evaluate({"A": "maybe"}, ("A",))
    with pytest.raises(BadInput, match="Z is not a member"):
        count(1).evaluate({"A": "yes", "Z": "yes"}, ("A",))


def test_a_number_above_the_members_or_the_votes_is_refused():
    with pytest.raises(BadInput, match="above the total 2"):
        count(3).evaluate({}, ("A", "B"), rest="yes")
    members = Members(("A",), {"votes": {"A": Fraction(5)}})
    with pytest.raises(BadInput, match="above the total 5"):
        weighted(6).evaluate({}, members, rest="yes")


def test_sentences_read_in_both_languages():
    name = {"CHN": "China", "FRA": "France"}.get
    rule = count(9) & veto({"CHN", "FRA"})
    assert rule.sentence("en", name) == (
        "Adopted if at least 9 members vote in favour and none of China and France votes no."
    )
    zh = {"CHN": "中国", "FRA": "法国"}.get
    assert rule.sentence("zh", zh) == "至少9个成员投赞成票；且中国和法国均未投反对票，即获通过。"
    assert count("2/3", of="present_and_voting").sentence("zh") == (
        "出席并参加表决的成员中至少三分之二投赞成票，即获通过。"
    )
    assert weighted("85/100").sentence("en") == (
        "Adopted if members with at least 85% of the total voting power vote in favour."
    )


def test_blocking_minority_alone_passes_when_the_opposition_is_small():
    rule = blocking_minority(2, "1/2", of="total_votes")
    members = Members(tuple("ABC"), {"votes": {s: Fraction(1) for s in "ABC"}})
    assert rule.evaluate({"A": "no"}, members, rest="yes").passed is True
    assert rule.evaluate({"A": "yes"}, members, rest="no").passed is False


def test_a_named_group_of_which_some_may_sit_without_a_name_leaves_the_outcome_open():
    rule, some = count(2, among={"A", "B"}), Members(("A",), unnamed=3)
    assert rule.evaluate({}, some, rest="yes").passed is None
    assert rule.evaluate({"A": "no"}, some, rest="no").passed is False
    assert rule.evaluate({"B": "yes"}, some, rest="yes").passed is True
    assert count("1/2", among={"A", "B"}).evaluate({}, some, rest="yes").passed is None
    with pytest.raises(BadInput, match="not known whether B is a member"):
        form_of(rule, some)
    assert form_of(rule, some.naming(("B",))).formula == At(0, 2)
