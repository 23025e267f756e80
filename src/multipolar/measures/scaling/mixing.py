"""Whether chains have mixed, and how many independent draws theirs are worth.

Both measures are taken of halves of chains and of ranks, so that they hold for any distribution, also one without a
mean; they look at many quantities at once.

Source: Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Bürkner, P.-C. (2021), Rank-normalization,
folding, and localization: an improved R-hat for assessing convergence of MCMC, Bayesian Analysis 16,
667–718; Geyer, C. J. (1992), Practical Markov chain Monte Carlo, Statistical Science 7, 473–483.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

from ...errors import BadInput
from .problem import Array

LEAST = 4
"""Draws of a chain from which anything can be said."""
_TAIL = 0.05
_NUMBERS = 1 << 22
"""Numbers that are looked at at once."""


def rhat(draws: Array) -> Array:
    """Return rank-normalised split R-hat: the larger of that of the draws, and of their distances from the median.

    Parameters
    ----------
    draws : array, chains x draws x quantities
        Four draws or more of each chain; with an odd number the middle one is left out.

    Returns
    -------
    array, one per quantity
        Near 1 where chains agree; NaN for a quantity that never changes, or that is not finite.

    Raises
    ------
    BadInput
        There are too few draws.
    """

    def of(part: Array) -> Array:
        halves = _split(part)
        folded = np.abs(halves - np.median(halves, axis=(0, 1)))
        return np.maximum(_plain_rhat(_ranked(halves)), _plain_rhat(_ranked(folded)))

    return _by_parts(of, draws)


def ess_bulk(draws: Array) -> Array:
    """Return the effective sample size for the middle of the distribution, from ranks.

    Parameters
    ----------
    draws : array, chains x draws x quantities
        As for `rhat`.

    Returns
    -------
    array, one per quantity
        Independent draws that would give the mean of the normal scores as precisely; NaN as for `rhat`.

    Raises
    ------
    BadInput
        There are too few draws.
    """
    return _by_parts(lambda part: _ess(_ranked(_split(part))), draws)


def ess_tail(draws: Array) -> Array:
    """Return the effective sample size for the ends: the smaller of those for the 5 and 95 per cent quantiles.

    Parameters
    ----------
    draws : array, chains x draws x quantities
        As for `rhat`.

    Returns
    -------
    array, one per quantity
        NaN as for `rhat`.

    Raises
    ------
    BadInput
        There are too few draws.
    """

    def of(part: Array) -> Array:
        low, high = np.quantile(part, (_TAIL, 1.0 - _TAIL), axis=(0, 1))
        halves = _split(part)
        return np.minimum(_ess((halves <= low) * 1.0), _ess((halves <= high) * 1.0))

    return _by_parts(of, draws)


def ess_mean(draws: Array) -> Array:
    """Return the effective sample size for the mean: the variance over that of the mean.

    Parameters
    ----------
    draws : array, chains x draws x quantities
        As for `rhat`.

    Raises
    ------
    BadInput
        There are too few draws.
    """
    return _by_parts(lambda part: _ess(_split(part)), draws)


def _by_parts(of: Callable[[Array], Array], draws: Array) -> Array:
    """Apply a function to some quantities at a time; those that are constant, or not finite, are NaN."""
    draws = np.asarray(draws)
    if draws.ndim != 3 or draws.shape[1] < LEAST:
        raise BadInput(f"chains of fewer than {LEAST} draws cannot be compared.")
    chains, length, n = draws.shape
    out = np.full(n, np.nan)
    step = max(1, _NUMBERS // (chains * length))
    for k in range(0, n, step):
        part = draws[:, :, k : k + step].astype(float)
        good = np.isfinite(part).all(axis=(0, 1)) & (np.ptp(part, axis=(0, 1)) > 0)
        if good.any():
            out[k : k + step][good] = of(part[:, :, good])
    return out


def _split(draws: Array) -> Array:
    """Return halves of chains as chains."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, draws.shape[1] - half :]])


def _ranked(draws: Array) -> Array:
    """Return normal scores of the ranks among all draws (Blom's: three eighths)."""
    n = draws.shape[0] * draws.shape[1]
    ranks = rankdata(draws.reshape(n, -1), axis=0)
    return np.asarray(ndtri((ranks - 0.375) / (n + 0.25))).reshape(draws.shape)


def _plain_rhat(draws: Array) -> Array:
    length = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    between = draws.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((length - 1) / length + between / within))


def _ess(draws: Array) -> Array:
    """Return the effective sample size of chains, by Geyer's initial monotone sequence."""
    chains, length, n = draws.shape
    covariance = _autocovariance(draws)
    within = covariance[:, 0].mean(axis=0) * length / (length - 1)
    total = within * (length - 1) / length + draws.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = 1.0 - (within - covariance.mean(axis=0)) / total
    rho[0] = 1.0
    # Of the last pair only the first half is used, as of the first pair that is not above 0.
    last = max((length - 1) // 2, 1)
    pairs = rho[: 2 * last].reshape(last, 2, n).sum(axis=1)
    going = np.logical_and.accumulate(pairs > 0, axis=0)
    going[last - 1] = False
    # A pair counts at most as much as those before it.
    kept = np.where(going, np.minimum.accumulate(np.where(going, pairs, np.inf), axis=0), 0.0)
    after = rho[2 * going.sum(axis=0), np.arange(n)]
    time = -1.0 + 2.0 * kept.sum(axis=0) + np.maximum(after, 0.0)
    time = np.maximum(time, 1.0 / np.log10(chains * length))
    return np.where(within > 0, chains * length / time, float(chains * length))


def _autocovariance(draws: Array) -> Array:
    """Return the autocovariances of every chain, divided by its length."""
    length = draws.shape[1]
    centred = draws - draws.mean(axis=1, keepdims=True)
    size = next_fast_len(2 * length, real=True)
    spectrum = rfft(centred, n=size, axis=1)
    return np.asarray(irfft(np.abs(spectrum) ** 2, n=size, axis=1)[:, :length] / length)
