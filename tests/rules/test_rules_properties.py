"""What holds for every rule."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rule_strategies import STATES, ballots, full_members, monotone_rules, rules, some_states

from multipolar.rules import (
    Members,
    can_pass_without,
    count,
    quorum,
    quorum_stands,
    sure_holders,
    veto,
    veto_holders,
    weighted,
)


@given(monotone_rules, full_members(), ballots, st.sampled_from(STATES))
def test_turning_a_no_into_a_yes_never_stops_a_text(rule, members, ballot, state):
    before = rule.evaluate(ballot | {state: "no"}, members)
    after = rule.evaluate(ballot | {state: "yes"}, members)
    if before.passed:
        assert after.passed


@given(rules, full_members(), ballots)
def test_known_weights_decide_every_vote_that_uses_them(rule, members, ballot):
    verdict = rule.evaluate(ballot, members)
    if 'weight="x"' not in str(rule):
        assert verdict.passed is not None
    assert bool(verdict.reasons) is (verdict.passed is not True)


@given(rules, full_members(), ballots, st.permutations(STATES))
def test_order_of_members_changes_nothing(rule, members, ballot, order):
    other = Members(tuple(order), members.weights, members.totals)
    assert rule.evaluate(ballot, members).passed == rule.evaluate(ballot, other).passed


@given(full_members(), st.integers(1, 99))
def test_veto_holders_are_those_whose_weight_leaves_too_little(members, percent):
    rule = weighted(Fraction(percent, 100))
    table, total = members.weights["votes"], members.totals["votes"]
    slow = tuple(s for s in STATES if (total - table[s]) / total < Fraction(percent, 100))
    assert veto_holders(rule, members).value == slow


@given(monotone_rules, full_members())
def test_veto_holders_agree_with_a_vote_by_hand(rule, members):
    everybody = rule.evaluate({}, members, rest="yes")
    answer = veto_holders(rule, members)
    if everybody.passed is False:
        assert answer.value == ()
        assert answer.why
        return
    slow = tuple(s for s in STATES if not rule.evaluate({s: "no"}, members, rest="yes").passed)
    assert answer.value == slow == sure_holders(rule, members)


@given(some_states)
def test_veto_gives_its_holders_and_nobody_else_the_power_to_block(states):
    answer = veto_holders(count(1) & veto(states), Members(STATES))
    assert set(answer.value) == states


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 12), min_size=3, max_size=3),
    st.integers(1, 11),
    st.sampled_from(STATES),
    st.sampled_from(["absent", "opposed"]),
)
def test_an_answer_under_missing_weights_holds_for_every_spread(hidden, twelfths, state, mode):
    """Brute force: the truth with some spread must never contradict a certain answer."""
    rule = weighted(Fraction(twelfths, 12))
    known = {s: Fraction(5) for s in STATES[:3]}
    total = Fraction(15 + sum(hidden))
    partial = Members(STATES[:3], {"votes": known}, {"votes": total}, unnamed=3)
    told = can_pass_without(rule, partial, state, mode).value
    whole = Members(
        STATES,
        {"votes": known | dict(zip(STATES[3:], map(Fraction, hidden), strict=True))},
        {"votes": total},
    )
    truth = can_pass_without(rule, whole, state, mode).value
    assert told is None or told == truth


def test_an_answer_is_withheld_only_where_spreads_disagree():
    known = {"AAA": Fraction(4), "BBB": Fraction(4)}
    for left, twelfths in product(range(9), range(1, 12)):
        total = Fraction(8 + left)
        rule = weighted(Fraction(twelfths, 12))
        partial = Members(("AAA", "BBB"), {"votes": known}, {"votes": total}, unnamed=2)
        told = can_pass_without(rule, partial, "CCC", "opposed").value
        truths = {(total - own) / total >= Fraction(twelfths, 12) for own in range(left + 1)}
        assert told == (truths.pop() if len(truths) == 1 else None)


@given(rules, full_members(), st.sampled_from(STATES))
def test_absent_never_hurts_more_than_opposed_without_quorum(rule, members, state):
    assume("quorum" not in str(rule) and "unanimity" not in str(rule))
    absent = can_pass_without(rule, members, state, "absent").value
    opposed = can_pass_without(rule, members, state, "opposed").value
    if opposed:
        assert absent or "negative" in str(rule)


@given(full_members(), some_states)
def test_quorum_falls_exactly_when_too_few_come(members, away):
    assert quorum_stands(quorum("2/3"), members, away).value is (6 - len(away) >= 4)


@given(rules, full_members(), ballots)
def test_a_verdict_does_not_depend_on_the_unit_of_the_weights(rule, members, ballot):
    table = {s: w / 7 for s, w in members.weights["votes"].items()}
    scaled = Members(STATES, {"votes": table}, {"votes": members.totals["votes"] / 7})
    assume(not re.search(r"weighted\(\d", str(rule)))
    assert rule.evaluate(ballot, scaled).passed == rule.evaluate(ballot, members).passed
