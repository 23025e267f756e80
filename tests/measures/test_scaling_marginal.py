"""Ideal points with the items integrated out: against plain SciPy, and in simulated bodies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_ndtr, logsumexp

from assemblies import assembly
from multipolar.measures.scaling import laplace, loops, marginal
from multipolar.measures.scaling.newton import Fit, compiled, first_items
from multipolar.measures.scaling.settings import Settings

SETTINGS = Settings(step=0.25, pull=0.3, middle=0.5)
SHAPE = {"states": 8, "periods": 3, "alone": 6, "linked": 4}


def fitted(drawn, settings):
    fit = Fit(drawn.given, settings, compiled())
    return fit, fit.run(drawn.start(), first_items(drawn.given), 1e-7)


def log_votes(category, low, high):
    """Plain twin of `loops._cell`: log probabilities of votes."""
    from_above = low > 0
    larger = np.where(from_above, log_ndtr(-low), log_ndtr(high))
    smaller = np.where(from_above, log_ndtr(-high), log_ndtr(low))
    middle = larger + np.log(-np.expm1(smaller - larger))
    return np.select([category == 0, category == 1], [log_ndtr(low), middle], log_ndtr(-high))


def log_item(given, v, theta, place, prior):
    """Log density of an item's beta, m, log g and of its votes, at rows of places."""
    cells = slice(given.ptr[v], given.ptr[v + 1])
    beta, middle, log_gap = place.T
    gap = np.exp(log_gap)
    x = beta[:, None] * theta[given.node[cells]]
    low, high = (middle - gap / 2)[:, None] - x, (middle + gap / 2)[:, None] - x
    value = log_votes(given.category[cells], low, high).sum(axis=1)
    value -= 0.5 * (prior[0] * beta**2 + prior[1] * middle**2)
    return value + prior[2] * log_gap - prior[3] * gap


@pytest.fixture(scope="module")
def small():
    drawn = assembly(np.random.default_rng(4), SETTINGS, **SHAPE)
    fit, mode = fitted(drawn, SETTINGS)
    items = mode.items.copy()
    items[:, 2] = np.log(items[:, 2])
    given = drawn.given
    curve = np.zeros((len(items), 3, 3))
    votes = (given.ptr, given.node, given.category)
    loops.settle(*votes, mode.theta, items, fit.item_prior, 200, curve)
    return fit, mode.theta, items, curve


def derivatives(function, point, size):
    """Gradient and Hessian by central differences."""
    n = len(point)
    moves = size * np.eye(n)
    at = function(point)
    slope, matrix = np.zeros(n), np.zeros((n, n))
    for i in range(n):
        up, down = function(point + moves[i]), function(point - moves[i])
        slope[i] = (up - down) / (2 * size)
        matrix[i, i] = (up - 2 * at + down) / size**2
        for j in range(i):
            both = moves[i] + moves[j]
            apart = moves[i] - moves[j]
            ends = function(point + both) + function(point - both)
            ends -= function(point + apart) + function(point - apart)
            matrix[i, j] = matrix[j, i] = ends / (4 * size**2)
    return slope, matrix


def test_items_settle_where_their_density_has_no_slope_and_with_its_curvature(small):
    fit, theta, items, curve = small
    for v in range(len(items)):

        def density(place, v=v):
            return log_item(fit.given, v, theta, place[None], fit.item_prior)[0]

        slope, matrix = derivatives(density, items[v], 1e-4)
        assert np.abs(slope).max() < 1e-5
        np.testing.assert_allclose(curve[v], -matrix, atol=1e-4)


def plain_framed(fit, theta, items, root, points, log_weights):
    """Twin of `loops.framed`: its value by the positions, in frames fixed at ``theta``."""

    def frame(x, v):
        x = x[fit.given.node[fit.given.ptr[v] : fit.given.ptr[v + 1]]]
        return x.mean(), x.std()

    def value(moved):
        total = 0.0
        for v in range(len(items)):
            place = items[v] + points @ root[v].T
            (a0, b0), (a, b) = frame(theta, v), frame(moved, v)
            beta = place[:, 0] * b0 / b
            middle = place[:, 1] - place[:, 0] * a0 + beta * a
            # From (beta, m) in the frame to (beta, m): the determinant is b0 / b.
            at = np.stack([beta, middle, place[:, 2]], axis=1)
            terms = log_item(fit.given, v, moved, at, fit.item_prior) + np.log(b0 / b)
            terms += log_weights + 0.5 * (points**2).sum(axis=1)
            total += logsumexp(terms) + np.log(np.diag(root[v])).sum()
        return total - 0.5 * moved @ fit.prior.times(moved)

    return value


def test_slope_and_curvature_of_the_integrated_posterior_are_those_of_a_plain_twin(small):
    fit, theta, items, _ = small
    rng = np.random.default_rng(0)
    theta = theta + 0.3 * rng.normal(size=len(theta))
    here = marginal._Point(fit, theta, items.copy(), 3)
    _, rule = marginal._rule(marginal._ORDER, 3)
    value = plain_framed(fit, theta, here.items, here.root, here.points, rule)
    # Along a shift, a stretch and four movements of no pattern.
    moves = np.stack([np.ones_like(theta), theta, *rng.normal(size=(4, len(theta)))], axis=1)
    slope, matrix = derivatives(lambda c: value(theta + moves @ c), np.zeros(6), 1e-3)
    assert value(theta) == pytest.approx(here.value, rel=1e-10)
    np.testing.assert_allclose(moves.T @ here.slope, slope, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(moves.T @ here.matrix @ moves, -matrix, rtol=1e-4, atol=1e-3)


def test_voters_in_one_place_give_no_frame_and_no_fault(small):
    fit, theta, items, _ = small
    here = marginal._Point(fit, np.zeros(len(theta)), items.copy(), 3)
    assert np.isfinite(here.matrix).all()
    assert np.isfinite(here.slope).all()


def test_the_rule_gives_the_integral_over_an_item(small):
    fit, theta, items, curve = small
    root = np.linalg.cholesky(np.linalg.inv(curve))
    points, rule = marginal._rule(marginal._ORDER, 3)
    axis = np.linspace(-6, 6, 41)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    for v in range(0, len(items), 8):

        def log_integral(z, weights, v=v):
            return logsumexp(
                log_item(fit.given, v, theta, items[v] + z @ root[v].T, fit.item_prior) + weights
            )

        exact = log_integral(grid, 3 * np.log(axis[1] - axis[0]))
        found = log_integral(points, rule + 0.5 * (points**2).sum(axis=1)) + 1.5 * np.log(2 * np.pi)
        assert found == pytest.approx(exact, abs=0.15)


def test_means_of_items_move_with_the_positions_as_the_response_says(small):
    fit, theta, items, _ = small
    here = marginal._Point(fit, theta, items.copy(), 3)
    size, v = 1e-4, 2
    places = here.items[v] + here.points @ here.root[v].T

    def mean(moved):
        _, rule = marginal._rule(marginal._ORDER, 3)
        terms = log_item(fit.given, v, moved, places, fit.item_prior)
        terms += rule + 0.5 * (here.points**2).sum(axis=1)
        return np.exp(terms - logsumexp(terms)) @ places

    for k in range(fit.given.ptr[v], fit.given.ptr[v + 1]):
        move = np.zeros(len(theta))
        move[fit.given.node[k]] = size
        by = (mean(theta + move) - mean(theta - move)) / (2 * size)
        np.testing.assert_allclose(here.response[k], by, atol=1e-6)


def test_the_mode_has_no_slope_and_errors_of_the_inverse_curvature(small):
    fit, *_ = small
    drawn = assembly(np.random.default_rng(4), SETTINGS, **SHAPE)
    _, joint = fitted(drawn, SETTINGS)
    mode, found = marginal.integrated(fit, joint, 1e-7)
    assert mode.converged
    assert mode.gradient_norm < 1e-4
    assert found.curvature == "integrated"
    raw = mode.items.copy()
    raw[:, 2] = np.log(raw[:, 2])
    here = marginal._Point(fit, mode.theta, raw, 50)
    np.testing.assert_allclose(found.nodes, np.sqrt(np.diag(np.linalg.inv(here.matrix))), rtol=1e-3)
    first, second = np.array([0, 1]), np.array([2, 5])
    covariance = np.linalg.inv(here.matrix)
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    np.testing.assert_allclose(
        laplace.differences(found, first, second), np.sqrt(variance), rtol=1e-3
    )
    # Items are the less certain for the positions not being known.
    assert (np.linalg.eigvalsh(found.items) > 0).all()


def test_few_steps_are_not_called_converged(small):
    fit, *_ = small
    drawn = assembly(np.random.default_rng(4), SETTINGS, **SHAPE)
    _, joint = fitted(drawn, SETTINGS)
    mode, _ = marginal.integrated(fit, joint, steps=1)
    assert not mode.converged


def test_bodies_are_suited_whose_voters_are_few_beside_their_votes(monkeypatch):
    few = assembly(np.random.default_rng(4), SETTINGS, **SHAPE).given
    many = assembly(np.random.default_rng(4), SETTINGS, states=80, periods=2, alone=9).given
    often = assembly(np.random.default_rng(4), SETTINGS, states=80, periods=1, alone=200).given
    votes = [
        g.votes[g.votes > 0].mean() ** 0.5 * len(g.items) / g.cells for g in (few, many, often)
    ]
    assert [marginal.crowding(g) for g in (few, many, often)] == pytest.approx(votes)
    assert [marginal.suited(g) for g in (few, many, often)] == [True, False, True]
    monkeypatch.setattr(marginal, "NODES", 10)
    assert not marginal.suited(few)
    monkeypatch.undo()
    monkeypatch.setattr(marginal, "WORK", 1e4)
    assert not marginal.suited(few)


def test_a_rule_of_two_variables_leaves_the_third_where_it_is():
    points, weights = marginal._rule(3, 2)
    whole, all_weights = marginal._rule(3, 3)
    assert points.shape == (9, 3)
    assert np.all(points[:, 2] == 0)
    for power in ((1, 0), (0, 2), (2, 2)):
        moment = (np.exp(weights) * points[:, 0] ** power[0] * points[:, 1] ** power[1]).sum()
        other = (np.exp(all_weights) * whole[:, 0] ** power[0] * whole[:, 1] ** power[1]).sum()
        assert moment == pytest.approx(other)


def test_with_few_voters_intervals_cover_only_if_the_items_are_integrated_out():
    joint, integrated = [], []
    settings = Settings(dynamics="random-walk", step=0.05, pull=1.0)
    for j in range(40):
        drawn = assembly(
            np.random.default_rng([1, j]), settings, states=25, periods=6, alone=40, linked=15
        )
        fit, mode = fitted(drawn, settings)
        voted = drawn.given.votes > 0
        for shares, (best, found) in (
            (joint, (mode, laplace.errors(fit, mode))),
            (integrated, marginal.integrated(fit, mode)),
        ):
            shown = laplace.standardised(found, best.theta, voted)
            sign = np.sign(shown.theta @ drawn.shown)
            low, high = laplace.interval(sign * shown.theta, shown.nodes, 0.9)
            shares.append(((low < drawn.shown) & (drawn.shown < high))[voted].mean())
    assert np.mean(joint) < 0.85
    assert 0.87 < np.mean(integrated) < 0.93
