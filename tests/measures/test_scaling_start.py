"""Ideal points: the automatic start, the scale that is shown, and what a fit says beyond its nodes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from multipolar.measures.scaling import standard as scale
from multipolar.measures.scaling.problem import problem
from multipolar.measures.scaling.reach import items_given, reached
from multipolar.measures.scaling.settings import Settings
from multipolar.measures.scaling.start import automatic_start


def drawn(seed, states=20, periods=6, items=15, missing=0.1, drift=0.1):
    """Draw votes; return the problem and the true positions by node."""
    rng = np.random.default_rng(seed)
    true = rng.standard_normal(states) + np.cumsum(
        drift * rng.standard_normal((periods, states)), axis=0
    )
    n = periods * items
    beta, cut = rng.normal(0, 1.5, n), rng.normal(0, 0.7, n)
    period = np.repeat(np.arange(periods), items)
    latent = beta[:, None] * true[period] + rng.standard_normal((n, states))
    category = np.where(latent < cut[:, None] - 0.2, 0, np.where(latent < cut[:, None] + 0.2, 1, 2))
    item, state = np.nonzero(rng.random((n, states)) > missing)
    labels = [f"s{k:02}" for k in range(states)]
    given = problem(
        labels,
        list(range(periods)),
        list(range(n)),
        state,
        period[item],
        item,
        category[item, state],
    )
    return given, true[given.node_period, given.node_state]


# --- where the search begins ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_start_knows_who_stands_beside_whom_in_every_period(seed):
    given, true = drawn(seed)
    start = automatic_start(given)
    voted = given.votes > 0
    assert start[voted].mean() == pytest.approx(0, abs=1e-9)
    assert start[voted].std() == pytest.approx(1)
    signs = set()
    for t in range(len(given.periods)):
        here = slice(given.start[t], given.start[t + 1])
        r = np.corrcoef(start[here], true[here])[0, 1]
        assert abs(r) > 0.7
        signs.add(np.sign(r))
    assert len(signs) == 1, "the ends must not be swapped from one period to the next"


def test_the_start_of_one_period_is_the_leading_eigenvector_of_who_agrees_with_whom():
    given, _ = drawn(3, periods=1, missing=0.0)
    votes = np.zeros((len(given.states), len(given.items)))
    votes[given.node, given.item_of] = 1.0 - given.category
    votes -= votes.mean(axis=0)
    _, vectors = np.linalg.eigh(votes @ votes.T)
    twin = vectors[:, -1]
    assert abs(np.corrcoef(automatic_start(given), twin)[0, 1]) > 0.999


def test_the_start_follows_states_that_are_relabelled():
    given, _ = drawn(4)
    order = np.random.default_rng(0).permutation(len(given.states))
    state = order[given.node_state[given.node]]
    again = problem(
        [given.states[k] for k in np.argsort(order)],
        given.periods,
        given.items,
        state,
        given.node_period[given.node],
        given.item_of,
        given.category,
    )
    one, two = automatic_start(given), automatic_start(again)
    key = np.lexsort((order[given.node_state], given.node_period))
    assert abs(np.corrcoef(one[key], two)[0, 1]) == pytest.approx(1, abs=1e-5)


def test_a_period_too_large_for_one_matrix_is_judged_by_a_part_of_its_items(monkeypatch):
    from multipolar.measures.scaling import start

    given, true = drawn(5, periods=2, items=60)
    monkeypatch.setattr(start, "_MOST_CELLS", 20 * 20)
    made = start.automatic_start(given)
    assert abs(np.corrcoef(made, true)[0, 1]) > 0.75


def test_of_very_many_votes_some_items_are_enough(monkeypatch):
    from multipolar.measures.scaling import start

    given, true = drawn(5, periods=2, items=60)
    monkeypatch.setattr(start, "_MOST_VOTES", given.cells // 3)
    made = start.automatic_start(given)
    assert abs(np.corrcoef(made, true)[0, 1]) > 0.75
    monkeypatch.setattr(start, "_MOST_VOTES", 1)
    assert np.isfinite(start.automatic_start(given)).all()


def test_a_state_silent_for_a_period_starts_where_it_was():
    given, _ = drawn(6, missing=0.0)
    silent = (given.node_state[given.node] == 3) & (given.node_period[given.node] == 2)
    again = problem(
        given.states,
        given.periods,
        given.items,
        given.node_state[given.node][~silent],
        given.node_period[given.node][~silent],
        given.item_of[~silent],
        given.category[~silent],
    )
    start = automatic_start(again)
    node = np.flatnonzero((again.node_state == 3) & (again.node_period == 2))
    assert again.votes[node] == 0
    assert start[node] == pytest.approx(start[again.prev[node]])


# --- the scale that is shown ------------------------------------------------------------------------


def test_the_standard_scale_has_mean_0_and_deviation_1_and_keeps_probabilities():
    given, true = drawn(7)
    voted = given.votes > 0
    theta = 3 + 2 * true
    for line in (scale.standard(theta, voted), scale.standard(theta, voted).swapped()):
        shown = line.points(theta)
        assert shown[voted].mean() == pytest.approx(0, abs=1e-12)
        assert shown[voted].std() == pytest.approx(1)
        items = np.array([[0.7, 0.2, 0.5], [-1.1, -0.4, 0.3]])
        slope, lower, upper = line.items(items)
        for v, (beta, m, g) in enumerate(items):
            assert lower[v] - slope[v] * shown == pytest.approx(m - g / 2 - beta * theta)
            assert upper[v] - slope[v] * shown == pytest.approx(m + g / 2 - beta * theta)


def _derivatives(line_of, theta, at):
    """Central differences of centre and unit."""
    step = 1e-6
    out = []
    for k in at:
        moved = [theta.copy(), theta.copy()]
        moved[0][k] += step
        moved[1][k] -= step
        high, low = (line_of(m) for m in moved)
        out.append([(high.centre - low.centre) / 2 / step, (high.unit - low.unit) / 2 / step])
    return np.array(out)


def test_the_slopes_of_a_scale_are_its_derivatives():
    given, true = drawn(8, periods=3)
    voted = given.votes > 0
    at = np.arange(0, len(true), 7)
    for line_of in (
        lambda theta: scale.standard(theta, voted),
        lambda theta: scale.standard(theta, voted).swapped(),
        lambda theta: scale.anchored(given, theta, (2, 1.5), (7, -0.5)),
    ):
        assert line_of(true).slopes[at] == pytest.approx(_derivatives(line_of, true, at), abs=1e-7)


def test_anchors_are_where_they_are_put():
    given, true = drawn(9)
    line = scale.anchored(given, true, (4, 10.0), (1, -3.0))
    means = scale.state_means(given, line.points(true))
    assert means[4] == pytest.approx(10)
    assert means[1] == pytest.approx(-3)


def test_a_difference_is_over_the_periods_of_both():
    given, _ = drawn(10, missing=0.0)
    theta = np.arange(len(given.node_state), dtype=float)
    both = [
        np.mean(theta[given.node_state == a] - theta[given.node_state == b])
        for a, b in ((3, 5), (5, 3))
    ]
    assert scale.difference(given, theta, 3, 5) == both[0] == -both[1]


# --- beyond the fit -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dynamics", ["mean-reverting", "random-walk", "static"])
def test_a_period_further_away_is_reached_step_by_step(dynamics):
    given, true = drawn(11, periods=4)
    settings = Settings(dynamics=dynamics, step=0.3, pull=0.5)
    variance = np.full(len(true), 0.04)
    state, when = np.array([2, 2, 2, 6]), np.array([3.0, 5.0, -2.0, 3.5])
    at, spread = reached(given, settings, true, variance, state, when)
    for k, steps in enumerate((0, 2, 2, 1)):
        last = 0 if when[k] < 0 else 3
        x = true[(given.node_state == state[k]) & (given.node_period == last)][0]
        v = 0.04
        pull = settings.pull if dynamics == "mean-reverting" else 0.0
        for _ in range(0 if dynamics == "static" else steps):
            kept = (1 / settings.step) / (1 / settings.step + pull)
            x, v = kept * x, kept**2 * v + 1 / (1 / settings.step + pull)
        assert (at[k], spread[k]) == pytest.approx((x, v))


def test_items_given_positions_are_at_the_maximum_of_their_posterior():
    rng = np.random.default_rng(12)
    settings = Settings()
    theta = rng.standard_normal(60)
    item = np.repeat([0, 1, 2], 20)
    category = np.concatenate([np.zeros(20), rng.integers(0, 3, 20), np.full(20, 2)]).astype(int)
    found, spread = items_given(theta, item, category, 4, settings)

    def minus(at, v):
        beta, m, g = at
        if g <= 0:
            return np.inf
        mine = item == v
        x, y = theta[mine], category[mine]
        below, above = norm.cdf(m - g / 2 - beta * x), norm.cdf(m + g / 2 - beta * x)
        p = np.where(y == 0, below, np.where(y == 1, above - below, norm.sf(m + g / 2 - beta * x)))
        prior = -0.5 * (settings.slope * beta**2 + settings.middle * m**2)
        prior += (settings.gap_shape - 1) * np.log(g) - settings.gap_rate * g
        return -(np.log(p).sum() + prior)

    for v in range(4):
        best = minimize(minus, [0.0, 0.0, 1.0], (v,), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000})  # fmt: skip
        assert found[v] == pytest.approx(best.x, abs=2e-4)
        assert np.linalg.eigvalsh(spread[v]).min() > 0
        step = 1e-3
        curve = (
            minus(found[v] + [step, 0, 0], v)
            + minus(found[v] - [step, 0, 0], v)
            - 2 * minus(found[v], v)
        ) / step**2
        assert np.linalg.inv(spread[v])[0, 0] == pytest.approx(curve, rel=1e-3)
