"""Exact answers without an index, on cases that can be checked by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from multipolar.errors import BadInput
from multipolar.rules import (
    Members,
    can_pass_without,
    count,
    margin,
    negative_consensus,
    parse,
    quorum,
    quorum_stands,
    sure_holders,
    veto_holders,
    weighted,
)

FUND = Members(
    ("BIG", "MID", "LOW"),
    {"votes": {"BIG": Fraction(165), "MID": Fraction(140), "LOW": Fraction(695)}},
    {"votes": Fraction(1000)},
)


def test_16_5_per_cent_blocks_85_per_cent_and_not_70():
    assert veto_holders(weighted("85/100"), FUND).value == ("BIG", "LOW")
    assert "BIG" not in veto_holders(weighted("70/100"), FUND).value
    assert can_pass_without(weighted("85/100"), FUND, "MID", "opposed").value is True
    assert can_pass_without(weighted("85/100"), FUND, "BIG", "absent").value is False
    assert can_pass_without(weighted("85/100"), FUND, "BIG", "exit").value is True


def test_exit_shrinks_the_quota_and_absence_does_not():
    members = Members(tuple("ABCD"))
    rule = count("4/5")
    assert can_pass_without(rule, members, "A", "absent").value is False
    assert can_pass_without(rule, members, "A", "exit").value is True


def test_margin_is_the_exact_share_of_the_others():
    (leg,) = margin(weighted("85/100"), FUND, "BIG")
    assert (leg.have, leg.need, leg.spare) == (
        Fraction(835, 1000),
        Fraction(85, 100),
        Fraction(-15, 1000),
    )
    assert leg.reached is False
    (other,) = margin(weighted("85/100"), FUND, "MID")
    assert other.spare == Fraction(1, 100)
    assert other.reached is True


def test_margin_has_one_entry_for_each_quota_of_a_rule():
    legs = margin(count("3/5") & weighted("85/100") & quorum("majority"), FUND, "BIG")
    assert [leg.have for leg in legs] == [Fraction(2, 3), Fraction(835, 1000)]


def test_margin_is_not_known_where_the_weight_is_not():
    members = Members(("A",), {"votes": {"A": Fraction(40)}}, {"votes": Fraction(100)}, unnamed=2)
    (leg,) = margin(weighted("1/2"), members, "B")
    assert leg.have is None
    assert leg.spare is None
    assert leg.reached is None


def test_nobody_blocks_under_negative_consensus():
    assert veto_holders(negative_consensus(), Members(tuple("ABC"))).value == ()


def test_holders_stay_unknown_where_an_unlisted_member_might_block():
    members = Members(("A", "B"), {"votes": {"A": Fraction(30), "B": Fraction(30)}})
    partial = Members(members.ids, members.weights, {"votes": Fraction(100)}, unnamed=4)
    answer = veto_holders(weighted("75/100"), partial)
    assert answer.value is None
    assert answer.why
    assert sure_holders(weighted("75/100"), partial) == ("A", "B")
    assert veto_holders(weighted("55/100"), partial).value == ()


def test_a_rule_that_cannot_be_met_has_no_holders_but_a_reason():
    rule = count(2, among={"X", "Y"}) & count("1/3")
    answer = veto_holders(rule, Members(tuple("ABC")))
    assert answer.value == ()
    assert "not met even when all" in answer.why[0].sentence("en")


def test_quorum_stands_counts_heads_and_weights():
    rule = parse('count("majority") & quorum("majority") & quorum("2/3", of="total_votes")')
    assert quorum_stands(rule, FUND, ["BIG"]).value is True
    assert quorum_stands(rule, FUND, ["LOW"]).value is False
    assert quorum_stands(rule, FUND, ["BIG", "MID"]).value is False


def test_a_rule_without_quorum_gives_no_answer_but_a_reason():
    answer = quorum_stands(count(1), FUND, ["BIG"])
    assert answer.value is None
    assert "no quorum" in answer.why[0].sentence("en")


def test_an_unknown_mode_is_refused_with_the_known_ones():
    with pytest.raises(BadInput) as caught:
        can_pass_without(count(1), FUND, "BIG", "asleep")
    assert caught.value.candidates == ("absent", "opposed", "exit")
