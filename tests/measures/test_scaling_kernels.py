"""The loops of the scaling: against plain NumPy, finite differences and dense matrices.

Tolerances: the plain loops lose digits where the formulas of the textbook subtract: far out in a tail the
curvature is a difference of numbers of the size of z², and where cutpoints nearly meet, of 1 / gap². There
the compiled ones are held against a table in more digits.
"""

from __future__ import annotations

import numpy as np
import pytest

from assemblies import assembly
from multipolar.measures.scaling import coarse as coarse_module
from multipolar.measures.scaling import kernels, newton, plain
from multipolar.measures.scaling.blocks import factor, layout_of
from multipolar.measures.scaling.coarse import NotDefinite, coarse
from multipolar.measures.scaling.newton import Fit, Work, first_items
from multipolar.measures.scaling.problem import problem
from multipolar.measures.scaling.settings import Settings

SETTINGS = Settings(step=0.25, pull=0.3, middle=0.5)
# log Phi in 40 digits (mpmath 1.3, log of erfc(-z / sqrt 2) / 2).
LOG_NORMAL = {
    -40.0: -804.60844201375378817,
    -37.5: -707.66898931750719107,
    -20.0: -203.91715537109726394,
    -8.0: -35.013437159914549896,
    -3.3: -7.6346161480711272938,
    -1.0: -1.8410216450092635058,
    -0.25: -0.91306176481113505517,
    0.0: -0.69314718055994530942,
    0.25: -0.51298407540943043213,
    1.0: -0.17275377902344988953,
    3.3: -0.00048354102950671999735,
    8.0: -6.2209605742717860585e-16,
}
# One vote at theta = 0: category, m and g; then log P, its derivatives by m and g (the latter twice), and its
# negative second derivatives (m m, m g, g g). From the formulas of `plain.derivatives`, in 60 digits (mpmath).
ONE_VOTE = {
    (0, -1.25, 0.5): (
        -2.7059444008238898,
        1.9386771666225432,
        -1.9386771666225432,
        0.8504534064497973,
        -0.42522670322489865,
        0.21261335161244933,
    ),
    (0, -40.0, 0.5): (
        -814.64591484756847,
        40.274814143416792,
        -40.274814143416792,
        0.99938501423940472,
        -0.49969250711970236,
        0.24984625355985118,
    ),
    (0, 2.5, 1.0): (
        -0.023012909328963488,
        0.055247862678989959,
        -0.055247862678989959,
        0.11354805168857645,
        -0.056774025844288225,
        0.028387012922144112,
    ),
    (2, 0.75, 0.5): (
        -1.8410216450092635,
        -1.5251352761609812,
        -1.5251352761609812,
        0.80090233442965121,
        0.4004511672148256,
        0.2002255836074128,
    ),
    (2, 40.0, 1.0): (
        -824.74584924403802,
        -40.524661342565372,
        -40.524661342565372,
        0.99939255571468939,
        0.4996962778573447,
        0.24984813892867235,
    ),
    (2, -3.0, 2.0): (
        -0.023012909328963488,
        -0.055247862678989959,
        -0.055247862678989959,
        0.11354805168857645,
        0.056774025844288225,
        0.028387012922144112,
    ),
    (1, 0.0, 0.7): (
        -1.2958640600297451,
        0.0,
        2.7423705411978588,
        0.95982968941925051,
        0.0,
        2.1201064686622718,
    ),
    (1, 0.3, 1.5): (
        -0.6409614102088225,
        -0.2480037252149296,
        1.1207765833264501,
        0.82768716765084102,
        -0.063863293355941384,
        0.50558036741581747,
    ),
    (1, -1.5, 0.25): (
        -3.4269939831384913,
        1.4922219052066548,
        8.0515628389639593,
        0.99483871143909139,
        0.061950959577397328,
        15.898944161711471,
    ),
    (1, 6.0, 2.0): (
        -15.065002858696149,
        -5.1864952562762758,
        5.1865589905243208,
        0.96732049624297791,
        -0.48360245694090538,
        0.24199540376383177,
    ),
    (1, -38.0, 1.0): (
        -707.66898931750719,
        37.526628874883654,
        37.526628874883656,
        0.99929190511457928,
        0.4996459525572885,
        0.24982297627868903,
    ),
    (1, 0.01, 0.0625): (
        -3.6917399889911454,
        -0.0099967452155233917,
        31.989585731002473,
        0.99967452155657612,
        -0.00010413954046735068,
        256.08329245694967,
    ),
    (1, 0.5, 0.03125): (
        -4.5097049532720827,
        -0.49995931138591769,
        63.996093829473137,
        0.99991862343403993,
        -0.0026039759379012131,
        1024.0624961852806,
    ),
    (1, -4.0, 0.0009765625): (
        -15.850409742757779,
        3.9999996821086521,
        2048.0024414054273,
        0.99999992052720346,
        0.00065104129413786309,
        1048574.7500012636,
    ),
    (1, 30.0, 0.0009765625): (
        -457.85037461601062,
        -29.99999761584839,
        2048.1463195098426,
        0.99999992053055331,
        -0.0048826724954741526,
        1048501.086566171,
    ),
    (1, 0.0, 1.52587890625e-05): (
        -12.009293422173499,
        0.0,
        131071.99999745687,
        0.99999999998059745,
        0.0,
        4294967296.0833333,
    ),
}


class Votes:
    """Votes without a problem around them: items of any size and mix, at any distance."""

    def __init__(self, seed, *, gap, far=1.0, sizes=(1, 2, 7, 8, 9, 40, 255, 256, 257, 700)):
        rng = np.random.default_rng(seed)
        self.nodes = 60
        sizes = rng.permutation(np.repeat(sizes, 2))
        self.ptr = np.concatenate([[0], np.cumsum(sizes)])
        # A state may vote twice on an item in one period: nodes repeat.
        self.node = rng.integers(0, self.nodes, self.ptr[-1]).astype(np.int32)
        self.category = np.concatenate(
            [np.sort(rng.choice(3, size, p=rng.dirichlet([1, 1, 1]))) for size in sizes]
        ).astype(np.int8)
        self.theta = far * rng.normal(size=self.nodes)
        self.items = np.stack(
            [rng.normal(size=len(sizes)), far * rng.normal(size=len(sizes)), gap(rng, len(sizes))],
            axis=1,
        )
        self.prior = np.array([1.0, 0.04, 1.5, 0.5])

    def derivatives(self, loops, *, curved=True, precision=np.float64, order="F"):
        n, v, k = self.nodes, len(self.items), len(self.node)
        made = [np.full(n, 7.0), np.full(n, 7.0), np.full((v, 3), 7.0), np.full((v, 3, 3), 7.0)]
        made.append(np.full((k, 3), 7.0, dtype=precision, order=order))
        value = loops.derivatives(
            self.ptr,
            self.node,
            self.category,
            self.theta,
            self.items,
            self.prior,
            curved,
            *made,
        )
        return value, *made


def usual(rng, size):
    return rng.gamma(1.5, 1.0, size) + 0.1


def narrow(rng, size):
    return 10 ** rng.uniform(-3, -1, size)


def wide(rng, size):
    return rng.uniform(5, 60, size)


KINDS = {
    "usual": (Votes(1, gap=usual), 1e-12),
    "far in the tails": (Votes(2, gap=usual, far=9.0), 1e-8),
    "cutpoints that nearly meet": (Votes(3, gap=narrow), 1e-8),
    "cutpoints that nearly meet, far out": (Votes(4, gap=narrow, far=6.0), 1e-7),
    "cutpoints far apart": (Votes(5, gap=wide, far=3.0), 1e-7),
}


@pytest.mark.parametrize("z", LOG_NORMAL)
def test_log_normal_has_the_digits_of_a_table(z):
    assert kernels.log_normal(z) == pytest.approx(LOG_NORMAL[z], rel=4e-15, abs=0)


def test_log_normal_is_smooth_where_its_formulas_meet():
    z = np.concatenate([np.linspace(-50, 10, 4001), [-1e-12, 1e-12, -1e4]])
    ours = np.array([kernels.log_normal(x) for x in z])
    np.testing.assert_allclose(ours, plain.log_normal(z), rtol=2e-14)


@pytest.mark.parametrize(("category", "middle", "gap"), ONE_VOTE)
def test_one_vote_has_the_digits_of_a_table(category, middle, gap):
    slope, curve = np.zeros((2, 3)), np.zeros((2, 3, 3))
    value = kernels.derivatives(
        np.array([0, 1, 2]),
        np.zeros(2, np.int32),
        np.array([category, category], np.int8),
        np.zeros(1),
        np.array([[1.0, middle, gap]] * 2),
        np.array([0.0, 0.0, 1.0, 0.0]),
        True,
        np.zeros(1),
        np.zeros(1),
        slope,
        curve,
        np.zeros((2, 3), order="F"),
    )
    log_p, by_middle, by_gap, mm, mg, gg = ONE_VOTE[category, middle, gap]
    assert value / 2 == pytest.approx(log_p, rel=2e-14)
    assert slope[0, 1] == pytest.approx(by_middle, rel=2e-14, abs=1e-15)
    assert 2 * slope[0, 2] == pytest.approx(by_gap, rel=2e-14)
    assert curve[0, 2, 2] == pytest.approx(gg, rel=1e-12)
    # A difference of numbers of the size of m² or, where the cutpoints nearly meet, of m / g.
    lost = 1e-15 * max(middle**2, 10 / gap)
    assert curve[0, 1, 1] == pytest.approx(mm, rel=1e-13, abs=lost)
    assert curve[0, 1, 2] == pytest.approx(mg, rel=1e-13, abs=lost)


@pytest.mark.parametrize("curved", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_equal_the_plain_ones(kind, curved):
    votes, tolerance = KINDS[kind]
    ours, twin = (votes.derivatives(loops, curved=curved) for loops in (kernels, plain))
    assert np.isfinite(twin[0])
    for one, two in zip(ours, twin, strict=True):
        # Sums of votes of both signs: relative to the size of the terms.
        np.testing.assert_allclose(one, two, rtol=tolerance, atol=tolerance * np.abs(two).max())


def test_votes_reach_40_standard_deviations():
    votes, _ = KINDS["far in the tails"]
    item = np.repeat(np.arange(len(votes.items)), np.diff(votes.ptr))
    beta, middle, _ = votes.items[item].T
    assert np.abs(middle - beta * votes.theta[votes.node]).max() > 40


def test_single_precision_changes_only_the_last_digits_of_the_cross_derivatives():
    votes, _ = KINDS["usual"]
    one, two = votes.derivatives(kernels), votes.derivatives(kernels, precision=np.float32)
    assert one[0] == two[0]
    for a, b in zip(one[1:-1], two[1:-1], strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(one[-1].astype(np.float32), two[-1])


def test_the_same_votes_give_the_same_bytes():
    votes, _ = KINDS["usual"]
    one, two = votes.derivatives(kernels), votes.derivatives(kernels)
    assert [np.asarray(a).tobytes() for a in one] == [np.asarray(a).tobytes() for a in two]


def test_products_equal_the_plain_ones():
    votes, _ = KINDS["usual"]
    rng = np.random.default_rng(6)
    *_, curve, cross = votes.derivatives(kernels)
    inverse, x = np.linalg.inv(curve), rng.normal(size=votes.nodes)
    y = rng.normal(size=votes.items.shape)
    found = []
    for loops in (kernels, plain):
        along, from_items, without = np.empty_like(y), x.copy(), x.copy()
        loops.item_products(votes.ptr, votes.node, cross, x, along)
        loops.node_products(votes.ptr, votes.node, cross, y, from_items)
        loops.without_items(votes.ptr, votes.node, cross, inverse, x, without)
        found.append((along, from_items, without))
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_equal_the_plain_ones_and_sum_to_one(kind):
    votes, _ = KINDS[kind]
    item = np.repeat(np.arange(len(votes.items)), np.diff(votes.ptr))
    one, two = np.empty((2, len(item), 3))
    kernels.probabilities(item, votes.node, votes.theta, votes.items, one)
    plain.probabilities(item, votes.node, votes.theta, votes.items, two)
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(one.sum(axis=1), 1.0, rtol=1e-12)


# The log posterior of a whole problem.


@pytest.fixture(scope="module")
def drawn():
    return assembly(np.random.default_rng(8), SETTINGS, states=9, periods=4, alone=5, linked=6)


def packed(fit, x):
    n = len(fit.given.node_state)
    return x[:n], x[n:].reshape(-1, 3)


def gradient(fit, x):
    work = Work(fit.given)
    fit.evaluate(*packed(fit, x), work, curved=True)
    return np.concatenate([work.node_slope, work.item_slope.ravel()])


def dense(fit, x):
    """The negative Hessian, written out from what the kernels fill."""
    given, work = fit.given, Work(fit.given)
    fit.evaluate(*packed(fit, x), work, curved=True)
    n = len(given.node_state)
    out = np.diag(np.concatenate([work.node_curve + fit.prior.diagonal, np.zeros(len(x) - n)]))
    linked = np.flatnonzero(given.prev >= 0)
    out[linked, given.prev[linked]] = out[given.prev[linked], linked] = fit.prior.off[linked]
    for v, block in enumerate(work.item_curve):
        rows = slice(n + 3 * v, n + 3 * v + 3)
        out[rows, rows] = block
        for k in range(given.ptr[v], given.ptr[v + 1]):
            out[given.node[k], rows] += work.cross[k]
            out[rows, given.node[k]] += work.cross[k]
    return out, work


def differences(f, x, step=1e-5):
    """Central differences with one step of extrapolation (an error of step⁴)."""
    out = []
    for j in range(len(x)):
        e = np.zeros_like(x)
        e[j] = step
        near, wide = f(x + e) - f(x - e), f(x + 2 * e) - f(x - 2 * e)
        out.append((8 * near - wide) / (12 * step))
    return np.array(out)


def point(drawn):
    return np.concatenate([drawn.theta, drawn.items.ravel()])


@pytest.mark.parametrize("dynamics", ["mean-reverting", "random-walk"])
def test_the_gradient_is_that_of_the_log_posterior(drawn, dynamics):
    fit, work = Fit(drawn.given, SETTINGS.changed(dynamics=dynamics), kernels), Work(drawn.given)
    x = point(drawn)
    found = differences(lambda y: fit.evaluate(*packed(fit, y), work, curved=True), x, 1e-3)
    np.testing.assert_allclose(gradient(fit, x), found, rtol=1e-7, atol=1e-7)


def test_the_hessian_is_that_of_the_gradient(drawn):
    fit, x = Fit(drawn.given, SETTINGS, kernels), point(drawn)
    found = -differences(lambda y: gradient(fit, y), x, 1e-3)
    np.testing.assert_allclose(dense(fit, x)[0], found, rtol=1e-7, atol=1e-7)


def test_without_the_curved_term_the_cross_derivatives_lack_the_slope(drawn):
    fit, straight = Fit(drawn.given, SETTINGS, kernels), Work(drawn.given)
    _, full = dense(fit, point(drawn))
    fit.evaluate(drawn.theta, drawn.items, straight, curved=False)
    np.testing.assert_array_equal(full.cross[:, 1:], straight.cross[:, 1:])
    apart = np.bincount(drawn.given.item_of, (full.cross - straight.cross)[:, 0])
    slope = full.item_slope[:, 1] + fit.item_prior[1] * drawn.items[:, 1]
    np.testing.assert_allclose(apart, slope, atol=1e-12)


# Steps, and the preconditioner of their solution.


def eliminated(fit, work):
    """The curvature of the positions with the items eliminated, as a dense matrix."""
    given = fit.given
    out = np.diag(work.node_curve + fit.prior.diagonal)
    linked = np.flatnonzero(given.prev >= 0)
    out[linked, given.prev[linked]] = out[given.prev[linked], linked] = fit.prior.off[linked]
    for v, block in enumerate(work.item_curve):
        between = np.zeros((len(out), 3))
        cells = slice(given.ptr[v], given.ptr[v + 1])
        np.add.at(between, given.node[cells], work.cross[cells])
        out -= between @ np.linalg.solve(block, between.T)
    return out


@pytest.mark.parametrize("groups", [128, 3])
def test_the_preconditioner_is_exact_along_chains_and_smooth_movements(drawn, groups, monkeypatch):
    monkeypatch.setattr(coarse_module, "GROUPS", groups)
    fit, given = Fit(drawn.given, SETTINGS, kernels), drawn.given
    mode = fit.run(drawn.start(), first_items(given), 1e-8)
    _, work = dense(fit, np.concatenate([mode.theta, mode.items.ravel()]))
    inverse = np.linalg.inv(work.item_curve)
    diagonal = work.node_curve + fit.prior.diagonal
    made = coarse(given, work.cross, inverse, diagonal, fit.prior.off, mode.theta)
    curvature = eliminated(fit, work)
    chains = np.diag(np.diag(curvature))
    linked = np.flatnonzero(given.prev >= 0)
    chains[linked, given.prev[linked]] = chains[given.prev[linked], linked] = fit.prior.off[linked]
    shapes = np.zeros((len(made.x), made.group.max() + 1, 3))
    shapes[np.arange(len(made.x)), made.group] = made.x[:, None] ** np.arange(3)
    shapes = shapes.reshape(len(made.x), -1)
    assert shapes.shape[1] == 3 * min(groups, len(given.periods))
    along = shapes @ np.linalg.solve(shapes.T @ curvature @ shapes, shapes.T)
    b = np.random.default_rng(9).normal(size=len(diagonal))
    np.testing.assert_allclose(made.solve(b), (np.linalg.inv(chains) + along) @ b, rtol=1e-5)


@pytest.mark.parametrize("loops", [kernels, plain], ids=["compiled", "plain"])
def test_the_factor_is_that_of_the_dense_blocks_where_no_item_reaches_further(loops):
    drawn = assembly(np.random.default_rng(2), SETTINGS, states=9, periods=2, alone=4, linked=9)
    given, fit = drawn.given, Fit(drawn.given, SETTINGS, kernels)
    mode = fit.run(drawn.start(), first_items(given))
    _, work = dense(fit, np.concatenate([mode.theta, mode.items.ravel()]))
    root = np.linalg.cholesky(np.linalg.inv(work.item_curve))
    diagonal = work.node_curve + fit.prior.diagonal
    made = factor(given, layout_of(given), loops, work.cross, root, diagonal, fit.prior.off)
    lower = np.linalg.cholesky(eliminated(fit, work))
    a, b = np.split(np.arange(len(lower)), given.start[1:-1])
    assert np.abs(lower[np.ix_(b, a)]).max() > 0.1
    np.testing.assert_allclose(made.lower[0], lower[np.ix_(a, a)], atol=1e-12)
    np.testing.assert_allclose(made.lower[1], lower[np.ix_(b, b)], atol=1e-12)
    np.testing.assert_allclose(made.link[0].T, lower[np.ix_(b, a)], atol=1e-12)
    right = np.random.default_rng(1).normal(size=(len(lower), 2))
    whitened = np.concatenate(made.forward(right))
    np.testing.assert_allclose(whitened, np.linalg.solve(lower, right), atol=1e-11)
    back = made.backward(made.forward(right))
    np.testing.assert_allclose(back, np.linalg.solve(eliminated(fit, work), right), atol=1e-10)


def test_a_matrix_that_is_not_definite_is_not_factored(drawn):
    fit, work = Fit(drawn.given, SETTINGS, kernels), Work(drawn.given)
    fit.evaluate(drawn.theta, drawn.items, work, curved=True)
    root = np.linalg.cholesky(np.linalg.inv(work.item_curve))
    layout = layout_of(drawn.given)
    with pytest.raises(NotDefinite):
        factor(drawn.given, layout, kernels, work.cross, root, 0 * drawn.theta, fit.prior.off)


def test_a_step_solves_for_positions_and_items_together(drawn):
    fit, x = Fit(drawn.given, SETTINGS, kernels), point(drawn)
    full, work = dense(fit, x)
    size = len(drawn.theta)
    enlarged = full + 0.5 * np.diag(np.diag(full))
    enlarged[np.arange(size), np.arange(size)] -= 0.5 * fit.prior.diagonal
    moved, changed = fit.step(drawn.theta, work, 0.5, 1e-13)
    right = np.concatenate([work.node_slope, work.item_slope.ravel()])
    found = np.concatenate([moved, changed.ravel()])
    np.testing.assert_allclose(found, np.linalg.solve(enlarged, right), rtol=1e-8, atol=1e-10)


def test_a_step_from_a_point_that_is_no_summit_is_refused(drawn):
    fit, work = Fit(drawn.given, SETTINGS, kernels), Work(drawn.given)
    theta = np.zeros_like(drawn.theta)
    items = first_items(drawn.given)
    items[:, 0] = 0.01
    fit.evaluate(theta, items, work, curved=True)
    with pytest.raises(NotDefinite):
        fit.step(theta, work, 0.0, 1e-6)


@pytest.mark.parametrize("loops", [kernels, plain], ids=["compiled", "plain"])
def test_the_mode_is_flat_and_curved_downwards(drawn, loops):
    fit = Fit(drawn.given, SETTINGS, loops)
    mode = fit.run(drawn.start(), first_items(drawn.given), 1e-8)
    x = np.concatenate([mode.theta, mode.items.ravel()])
    assert mode.converged
    assert np.abs(gradient(fit, x)).max() == mode.gradient_norm <= 1e-8
    assert np.linalg.eigvalsh(dense(fit, x)[0]).min() > 0
    drop = np.random.default_rng(3).normal(size=(20, len(x))) * 1e-2
    assert all(
        fit.evaluate(*packed(fit, x + d), Work(drawn.given), curved=True) < mode.value for d in drop
    )


def test_the_log_posterior_is_likelihood_and_priors(drawn):
    fit = Fit(drawn.given, SETTINGS, kernels)
    mode = fit.run(drawn.start(), first_items(drawn.given))
    out = np.empty((drawn.given.cells, 3))
    plain.probabilities(drawn.given.item_of, drawn.given.node, mode.theta, mode.items, out)
    chosen = out[np.arange(len(out)), drawn.given.category]
    assert mode.log_likelihood == pytest.approx(np.log(chosen).sum(), rel=1e-12)
    beta, middle, gap = mode.items.T
    prior = -0.5 * (SETTINGS.slope * beta**2 + SETTINGS.middle * middle**2).sum()
    prior += ((SETTINGS.gap_shape - 1) * np.log(gap) - SETTINGS.gap_rate * gap).sum()
    prior -= 0.5 * mode.theta @ fit.prior.times(mode.theta)
    assert mode.value - mode.log_likelihood == pytest.approx(prior, rel=1e-10)


def test_large_problems_in_single_precision_end_at_the_same_mode(drawn, monkeypatch):
    fit = Fit(drawn.given, SETTINGS, kernels)
    one = fit.run(drawn.start(), first_items(drawn.given), 1e-9)
    monkeypatch.setattr(newton, "_LARGE", 0)
    two = fit.run(drawn.start(), first_items(drawn.given), 1e-9)
    assert two.converged
    np.testing.assert_allclose(one.theta, two.theta, atol=1e-8)


def test_a_search_that_runs_out_of_steps_is_not_called_converged(drawn):
    fit = Fit(drawn.given, SETTINGS, kernels)
    mode = fit.run(drawn.start(), first_items(drawn.given), steps=2)
    assert not mode.converged
    assert mode.iterations == 2
    assert mode.gradient_norm > newton.TOLERANCE


# Votes as arrays.


def test_votes_are_sorted_by_item_category_and_node_whatever_their_order():
    rng = np.random.default_rng(12)
    size = 400
    state, period = rng.integers(0, 12, size), rng.integers(0, 5, size)
    item, category = rng.integers(0, 30, size), rng.integers(0, 3, size)
    labels = [f"S{k}" for k in range(12)], list(range(5)), list(range(30))
    given = problem(*labels, state, period, item, category)
    place = {
        pair: n for n, pair in enumerate(zip(given.node_period, given.node_state, strict=True))
    }
    node = np.array([place[t, s] for t, s in zip(period, state, strict=True)])
    order = np.lexsort((node, category, item))
    np.testing.assert_array_equal(given.item_of, item[order])
    np.testing.assert_array_equal(given.node, node[order])
    np.testing.assert_array_equal(given.category, category[order])
    np.testing.assert_array_equal(given.votes, np.bincount(node, minlength=len(given.node_state)))
    mixed = rng.permutation(size)
    other = problem(*labels, *(a[mixed] for a in (state, period, item, category)))
    for name in ("ptr", "node", "category", "prev", "start"):
        np.testing.assert_array_equal(getattr(given, name), getattr(other, name))


def test_small_integers_do_not_overflow_where_votes_are_sorted():
    item = np.arange(250, dtype=np.uint8).repeat(2)
    state = np.tile(np.array([0, 1], dtype=np.uint8), 250)
    category = np.tile(np.array([0, 2], dtype=np.int8), 250)
    given = problem(["A", "B"], [1], list(range(250)), state, 0 * state, item, category)
    np.testing.assert_array_equal(given.ptr, 2 * np.arange(251))
    assert len(given.items) == 250
