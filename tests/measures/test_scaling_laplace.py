"""Standard errors of ideal points: against dense inverses, and in simulated assemblies."""

from __future__ import annotations

import numpy as np
import pytest

from assemblies import assembly
from multipolar.errors import BadInput
from multipolar.measures.scaling import laplace
from multipolar.measures.scaling.fronts import stages_of
from multipolar.measures.scaling.newton import Fit, Work, compiled, first_items
from multipolar.measures.scaling.problem import problem
from multipolar.measures.scaling.settings import Settings

SETTINGS = Settings(step=0.25, pull=0.3, middle=0.5)
SHAPES = {
    "linked items": {"periods": 5, "linked": 12},
    "only linked items": {"periods": 4, "alone": 1, "linked": 30},
    "no linked items": {"periods": 3, "linked": 0},
    "one period": {"periods": 1, "alone": 30, "linked": 0},
    "items far apart": {"periods": 9, "alone": 6, "linked": 12},
}


def fitted(drawn, settings=SETTINGS, tolerance=1e-8):
    fit = Fit(drawn.given, settings, compiled())
    return fit, fit.run(drawn.start(), first_items(drawn.given), tolerance)


def dense(fit, theta, items, curved=True):
    """The negative Hessian of all positions and items, written out."""
    given, work = fit.given, Work(fit.given)
    fit.evaluate(theta, items, work, curved=curved)
    n, v = len(theta), len(items)
    out = np.zeros((n + 3 * v, n + 3 * v))
    for j in range(n):
        out[j, j] = work.node_curve[j] + fit.prior.diagonal[j]
        if given.prev[j] >= 0:
            out[j, given.prev[j]] = out[given.prev[j], j] = fit.prior.off[j]
    for j in range(v):
        rows = slice(n + 3 * j, n + 3 * j + 3)
        out[rows, rows] = work.item_curve[j]
        for k in range(given.ptr[j], given.ptr[j + 1]):
            out[given.node[k], rows] += work.cross[k]
            out[rows, given.node[k]] += work.cross[k]
    return out


def own_blocks(matrix, n):
    blocks = matrix[n:, n:].reshape((len(matrix) - n) // 3, 3, -1, 3)
    return np.einsum("iaib->iab", blocks)


@pytest.fixture(params=SHAPES, scope="module")
def case(request):
    drawn = assembly(np.random.default_rng(5), SETTINGS, states=14, **SHAPES[request.param])
    fit, mode = fitted(drawn)
    inverse = np.linalg.inv(dense(fit, mode.theta, mode.items))
    return drawn, mode, laplace.errors(fit, mode), inverse


def test_errors_are_those_of_the_dense_inverse(case):
    _, mode, found, inverse = case
    n = len(mode.theta)
    assert found.curvature == "newton"
    np.testing.assert_allclose(found.nodes, np.sqrt(np.diag(inverse)[:n]), rtol=1e-8)
    np.testing.assert_allclose(found.items, own_blocks(inverse, n), rtol=1e-6, atol=1e-9)


def test_differences_have_the_variance_that_the_dense_covariance_gives(case):
    _, mode, found, inverse = case
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, len(mode.theta), (2, 300))
    variance = inverse[first, first] + inverse[second, second] - 2 * inverse[first, second]
    np.testing.assert_allclose(
        laplace.differences(found, first, second), np.sqrt(np.maximum(variance, 0)), atol=1e-7
    )


def test_errors_on_the_scale_with_deviation_1_follow_the_delta_method(case):
    drawn, mode, found, inverse = case
    n, size = len(mode.theta), 1e-6
    voted = drawn.given.votes > 0

    def scaled(theta):
        return (theta - theta[voted].mean()) / theta[voted].std()

    moves = size * np.eye(n)
    by = np.stack([(scaled(mode.theta + m) - scaled(mode.theta - m)) / (2 * size) for m in moves])
    covariance = by.T @ inverse[:n, :n] @ by
    shown = laplace.standardised(found, mode.theta, voted)
    np.testing.assert_allclose(shown.theta, scaled(mode.theta))
    np.testing.assert_allclose(shown.nodes, np.sqrt(np.diag(covariance)), rtol=1e-5)
    first, second = np.random.default_rng(1).integers(0, n, (2, 50))
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    np.testing.assert_allclose(
        laplace.differences(found, first, second, shown),
        np.sqrt(np.maximum(variance, 0)),
        rtol=1e-4,
        atol=1e-6,
    )


def test_swapped_ends_and_another_unit_change_no_error_but_by_the_unit(case):
    drawn, mode, found, _ = case
    voted = drawn.given.votes > 0
    one = laplace.standardised(found, mode.theta, voted)
    by = np.stack([voted, voted * one.theta], axis=1) / voted.sum()
    other = laplace.shown(found, mode.theta, one.centre, -2 * one.unit, -2 * by * [-0.5, 1.0])
    np.testing.assert_allclose(other.theta, -0.5 * one.theta)
    np.testing.assert_allclose(other.nodes, 0.5 * one.nodes)


def test_states_that_come_and_go_and_vote_twice_on_an_item_are_counted_right():
    rng = np.random.default_rng(2)
    rows = [
        (s, t, v) for s in range(6) for t in range(5) for v in (3 * t, 3 * t + 1, 3 * t + 2, 15)
    ]
    # State 0 is absent in the middle; state 1 comes late; item 15 joins all periods.
    rows = [
        r for r in rows if not (r[0] == 0 and r[1] in (1, 2, 3)) and not (r[0] == 1 and r[1] < 3)
    ]
    rows += [(2, 0, 15), (3, 4, 15)]
    state, period, item = np.array(rows).T
    category = rng.integers(0, 3, len(rows))
    given = problem("abcdef", range(5), range(16), state, period, item, category)
    assert (given.votes == 0).sum() == 3
    fit = Fit(given, SETTINGS, compiled())
    theta = rng.normal(size=len(given.node_state))
    mode = fit.run(theta, first_items(given), 1e-8)
    found = laplace.errors(fit, mode)
    inverse = np.linalg.inv(dense(fit, mode.theta, mode.items))
    np.testing.assert_allclose(found.nodes, np.sqrt(np.diag(inverse)[: len(theta)]), rtol=1e-8)


def test_where_the_full_matrix_is_not_definite_gauss_newton_stands_in_and_is_named():
    drawn = assembly(np.random.default_rng(3), SETTINGS, states=10, periods=3, alone=8, linked=3)
    fit, mode = fitted(drawn)
    far = type(mode)(**{f: getattr(mode, f) for f in mode.__slots__} | {"theta": -3 * mode.theta})
    assert np.linalg.eigvalsh(dense(fit, far.theta, far.items))[0] < 0
    found = laplace.errors(fit, far)
    inverse = np.linalg.inv(dense(fit, far.theta, far.items, curved=False))
    assert found.curvature == "gauss-newton"
    np.testing.assert_allclose(found.nodes**2, np.diag(inverse)[: len(far.theta)], rtol=1e-7)


def test_errors_of_a_large_body_are_near_those_of_the_whole_matrix(monkeypatch):
    static = SETTINGS.changed(dynamics="static", pull=1.0)
    drawn = assembly(
        np.random.default_rng(3), static, states=500, periods=1, alone=150, linked=0, short=0.0
    )
    fit, mode = fitted(drawn, static)
    exact = laplace.errors(fit, mode)
    monkeypatch.setattr(laplace, "EXACT", 1e6)
    rough = laplace.errors(fit, mode)
    assert rough.curvature == "coarse"
    ratio = rough.nodes / exact.nodes
    assert ratio.min() > 0.95
    assert ratio.max() < 1.25
    assert abs(np.median(ratio) - 1) < 0.02
    every = np.arange(0, 400)
    one = laplace.differences(exact, every, every + 100)
    np.testing.assert_allclose(laplace.differences(rough, every, every + 100), one, rtol=0.1)


def test_items_stay_in_the_front_from_their_first_period_to_their_last():
    drawn = assembly(np.random.default_rng(5), SETTINGS, states=14, periods=9, alone=6, linked=12)
    given = drawn.given
    period = given.node_period[given.node]
    spans = [period[given.ptr[v] : given.ptr[v + 1]] for v in range(len(given.items))]
    for t, stage in enumerate(stages_of(given)):
        here = [v for v, span in enumerate(spans) if span.min() <= t <= span.max()]
        alone = [v for v in here if spans[v].min() == spans[v].max()]
        assert stage.alone.tolist() == alone
        assert sorted(stage.active) == sorted(set(here) - set(alone))
        assert all(spans[v].max() == t for v in stage.active[: stage.ending])


def test_intervals_widen_with_the_level_and_refuse_what_is_none():
    estimate, error = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    low, high = laplace.interval(estimate, error, 0.9)
    np.testing.assert_allclose(high, [1.6448536, 4.2897073], rtol=1e-7)
    np.testing.assert_allclose(low, [-1.6448536, -2.2897073], rtol=1e-7)
    for level in (0.0, 1.0, 90):
        with pytest.raises(BadInput, match=f"level is {level}"):
            laplace.interval(estimate, error, level)


def test_equal_positions_have_no_standard_scale():
    drawn = assembly(np.random.default_rng(3), SETTINGS, states=10, periods=2, alone=8, linked=0)
    fit, mode = fitted(drawn)
    found = laplace.errors(fit, mode)
    with pytest.raises(BadInput, match="all positions are equal"):
        laplace.standardised(found, np.zeros(len(mode.theta)), drawn.given.votes > 0)


def assemblies(seed, count, settings, **shape):
    """Fits of assemblies drawn one after the other: truth, errors and positions as shown."""
    for j in range(count):
        drawn = assembly(np.random.default_rng([seed, j]), settings, **shape)
        fit, mode = fitted(drawn, settings, 1e-5)
        found = laplace.errors(fit, mode)
        shown = laplace.standardised(found, mode.theta, drawn.given.votes > 0)
        sign = np.sign(shown.theta @ drawn.shown)
        yield drawn, found, shown, sign


def test_nine_of_ten_intervals_cover_the_truth_in_200_assemblies():
    # With absences of 10 to 40 %, memberships of one or two periods, and items of several periods.
    inside, moves = [], []
    shape = {"states": 60, "periods": 4, "alone": 40, "linked": 20}
    for drawn, found, shown, sign in assemblies(1, 200, Settings(), **shape):
        voted = drawn.given.votes > 0
        low, high = laplace.interval(sign * shown.theta, shown.nodes, 0.9)
        inside.append(((low < drawn.shown) & (drawn.shown < high))[voted].mean())
        first, second = drawn.spans()
        moved = sign * (shown.theta[second] - shown.theta[first])
        error = laplace.differences(found, first, second, shown)
        low, high = laplace.interval(moved, error, 0.9)
        true = drawn.shown[second] - drawn.shown[first]
        moves.append(((low < true) & (true < high)).mean())
    assert 0.87 < np.mean(inside) < 0.93
    assert 0.87 < np.mean(moves) < 0.93


def test_who_votes_less_has_the_wider_interval():
    widths = []
    for drawn, _, shown, _ in assemblies(
        2, 20, Settings(), states=40, periods=3, rare=8, short=0.0
    ):
        rare = np.array([int(s[1:]) < 8 for s in drawn.given.states])[drawn.given.node_state]
        widths.append((shown.nodes[rare].mean(), shown.nodes[~rare].mean()))
    rare, other = np.array(widths).T
    assert (rare > other).all()
    assert (rare / other).mean() > 1.2


def test_where_nothing_changes_at_most_the_nominal_share_seems_to():
    changed = []
    shape = {"states": 40, "periods": 4, "alone": 30, "still": True}
    for drawn, found, shown, _ in assemblies(3, 60, Settings(), **shape):
        first, second = drawn.spans()
        moved = shown.theta[second] - shown.theta[first]
        changed.append(np.abs(moved) > 1.96 * laplace.differences(found, first, second, shown))
    assert np.concatenate(changed).mean() <= 0.05
