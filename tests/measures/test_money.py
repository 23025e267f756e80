"""Who pays: rank, concentration, and what the others would add."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from multipolar.measures.money import concentration, rank, replacement
from strategies import payers

THREE = {"A": Decimal(50), "B": Decimal(30), "C": Decimal(20)}


def test_known_answers_for_three_payers():
    assert [rank(THREE, code) for code in "ABC"] == [1, 2, 3]
    assert concentration(THREE) == pytest.approx(0.25 + 0.09 + 0.04)
    assert replacement(THREE, "A") == 1.0
    assert replacement(THREE, "C") == 0.25


@given(payers())
def test_concentration_lies_between_equal_shares_and_one_payer(shares):
    value = concentration(shares)
    assert 1 / len(shares) - 1e-12 <= value <= 1 + 1e-12


@given(payers())
def test_concentration_does_not_depend_on_the_unit(shares):
    fractions = {code: share / 100 for code, share in shares.items()}
    assert concentration(fractions) == pytest.approx(concentration(shares))


@given(payers())
def test_equal_payers_are_as_little_concentrated_as_can_be(shares):
    equal = dict.fromkeys(shares, Decimal(7))
    assert concentration(equal) == pytest.approx(1 / len(shares))
    assert {rank(equal, code) for code in equal} == {1}


@given(payers())
def test_others_who_add_the_replacement_pay_the_old_total(shares):
    gone = min(shares)
    extra = replacement(shares, gone)
    paid = sum(float(share) * (1 + extra) for code, share in shares.items() if code != gone)
    assert paid == pytest.approx(float(sum(shares.values())))


@given(payers())
def test_rank_is_one_more_than_the_number_of_larger_payers(shares):
    order = sorted(shares.values(), reverse=True)
    for code, share in shares.items():
        assert rank(shares, code) == order.index(share) + 1
