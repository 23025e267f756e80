"""Who can block alone, and the fewest that block or win together."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multipolar.errors import BadInput
from multipolar.measures.power import coalitions, search
from multipolar.measures.power.coalitions import (
    Coalition,
    blockers,
    smallest_blocking,
    smallest_winning,
)
from multipolar.rules.form import At, Every, Form, Some
from multipolar.rules.game import Game

HUGE = 10**25


def make(rows, formula):
    """A form of some criteria."""
    rows = tuple(map(tuple, rows))
    return Form(tuple(map(str, range(len(rows[0])))), rows, rows, formula)


def weighted(quota, *weights):
    """A game of one quota."""
    return make([weights], At(0, quota))


@st.composite
def forms(draw):
    """Forms of up to 7 players and 3 criteria, nested at random.

    Weights are small, equal, huge, or all but some of them multiples of a large number.
    """
    n, criteria = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    scale = draw(st.sampled_from((1, 1, 2, HUGE)))
    weight = st.integers(0, draw(st.sampled_from((1, 3, 10)))).map(lambda w: w * scale)
    rows = [
        [draw(weight) + (draw(st.integers(0, 9)) == 9) for _ in range(n)] for _ in range(criteria)
    ]
    leaf = st.integers(0, criteria - 1).flatmap(
        lambda k: st.builds(At, st.just(k), st.integers(0, sum(rows[k]) + 1))
    )
    formula = st.recursive(
        leaf,
        lambda part: (
            st.builds(Every, st.tuples(part, part)) | st.builds(Some, st.tuples(part, part, leaf))
        ),
        max_leaves=6,
    )
    return make(rows, draw(formula))


@st.composite
def questions(draw):
    """A form, and players inside, outside and there anyway."""
    form = draw(forms())
    word = st.sampled_from(draw(st.sampled_from(("free", "free i", "free free i o t"))).split())
    roles = [draw(word) for _ in form.players]
    return form, *({i for i, role in enumerate(roles) if role == own} for own in "iot")


def sides(form, there):
    """The two questions: whether a set, with those there, wins; and whether it blocks."""
    everybody = set(range(len(form.players)))
    yield smallest_winning, "favour", lambda own: form.wins(own | there)
    yield smallest_blocking, "against", lambda own: not form.wins(everybody - own - there)


def fewest(form, does, inside, outside, there):
    """The twin: the size of the smallest set that does it and needs all that are inside."""
    free = [i for i in range(len(form.players)) if i not in inside | outside | there]
    for size in range(len(free) + 1):
        for own in combinations(free, size):
            whole = inside | set(own)
            if does(whole) and not any(does(whole - {i}) for i in inside):
                return len(whole)
    return None


def check(found, expected, does, inside, barred):
    """What every answer must be, proven or not."""
    if found.players is None:
        assert found.lower == 0 if found.smallest else expected is None or found.lower <= expected
        assert expected is None or not found.smallest
        return
    own = set(found.players)
    assert list(found.players) == sorted(own)
    assert inside <= own
    assert not own & barred
    assert does(own)
    assert not any(does(own - {i}) for i in own)
    assert found.lower <= expected <= len(own)
    if found.smallest:
        assert len(own) == expected == found.lower


@settings(max_examples=120, deadline=None)
@given(questions())
def test_answers_are_those_of_enumeration(question):
    form, inside, outside, there = question
    for smallest, word, does in sides(form, there):
        found = smallest(form, containing=inside, excluding=outside, **{word: there})
        assert found.smallest
        check(found, fewest(form, does, inside, outside, there), does, inside, outside | there)


@settings(max_examples=100, deadline=None)
@given(
    questions(),
    st.sampled_from((0, 20, 300, 5000, 200_000)),
    st.sampled_from(((search, "BOXES", 0), (search, "_PAIRS", 0), (search, "_BITS", 10), None)),
    st.booleans(),
)
def test_little_effort_and_little_memory_never_give_a_false_claim(question, budget, limit, tried):
    form, inside, outside, there = question
    with pytest.MonkeyPatch.context() as patch:
        if limit:
            patch.setattr(*limit)
        if not tried:
            patch.setattr(coalitions, "MOST", 0)
        for smallest, word, does in sides(form, there):
            found = smallest(
                form, containing=inside, excluding=outside, budget=budget, **{word: there}
            )
            check(found, fewest(form, does, inside, outside, there), does, inside, outside | there)


@settings(max_examples=100, deadline=None)
@given(forms())
def test_blockers_are_those_without_whom_all_others_lose(form):
    everybody = set(range(len(form.players)))
    expected = [i for i in sorted(everybody) if not form.wins(everybody - {i})]
    assert list(blockers(form)) == (expected if form.wins(everybody) else [])


def test_security_council():
    form = weighted(39, *[7] * 5, *[1] * 10)
    assert blockers(form) == (0, 1, 2, 3, 4)
    assert smallest_blocking(form) == Coalition((0,), True, 1)
    assert smallest_blocking(form, excluding=range(5)).players == (5, 6, 7, 8, 9, 10, 11)
    assert smallest_winning(form).players == (0, 1, 2, 3, 4, 5, 6, 7, 8)
    # Who is needed beside two elected members that agree already.
    assert smallest_winning(form, favour=[13, 14], excluding=[5]).players == (0, 1, 2, 3, 4, 6, 7)
    # A permanent member blocks alone, so that no elected member is needed beside it.
    assert smallest_blocking(form, containing=[14]).players == (5, 6, 7, 8, 9, 10, 14)
    assert smallest_blocking(form, containing=[0, 14]) == Coalition(None, True, 0)
    assert smallest_winning(form, excluding=[0]) == Coalition(None, True, 0)


def test_a_dummy_is_in_no_smallest_coalition():
    six = weighted(12, 4, 4, 4, 2, 2, 1)
    assert smallest_winning(six, containing=[5]) == Coalition(None, True, 0)
    assert smallest_blocking(six, containing=[5]) == Coalition(None, True, 0)
    assert smallest_winning(six, containing=[4]).players == (0, 1, 3, 4)
    assert smallest_blocking(six, containing=[4]).players == (0, 4)


def test_a_council_of_heads_people_and_a_blocking_minority():
    # Of 27, 15 with 65 of 100 people, or all but three whatever the people.
    people = [19, 15, 13, 11, 8, 4, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    form = make([[1] * 27, people], Every((At(0, 15), Some((At(1, 65), At(0, 24))))))
    assert sum(people) == 100
    assert blockers(form) == ()
    # Three hold 47, but a minority needs four; four with more than 35 are enough.
    assert smallest_blocking(form).players == (0, 1, 2, 3)
    assert smallest_blocking(form, containing=[26]).players == (0, 1, 2, 26)
    assert smallest_blocking(form, excluding=[0, 1, 2, 3]).players == tuple(range(4, 17))
    assert smallest_winning(form) == Coalition(tuple(range(15)), True, 15)


def many(seed, n):
    """Weights as unequal as those of large funds."""
    random = Random(seed)
    return [int(1500 * min(60, random.paretovariate(0.8))) for _ in range(n)]


def test_a_fund_of_190_members_is_answered_for_its_lightest_member():
    weights = many(1, 190)
    weights[3] = sum(weights) // 5
    quota = -(-sum(weights) * 85 // 100)
    form = make([weights, [1] * 190], Every((At(0, quota), At(1, 115))))
    assert blockers(form) == (3,)
    lightest = weights.index(min(weights))
    blocking = smallest_blocking(form, containing=[lightest])
    lost = sum(weights[i] for i in blocking.players)
    assert blocking.smallest
    assert sum(weights) - lost < quota <= sum(weights) - lost + weights[lightest]
    # Greedy is exact for one criterion, and heads decide where more are needed.
    alone = make([weights], At(0, quota))
    heaviest = sorted(weights, reverse=True)
    greedy = next(k for k in range(191) if sum(heaviest[:k]) >= quota)
    assert len(smallest_winning(alone).players) == greedy < 115
    assert len(smallest_winning(form).players) == 115


def test_two_unlike_criteria_of_a_thousand_players_are_settled():
    rows = [many(2, 1000), many(3, 1000)]
    form = make(rows, Every(tuple(At(k, sum(row) * 65 // 100) for k, row in enumerate(rows))))
    found = smallest_winning(form)
    assert found.smallest
    assert form.wins(found.players)
    # One fewer do not even reach some mixture of both thresholds.
    (one, two), (first, second) = rows, (sum(row) * 65 // 100 for row in rows)
    assert any(
        sum(sorted(k * a + (100 - k) * b for a, b in zip(one, two, strict=True))[1 - found.lower :])
        < k * first + (100 - k) * second
        for k in range(101)
    )


def test_sums_that_cannot_meet_are_seen_without_trying_them_all():
    random = Random(4)
    tens = [10 * w for w in random.sample(range(100, 1000), 60)]
    form = weighted(sum(tens) // 20 * 10 + 5, *tens, 7, 1)
    assert smallest_winning(form, containing=[61]) == Coalition(None, True, 0)
    assert smallest_winning(form, containing=[60]).smallest


def test_what_is_not_settled_is_said():
    random = Random(5)
    weights = [random.randrange(10**9, 10**10) for _ in range(40)]
    form = weighted(sum(weights) // 2, *weights, 1)
    found = smallest_winning(form, containing=[40], budget=2000)
    assert found.players is None
    assert not found.smallest
    assert 10 < found.lower < 30


def test_a_rule_that_never_or_always_passes():
    always, never = (Form(("a", "b"), (), (), outcome) for outcome in (True, False))
    assert blockers(always) == blockers(never) == ()
    assert smallest_winning(always) == Coalition((), True, 0)
    assert smallest_winning(never) == Coalition(None, True, 0)
    assert smallest_blocking(always) == Coalition(None, True, 0)
    assert smallest_blocking(never) == Coalition((), True, 0)


def test_players_that_cannot_be_meant_are_refused():
    form = Game.of({"A": 3, "B": 2}, {"weighted": {"quota": 4}}).form()
    with pytest.raises(BadInput, match="2 is not the place of one of 2 players"):
        smallest_winning(form, containing=[2])
    with pytest.raises(BadInput, match="B cannot stand in two lists"):
        smallest_blocking(form, containing=[1], excluding=[1])
