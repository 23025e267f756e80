"""The Gibbs sampler of the scaling against posteriors that are known.

Tolerances of Monte Carlo: a mean may be four and a half of its standard errors from what it should be, with the
effective sample size of the chain; seeds are fixed, so that a test that passes keeps passing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import digamma, ndtr, roots_genlaguerre

from multipolar.measures.scaling import mixing
from multipolar.measures.scaling.gibbs import Chain, Steps, partitions_of
from multipolar.measures.scaling.newton import Fit, Mode, compiled, first_items
from multipolar.measures.scaling.problem import Problem, problem
from multipolar.measures.scaling.settings import NO_GAP, Settings

SETTINGS = Settings(step=0.25, pull=0.5, slope=1.0, middle=0.8, gap_shape=2.0, gap_rate=1.5)
WORST = 4.5


def tiny(*, static: bool = False) -> Problem:
    """Three states, two periods, five items of which one is linked; two votes are missing."""
    rows = [
        (s, t, v) for t, items in enumerate([(0, 1, 4), (2, 3, 4)]) for v in items for s in range(3)
    ]
    rows = [row for row in rows if row not in {(0, 0, 1), (2, 1, 4)}]
    state, period, item = np.array(rows).T
    period = np.zeros_like(period) if static else period
    category = (state + item) % 3
    return problem(
        ["a", "b", "c"], [0] if static else [0, 1], list("vwxyz"), state, period, item, category
    )


def at(given: Problem, theta, items) -> Mode:
    return Mode(theta, items, 0.0, 0.0, 0.0, 0, 0, True, 0.0)


def chain_of(given, settings, theta, items, seed=0, steps=None) -> Chain:
    fit = Fit(given, settings, compiled())
    rng = np.random.default_rng(seed)
    return Chain(fit, at(given, theta, items), rng, steps or Steps(), partitions_of(given))


def precision(prior) -> np.ndarray:
    n = len(prior.diagonal)
    return np.stack([prior.times(row) for row in np.eye(n)])


def prior_items(rng, settings, n):
    items = np.stack(
        [
            rng.normal(size=n) / np.sqrt(settings.slope),
            rng.normal(size=n) / np.sqrt(settings.middle),
            rng.gamma(settings.gap_shape, 1 / settings.gap_rate, n),
        ],
        axis=1,
    )
    if settings.response == "binary":
        items[:, 2] = NO_GAP
    return items


def voted_anew(rng, given, theta, items) -> Problem:
    """The same cells with votes drawn from the model."""
    item = given.item_of
    latent = items[item, 0] * theta[given.node] + rng.normal(size=given.cells)
    category = (latent > (items[:, 1] - items[:, 2] / 2)[item]).astype(np.int8)
    category += latent > (items[:, 1] + items[:, 2] / 2)[item]
    order = np.lexsort((category, item))
    return replace(given, node=given.node[order], category=category[order])


CASES = {
    "ordinal, mean-reverting": (SETTINGS, Steps()),
    "ordinal, random walk": (SETTINGS.changed(dynamics="random-walk"), Steps()),
    "ordinal, static": (SETTINGS.changed(dynamics="static"), Steps()),
    "binary, mean-reverting": (SETTINGS.changed(response="binary"), Steps()),
    "by latent responses alone": (SETTINGS, Steps(direct=False, moves=False, joint=0)),
    "states one by one alone": (SETTINGS, Steps(latent=False, moves=False, joint=0)),
    "everything together alone": (
        SETTINGS,
        Steps(latent=False, direct=False, moves=False, joint=1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_positions_and_items_keep_their_prior_when_votes_are_drawn_anew(name):
    """Geweke 2004: sweeps and new votes in turn leave positions and items to their prior."""
    settings, steps = CASES[name]
    given = tiny(static=settings.dynamics == "static")
    rng = np.random.default_rng(11)
    fit = Fit(given, settings, compiled())
    covariance = np.linalg.inv(precision(fit.prior))
    theta = np.linalg.cholesky(covariance) @ rng.normal(size=len(covariance))
    chain = chain_of(given, settings, theta, prior_items(rng, settings, len(given.items)), 5, steps)
    # Reach of the moves where nothing is tuned.
    chain.reaches[:] = 0.8
    if chain.joint is not None:
        # Steps so long that some paths are refused.
        chain.joint.size = 0.5
    rounds = {0: 2500, 1: 2000}.get(steps.joint, 1400)
    seen = []
    for _ in range(rounds):
        chain.given = voted_anew(rng, chain.given, chain.theta, chain.items)
        chain.blocks = tuple(block for blocks in partitions_of(chain.given) for block in blocks)
        chain.sweep(tune=False)
        t, (beta, middle, gap) = chain.theta, chain.items.T
        seen.append(
            [
                *t,
                *t**2,
                t[0] * t[-1],
                *beta,
                *beta**2,
                *middle,
                *middle**2,
                *np.log(gap),
                *gap,
            ]
        )
    seen = np.array(seen)
    n, v = len(theta), len(given.items)
    log_mean = digamma(settings.gap_shape) - np.log(settings.gap_rate)
    gap_mean = settings.gap_shape / settings.gap_rate
    if settings.response == "binary":
        log_mean, gap_mean = np.log(NO_GAP), NO_GAP
    expected = np.concatenate(
        [
            np.zeros(n),
            np.diag(covariance),
            [covariance[0, -1]],
            np.repeat([0.0, 1 / settings.slope, 0.0, 1 / settings.middle, log_mean, gap_mean], v),
        ]
    )
    assert chain.joint is None or 0.1 < np.mean(chain.accepted["joint"]) < 0.95
    ess = mixing.ess_mean(seen[None])
    changing = ~np.isnan(ess)
    assert changing.sum() == len(expected) - (2 * v if settings.response == "binary" else 0)
    np.testing.assert_allclose(seen[:, ~changing].mean(axis=0), expected[~changing])
    error = seen.std(axis=0)[changing] / np.sqrt(ess[changing])
    off = (seen.mean(axis=0) - expected)[changing] / error
    assert np.abs(off).max() < WORST
    assert ess[changing].min() > 15


@pytest.mark.parametrize("response", ["ordinal", "binary"])
def test_posterior_moments_are_those_of_a_sum_over_a_grid(response):
    """Two states, two periods, three items of which one is linked: items by quadrature, positions on a grid."""
    settings = SETTINGS.changed(response=response)
    rows = [(0, 0, 0, 0), (1, 0, 0, 2), (0, 1, 1, 2), (1, 1, 1, 0)]
    rows += [(0, 0, 2, 0), (1, 0, 2, 2), (0, 1, 2, 1 if response == "ordinal" else 0), (1, 1, 2, 2)]
    state, period, item, category = np.array(rows).T
    given = problem(["a", "b"], [0, 1], list("xyz"), state, period, item, category)
    fit = Fit(given, settings, compiled())
    points = np.linspace(-5, 5, 21)
    by_normal, weight = np.polynomial.hermite_e.hermegauss(16)
    weight = weight / weight.sum()
    g, g_weight = roots_genlaguerre(12, settings.gap_shape - 1)
    g, g_weight = g / settings.gap_rate, g_weight / g_weight.sum()
    if response == "binary":
        g, g_weight = np.array([0.0]), np.array([1.0])
    beta, middle, gap = (
        x.ravel()
        for x in np.meshgrid(
            by_normal / np.sqrt(settings.slope),
            by_normal / np.sqrt(settings.middle),
            g,
            indexing="ij",
        )
    )
    w = np.einsum("i,j,k->ijk", weight, weight, g_weight).ravel()
    low, high = middle - gap / 2 - beta * points[:, None], middle + gap / 2 - beta * points[:, None]
    p = [ndtr(low), ndtr(high) - ndtr(low), ndtr(-high)]
    at_node = {
        (v, n): p[c] for v, n, c in zip(given.item_of, given.node, given.category, strict=True)
    }
    first = (at_node[0, 0] * w) @ at_node[0, 1].T
    second = (at_node[1, 2] * w) @ at_node[1, 3].T
    k = len(points)
    early = (at_node[2, 0][:, None] * at_node[2, 1][None]).reshape(k * k, -1)
    late = (at_node[2, 2][:, None] * at_node[2, 3][None]).reshape(k * k, -1)

    def linked(f):
        return ((early * (w * f)) @ late.T).reshape(k, k, k, k)

    grid = np.stack(np.meshgrid(*[points] * 4, indexing="ij"), axis=-1)
    q = precision(fit.prior)
    base = np.exp(-0.5 * np.einsum("...i,ij,...j->...", grid, q, grid))
    base *= first[:, :, None, None] * second[None, None]
    density = base * linked(1.0)
    total = density.sum()
    expected = [
        (density * grid[..., i] * grid[..., j]).sum() / total
        for i in range(4)
        for j in range(i + 1)
    ]
    expected += [(base * linked(f)).sum() / total for f in (beta**2, middle, middle**2, gap)]
    chain = chain_of(
        given,
        settings,
        np.array([1.0, -1.0, 0.5, -0.5]),
        first_items(given) + np.array([0.1, 0, 0]),
    )
    seen = []
    for k in range(3000):
        chain.sweep(tune=k < 500)
        t, (b, m, gg) = chain.theta, chain.items[2]
        seen.append([*(t[i] * t[j] for i in range(4) for j in range(i + 1)), b**2, m, m**2, gg])
    seen = np.array(seen[500:])
    if response == "binary":
        seen, expected = seen[:, :-1], expected[:-1]
    error = seen.std(axis=0) / np.sqrt(mixing.ess_mean(seen[None]))
    assert np.all(error < 0.1 * seen.std(axis=0))
    assert np.abs((seen.mean(axis=0) - expected) / error).max() < WORST
