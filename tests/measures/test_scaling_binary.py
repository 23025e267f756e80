"""Binary responses: a probit of yes against no, without a gap between the cutpoints."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_ndtr, logsumexp

from assemblies import assembly
from multipolar.measures.scaling import laplace, marginal
from multipolar.measures.scaling.newton import Fit, compiled, first_items, prior_of
from multipolar.measures.scaling.predict import predictor
from multipolar.measures.scaling.problem import problem
from multipolar.measures.scaling.reach import items_given
from multipolar.measures.scaling.settings import NO_GAP, Settings
from multipolar.measures.scaling.start import automatic_start

SETTINGS = Settings(response="binary", middle=0.5)


@pytest.fixture(scope="module")
def found():
    """Votes with the abstentions left out, and the mode of their probit."""
    drawn = assembly(
        np.random.default_rng(3), SETTINGS, states=14, periods=3, alone=12, linked=4
    ).given
    stays = drawn.category != 1
    node = drawn.node[stays]
    given = problem(
        drawn.states,
        drawn.periods,
        drawn.items,
        drawn.node_state[node],
        drawn.node_period[node],
        drawn.item_of[stays],
        drawn.category[stays],
    )
    fit = Fit(given, SETTINGS, compiled())
    return fit, fit.run(automatic_start(given), first_items(given), 1e-7)


def log_posterior(fit, theta, items):
    given = fit.given
    beta, middle = items[given.item_of, :2].T
    sign = np.where(given.category == 0, 1.0, -1.0)
    value = log_ndtr(sign * (middle - beta * theta[given.node])).sum()
    value -= 0.5 * (SETTINGS.slope * items[:, 0] ** 2 + SETTINGS.middle * items[:, 1] ** 2).sum()
    return value - 0.5 * theta @ prior_of(given, SETTINGS).times(theta)


def slopes(function, point, size=1e-5):
    moves = size * np.eye(len(point))
    return np.array([(function(point + d) - function(point - d)) / (2 * size) for d in moves])


def test_the_mode_is_that_of_a_probit_of_yes_against_no(found):
    fit, mode = found
    assert mode.converged
    n = len(mode.theta)

    def value(x):
        return log_posterior(fit, x[:n], x[n:].reshape(-1, 2))

    at = np.concatenate([mode.theta, mode.items[:, :2].ravel()])
    assert np.abs(slopes(value, at)).max() < 1e-5
    assert np.all(mode.items[:, 2] == NO_GAP)
    assert mode.value == pytest.approx(value(at), abs=1e-6)


def test_the_likelihood_is_that_of_the_votes(found):
    fit, mode = found
    given = fit.given
    beta, middle = mode.items[given.item_of, :2].T
    sign = np.where(given.category == 0, 1.0, -1.0)
    votes = log_ndtr(sign * (middle - beta * mode.theta[given.node])).sum()
    assert mode.log_likelihood == pytest.approx(votes, abs=1e-6)


def test_errors_are_those_of_positions_slopes_and_cutpoints(found):
    fit, mode = found
    errors = laplace.errors(fit, mode)
    n = len(mode.theta)
    at = np.concatenate([mode.theta, mode.items[:, :2].ravel()])

    def slope(x):
        return slopes(lambda y: log_posterior(fit, y[:n], y[n:].reshape(-1, 2)), x, 1e-4)

    hessian = np.array([(slope(at + d) - slope(at - d)) / 2e-4 for d in 1e-4 * np.eye(len(at))])
    covariance = np.linalg.inv(-(hessian + hessian.T) / 2)
    np.testing.assert_allclose(errors.nodes, np.sqrt(np.diag(covariance)[:n]), rtol=1e-3)
    np.testing.assert_allclose(errors.items[:, 2, :], 0.0, atol=1e-9)


def test_probabilities_of_yes_and_no_add_up_to_one(found):
    fit, mode = found
    base = predictor(fit.given, SETTINGS, mode)
    p = base.probabilities(fit.given.node, fit.given.item_of)
    np.testing.assert_allclose(p[:, 0] + p[:, 2], 1.0, atol=1e-6)


def log_marginal(fit, theta):
    """Plain twin: both numbers of every item integrated over a fine grid."""
    given = fit.given
    beta, middle = (
        a.ravel() for a in np.meshgrid(np.linspace(-7, 7, 141), np.linspace(-12, 12, 241))
    )
    log_prior = -0.5 * (SETTINGS.slope * beta**2 + SETTINGS.middle * middle**2)
    total = -0.5 * theta @ prior_of(given, SETTINGS).times(theta)
    for v in range(len(given.items)):
        cells = slice(given.ptr[v], given.ptr[v + 1])
        x = middle[None] - theta[given.node[cells], None] * beta[None]
        sign = np.where(given.category[cells] == 0, 1.0, -1.0)
        total += logsumexp(log_prior + log_ndtr(sign[:, None] * x).sum(axis=0))
    return total


def test_with_items_integrated_out_the_mode_is_that_of_the_positions_alone(found):
    fit, mode = found
    assert marginal.suited(fit.given)
    best, errors = marginal.integrated(fit, mode)
    assert best.converged
    assert errors.curvature == "integrated"
    for k in (0, 7, 20):
        move = 0.05 * np.eye(len(best.theta))[k]
        up, here, down = (log_marginal(fit, best.theta + d) for d in (move, 0 * move, -move))
        # The exact marginal is highest within a small part of a standard error.
        step = 0.05 * (up - down) / (2 * (2 * here - up - down))
        assert abs(step) < 0.1 * errors.nodes[k]
    np.testing.assert_allclose(best.items[:, 2], 0.0, atol=1e-6)


def test_items_that_were_left_out_have_no_gap_either():
    theta = np.array([-1.0, 0.0, 1.0])
    items, covariance = items_given(theta, np.zeros(3, int), np.array([0, 0, 2]), 1, SETTINGS)
    assert items[0, 2] == NO_GAP
    assert items[0, 0] > 0
    assert np.all(np.linalg.eigvalsh(covariance[0, :2, :2]) > 0)
