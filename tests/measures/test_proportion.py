"""A share of cases and its interval."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given

from multipolar.measures.proportion import proportion
from strategies import cases


@pytest.mark.parametrize(
    ("successes", "n", "lo", "hi"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (Wilson score).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_agrees_with_the_published_table(successes, n, lo, hi):
    found = proportion(successes, n)
    assert (round(found.lo, 4), round(found.hi, 4)) == (lo, hi)


@given(cases)
def test_interval_holds_the_share_and_stays_between_zero_and_one(case):
    found = proportion(*case)
    assert 0 <= found.lo <= found.value + 1e-12
    assert found.value - 1e-12 <= found.hi <= 1
    assert found.hi - found.lo > 0


@given(cases)
def test_interval_of_the_failures_is_the_mirror(case):
    successes, n = case
    found, mirror = proportion(successes, n), proportion(n - successes, n)
    assert mirror.lo == pytest.approx(1 - found.hi)
    assert mirror.hi == pytest.approx(1 - found.lo)


@given(cases)
def test_more_cases_with_the_same_share_narrow_the_interval(case):
    successes, n = case
    few, many = proportion(successes, n), proportion(2 * successes, 2 * n)
    assert many.hi - many.lo < few.hi - few.lo


@pytest.mark.parametrize("truth", [0.1, 0.3, 0.5, 0.9])
def test_interval_covers_the_truth_about_as_often_as_it_says(truth):
    n = 60
    chance = [comb(n, k) * truth**k * (1 - truth) ** (n - k) for k in range(n + 1)]
    covered = sum(
        chance[k] for k in range(n + 1) if proportion(k, n).lo <= truth <= proportion(k, n).hi
    )
    # Wilson's interval is exact on average; single truths deviate by a few points at n = 60.
    assert 0.92 <= covered <= 0.98


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5), (1, -1)])
def test_counts_that_are_no_share_are_refused(successes, n):
    with pytest.raises(ValueError, match="not a share of cases"):
        proportion(successes, n)
