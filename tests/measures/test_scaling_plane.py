"""Ideal points in the plane: loops, search, turn, errors and predictions.

Tolerances: the plain loops lose digits where the formulas of the textbook subtract, so that curvatures agree to
about 1e-10 of their size. Finite differences have steps of 1e-5, and agree to 1e-6. The band of the coverage is that
of the requirement: 85 to 95 per cent.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from multipolar.errors import BadInput
from multipolar.measures.scaling import newton, predict
from multipolar.measures.scaling import start as line_start
from multipolar.measures.scaling.coarse import NotDefinite
from multipolar.measures.scaling.laplace import errors as line_errors
from multipolar.measures.scaling.plane import coarse as coarse_module
from multipolar.measures.scaling.plane import errors as errors_module
from multipolar.measures.scaling.plane import kernels, plain
from multipolar.measures.scaling.plane.coarse import coarse, stiff, turned
from multipolar.measures.scaling.plane.errors import plane_errors
from multipolar.measures.scaling.plane.predict import plane_predictor, reached_in_plane
from multipolar.measures.scaling.plane.rotate import Turn, apart, nearest, turn_of, weights
from multipolar.measures.scaling.plane.search import Search, Work, is_compiled, items_given
from multipolar.measures.scaling.plane.start import automatic_start
from multipolar.measures.scaling.problem import problem
from multipolar.measures.scaling.settings import Settings
from plane_assemblies import plane_assembly

ORDINAL = Settings(step=0.25, pull=0.5, middle=0.5)
BINARY = Settings(response="binary", pull=0.5, middle=0.5)
SMALL = {"states": 14, "periods": 3, "alone": 12, "linked": 5}


def drawn(settings, seed=1, **more):
    return plane_assembly(np.random.default_rng(seed), settings, **{**SMALL, **more})


def point(given, settings, seed=0):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(len(given.node_state), 2))
    items = rng.normal(size=(len(given.items), 4))
    items[:, 3] = 0.0 if settings.response == "binary" else np.exp(0.4 * items[:, 3])
    return theta, items


def fitted(given, settings):
    search = Search(given, settings, kernels)
    return search, search.run(automatic_start(given), search.first_items())


def dense_curvature(search, mode, *, curved=True):
    """The whole matrix of positions (two columns a node) and items (four), from the plain formulas."""
    given, work = search.given, Work(search.given)
    Search(given, search.settings, plain).evaluate(mode.theta, mode.items, work, curved=curved)
    full = plain.crossed(given.ptr, given.node, work.cross, mode.theta, mode.items)
    n, v = 2 * len(mode.theta), len(mode.items)
    matrix = np.zeros((n + 4 * v, n + 4 * v))
    for k, (a, b, c) in enumerate(search.curve(work)):
        matrix[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[a, b], [b, c]]
        before = given.prev[k]
        if before >= 0:
            for d in (0, 1):
                i, j = 2 * k + d, 2 * before + d
                matrix[i, j] = matrix[j, i] = -1.0 / search.settings.step
    for k in range(v):
        here = slice(n + 4 * k, n + 4 * k + 4)
        matrix[here, here] = work.item_curve[k]
    for k, (node, item) in enumerate(zip(given.node, given.item_of, strict=True)):
        rows, columns = slice(2 * node, 2 * node + 2), slice(n + 4 * item, n + 4 * item + 4)
        matrix[rows, columns] += full[k]
        matrix[columns, rows] += full[k].T
    return matrix


# --- loops -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [ORDINAL, BINARY], ids=lambda s: s.response)
@pytest.mark.parametrize("curved", [True, False])
def test_compiled_derivatives_are_those_of_plain_numpy(settings, curved):
    given = drawn(settings, states=300, periods=1, alone=6).given  # more votes than one chunk
    theta, items = point(given, settings)
    one, other = Work(given), Work(given)
    value = Search(given, settings, kernels).evaluate(theta, items, one, curved=curved)
    assert value == pytest.approx(
        Search(given, settings, plain).evaluate(theta, items, other, curved=curved), rel=1e-12
    )
    for name in ("node_slope", "node_curve", "item_slope", "item_curve", "cross"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert np.abs(mine - theirs).max() < 1e-10 * np.abs(theirs).max(), name


@pytest.mark.parametrize("settings", [ORDINAL, BINARY], ids=lambda s: s.response)
def test_gradient_and_curvature_are_those_of_finite_differences(settings):
    given = drawn(settings, states=6, periods=2, alone=4, linked=2).given
    theta, items = point(given, settings)
    search, work = Search(given, settings, kernels), Work(given)
    start = np.concatenate([theta.ravel(), items.ravel()])
    free = np.ones(len(start), bool)
    if settings.response == "binary":
        free[theta.size + 3 :: 4] = False

    def gradient(at):
        value = search.evaluate(
            at[: theta.size].reshape(-1, 2), at[theta.size :].reshape(-1, 4), work, curved=True
        )
        return value, np.concatenate([work.node_slope.ravel(), work.item_slope.ravel()])

    slope, step = gradient(start)[1], 1e-5
    mode = newton.Mode(theta, items, 0, 0, 0, 0, 0, False, 0)
    matrix = dense_curvature(search, mode)
    for k in np.flatnonzero(free):
        moved = start.copy()
        moved[k] += step
        up = gradient(moved)
        moved[k] -= 2 * step
        down = gradient(moved)
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(
            slope[k], abs=1e-6 * max(1, abs(slope[k]))
        )
        bent = -(up[1] - down[1]) / (2 * step)
        assert np.abs(bent - matrix[k])[free].max() < 1e-6 * np.abs(matrix).max()


@pytest.mark.parametrize("name", ["without_items", "item_products", "node_products"])
def test_products_are_those_of_plain_numpy(name):
    given = drawn(ORDINAL, states=290).given
    theta, items = point(given, ORDINAL)
    work, rng = Work(given), np.random.default_rng(2)
    Search(given, ORDINAL, kernels).evaluate(theta, items, work, curved=True)
    inverse = np.linalg.inv(work.item_curve)
    first = {
        "without_items": (inverse, rng.normal(size=theta.shape)),
        "item_products": (rng.normal(size=theta.shape),),
        "node_products": (rng.normal(size=items.shape),),
    }[name]
    out = [np.ones(items.shape if name == "item_products" else theta.shape) for _ in range(2)]
    for loops, into in zip((kernels, plain), out, strict=True):
        getattr(loops, name)(given.ptr, given.node, work.cross, theta, items, *first, into)
    assert np.abs(out[0] - out[1]).max() < 1e-11 * np.abs(out[1]).max()


@pytest.mark.parametrize("rooted", [True, False])
def test_a_period_written_out_is_that_of_plain_numpy(rooted):
    given = drawn(ORDINAL).given
    theta, items = point(given, ORDINAL)
    work = Work(given)
    Search(given, ORDINAL, kernels).evaluate(theta, items, work, curved=True)
    root = np.linalg.cholesky(np.linalg.inv(work.item_curve))
    begin, end = int(given.start[1]), int(given.start[2])
    chosen = np.array([13, 2, len(items) - 1])
    out = [np.zeros((4 * len(chosen), 2 * (end - begin))) for _ in range(2)]
    for loops, into in zip((kernels, plain), out, strict=True):
        loops.spread(
            chosen, given.ptr, given.node, begin, end, work.cross, theta, items, root, rooted, into
        )
    assert np.abs(out[1]).max() > 0.1
    assert np.abs(out[0] - out[1]).max() < 1e-12 * np.abs(out[1]).max()


@pytest.mark.parametrize("settings", [ORDINAL, BINARY], ids=lambda s: s.response)
def test_probabilities_are_those_of_plain_numpy_and_of_the_value(settings):
    given = drawn(settings).given
    theta, items = point(given, settings)
    out = np.zeros((2, given.cells, 3))
    for loops, into in zip((kernels, plain), out, strict=True):
        loops.probabilities(given.item_of, given.node, theta, items, into)
    assert np.abs(out[0] - out[1]).max() < 1e-14
    assert out[0].sum(axis=1) == pytest.approx(np.ones(given.cells))


def test_the_preconditioner_is_made_of_exact_parts(monkeypatch):
    monkeypatch.setattr(coarse_module, "_RIDGE", 0.0)
    given = drawn(ORDINAL).given
    search, mode = fitted(given, ORDINAL)
    work = Work(given)
    search.evaluate(mode.theta, mode.items, work, curved=True)
    inverse, curve = np.linalg.inv(work.item_curve), search.curve(work)
    held = stiff(mode.theta, 3.0)
    made = coarse(given, work.cross, mode.theta, mode.items, inverse, curve, search.prior.off, held)
    n = 2 * len(mode.theta)
    whole = dense_curvature(search, mode)
    left = whole[:n, :n] - whole[:n, n:] @ np.linalg.solve(whole[n:, n:], whole[n:, :n])
    left += 3.0 * np.outer(held.along.ravel(), held.along.ravel())
    product = search.times(mode.theta, mode.items, work, inverse, curve, held)
    x = np.random.default_rng(3).normal(size=mode.theta.shape)
    assert np.abs(product(x).ravel() - left @ x.ravel()).max() < 1e-10 * np.abs(left).max()
    smooth = np.zeros((n, 12 * len(given.periods)))
    for node, group in enumerate(made.group):
        for form in range(6):
            for d in (0, 1):
                smooth[2 * node + d, 12 * group + 2 * form + d] = made.forms[node, form]
    along = smooth.T @ left @ smooth
    assert np.abs(made.lower @ made.lower.T - along).max() < 1e-9 * np.abs(along).max()
    chains = np.zeros((n, n))
    for k, before in enumerate(given.prev):
        here = slice(2 * k, 2 * k + 2)
        chains[here, here] = left[here, here]
        if before >= 0:
            there = slice(2 * before, 2 * before + 2)
            chains[here, there] = chains[there, here] = -np.eye(2) / ORDINAL.step
    wanted = np.linalg.solve(chains, x.ravel()) + smooth @ np.linalg.solve(
        along, smooth.T @ x.ravel()
    )
    assert np.abs(made.solve(x).ravel() - wanted).max() < 1e-8 * np.abs(wanted).max()


def test_a_matrix_that_is_not_positive_definite_is_refused():
    given = drawn(ORDINAL).given
    theta, items = point(given, ORDINAL)
    work = Work(given)
    search = Search(given, ORDINAL, kernels)
    search.evaluate(theta, items, work, curved=True)
    with pytest.raises(NotDefinite):
        search.step(theta, items, work, damping=0.0, accuracy=1e-8)


# --- the mode ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        ORDINAL,
        replace(ORDINAL, dynamics="random-walk"),
        replace(BINARY, dynamics="static"),
        BINARY,
    ],
    ids=lambda s: f"{s.response} {s.dynamics}",
)
def test_the_search_ends_at_a_mode_and_a_far_start_ends_there_too(settings):
    given = drawn(settings, seed=4, states=40, periods=2, alone=40).given
    search, mode = fitted(given, settings)
    assert mode.converged
    assert mode.gradient_norm <= newton.TOLERANCE
    far = -0.1 * turned(automatic_start(given))
    far = far + 0.05 * np.random.default_rng(0).normal(size=far.shape)
    other = search.run(far, search.first_items())
    assert other.converged
    assert other.value == pytest.approx(mode.value, rel=1e-9)
    assert apart(given, mode.theta, other.theta).max() < 1e-4
    spectrum = np.linalg.eigvalsh(dense_curvature(search, mode))
    # One direction is flat: that in which all turns. In all others it is a mode.
    assert abs(spectrum[0]) < 1e-5
    assert spectrum[1] > 1e-3


def test_the_value_is_that_of_the_votes_and_the_priors():
    given = drawn(ORDINAL).given
    mode = fitted(given, ORDINAL)[1]
    out = np.zeros((given.cells, 3))
    plain.probabilities(given.item_of, given.node, mode.theta, mode.items, out)
    log = np.log(out[np.arange(given.cells), given.category]).sum()
    assert mode.log_likelihood == pytest.approx(log, rel=1e-10)
    b, m, g = mode.items[:, :2], mode.items[:, 2], mode.items[:, 3]
    s = ORDINAL
    log += -0.5 * s.slope * (b**2).sum() - 0.5 * s.middle * (m**2).sum()
    log += ((s.gap_shape - 1) * np.log(g) - s.gap_rate * g).sum()
    log -= 0.5 * s.pull * (mode.theta**2).sum()
    later = given.prev >= 0
    log -= 0.5 / s.step * ((mode.theta[later] - mode.theta[given.prev[later]]) ** 2).sum()
    assert mode.value == pytest.approx(log, rel=1e-10)


def test_turning_positions_and_items_together_changes_nothing():
    given = drawn(ORDINAL).given
    theta, items = point(given, ORDINAL)
    search = Search(given, ORDINAL, kernels)
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = items.copy()
    moved[:, :2] = items[:, :2] @ turn.T
    before = search.evaluate(theta, items, Work(given), curved=True)
    after = search.evaluate(theta @ turn.T, moved, Work(given), curved=True)
    assert after == pytest.approx(before, rel=1e-12)
    one = turn_of(given, theta, items).points(theta)
    other = turn_of(given, theta @ turn.T, moved).points(theta @ turn.T)
    assert np.abs(one - other * np.sign((one * other).sum(axis=0))).max() < 1e-9


def test_the_start_finds_the_plane_and_keeps_it_from_period_to_period():
    made = drawn(ORDINAL, seed=2, states=60, periods=4, alone=60, second=0.9)
    start = automatic_start(made.given)
    there = start @ nearest(start, made.theta).T
    for d in (0, 1):
        assert np.corrcoef(there[:, d], made.theta[:, d])[0, 1] > 0.8


def test_few_steps_are_not_called_converged():
    given = drawn(ORDINAL).given
    search = Search(given, ORDINAL, kernels)
    mode = search.run(automatic_start(given), search.first_items(), steps=1)
    assert not mode.converged
    assert mode.iterations == 1
    assert mode.gradient_norm > newton.TOLERANCE


def test_loops_that_have_run_are_compiled():
    drawn_given = drawn(ORDINAL).given
    search, mode = fitted(drawn_given, ORDINAL)
    plane_errors(search, mode, turn_of(drawn_given, mode.theta, mode.items))
    assert is_compiled()


# --- what is shown -----------------------------------------------------------------------------------


def test_the_plane_that_is_shown_follows_its_rule():
    given = drawn(ORDINAL).given
    _, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    points, voted = turn.points(mode.theta), given.votes > 0
    assert points[voted].mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert np.cov(points[voted].T, bias=True) == pytest.approx(np.eye(2), abs=1e-9)
    slopes = turn.slopes(mode.items)
    total = (slopes * weights(given)[:, None]).T @ slopes
    assert total[0, 1] == pytest.approx(0, abs=1e-9 * total[0, 0])
    assert total[0, 0] > total[1, 1]
    assert turn.shares == pytest.approx(np.diag(total) / np.trace(total))
    flipped = turn.flipped(True, False)
    assert flipped.points(mode.theta) == pytest.approx(points * [-1, 1])
    for shown in (turn, flipped):
        beta, lower, upper = shown.items(mode.items)
        at = (beta[given.item_of] * shown.points(mode.theta)[given.node]).sum(axis=1)
        item = mode.items[given.item_of]
        model = (item[:, :2] * mode.theta[given.node]).sum(axis=1)
        assert lower[given.item_of] - at == pytest.approx(item[:, 2] - 0.5 * item[:, 3] - model)
        assert upper[given.item_of] - at == pytest.approx(item[:, 2] + 0.5 * item[:, 3] - model)


def test_an_item_weighs_the_votes_outside_its_largest_group():
    given = problem("ABCDE", [0], [0, 1], np.tile(range(5), 2), np.zeros(10, int),
                    np.repeat([0, 1], 5), np.array([0, 0, 0, 2, 2, 0, 1, 1, 1, 1]))  # fmt: skip
    assert weights(given).tolist() == [2, 1]


def test_positions_on_one_line_are_refused():
    given = drawn(ORDINAL).given
    theta, items = point(given, ORDINAL)
    theta[:, 1] = 2 * theta[:, 0] + 1
    with pytest.raises(BadInput, match="one line"):
        turn_of(given, theta, items)


def test_distances_between_two_fits_are_the_same_after_any_change_of_scale():
    given = drawn(ORDINAL).given
    theta, _ = point(given, ORDINAL)
    by = np.array([[0.3, 2.0], [-1.1, 0.4]])
    assert apart(given, theta, theta @ by.T + 5).max() < 1e-9
    moved = theta.copy()
    moved[7] += 0.5
    found = apart(given, theta, moved)
    assert int(np.argmax(found)) == 7
    assert 0.3 < found[7] < 0.8


# --- errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [ORDINAL, BINARY], ids=lambda s: s.response)
def test_errors_are_those_of_the_dense_posterior_by_the_delta_method(settings):
    given = drawn(settings, states=9, periods=3, alone=8, linked=4).given
    search, mode = fitted(given, settings)
    turn = turn_of(given, mode.theta, mode.items)
    found = plane_errors(search, mode, turn)
    assert found.curvature == "newton"
    covariance = np.linalg.pinv(dense_curvature(search, mode), rcond=1e-9, hermitian=True)
    start = np.concatenate([mode.theta.ravel(), mode.items.ravel()])
    points, n = turn.points(mode.theta), mode.theta.size

    def shown(at):
        theta, items = at[:n].reshape(-1, 2), at[n:].reshape(-1, 4)
        moved = turn_of(given, theta, items).points(theta)
        return (moved * np.sign((moved * points).sum(axis=0))).ravel()

    slopes = np.zeros((n, len(start)))
    for k in range(len(start)):
        moved = np.stack([start, start])
        moved[0, k] += 1e-5
        moved[1, k] -= 1e-5
        slopes[:, k] = (shown(moved[0]) - shown(moved[1])) / 2e-5
    whole = slopes @ covariance @ slopes.T
    for node in range(len(mode.theta)):
        here = slice(2 * node, 2 * node + 2)
        assert found.shown[node] == pytest.approx(whole[here, here], abs=1e-6 * whole.max())
    assert found.nodes.ravel() == pytest.approx(np.sqrt(np.diag(whole)), rel=1e-5)


def test_errors_for_predictions_leave_shift_stretch_and_turn_out():
    given = drawn(ORDINAL, states=9, periods=2, alone=10, linked=4).given
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    found = plane_errors(search, mode, turn)
    n, count = mode.theta.size, len(mode.theta)
    covariance = np.linalg.pinv(dense_curvature(search, mode), rcond=1e-9, hermitian=True)[:n, :n]
    wide = np.kron(np.eye(count), turn.by)
    covariance = wide @ covariance @ wide.T
    x, y = turn.points(mode.theta).T
    # Directions that are taken out: two shifts, three stretches, one turn (all nodes here have votes).
    out = np.zeros((n, 6))
    out[0::2, 0], out[1::2, 1], out[0::2, 2], out[1::2, 3] = 1, 1, x, y
    out[0::2, 4], out[1::2, 4] = y, x
    out[0::2, 5], out[1::2, 5] = -y, x
    assert (given.votes > 0).all()
    rest = np.eye(n) - out @ np.linalg.pinv(out)
    wanted = rest @ covariance @ rest.T
    for node in range(count):
        here = slice(2 * node, 2 * node + 2)
        assert found.held[node] == pytest.approx(wanted[here, here], abs=1e-7 * wanted.max())


@pytest.mark.parametrize(
    ("settings", "more", "count"),
    [
        (replace(ORDINAL, pull=0.6), {"periods": 2, "alone": 60, "linked": 6}, 12),
        (replace(BINARY, dynamics="static"), {"periods": 1, "alone": 150, "linked": 0}, 12),
    ],
    ids=["ordinal", "binary static"],
)
def test_ninety_per_cent_intervals_cover_the_truth(settings, more, count):
    hits = []
    for seed in range(count):
        made = drawn(settings, seed=100 + seed, states=62, **more)
        search, mode = fitted(made.given, settings)
        turn = turn_of(made.given, mode.theta, mode.items)
        points, true = turn.points(mode.theta), made.shown
        true = true * np.sign((true * points).sum(axis=0))
        error = plane_errors(search, mode, turn).nodes
        hits.append((np.abs(points - true) < 1.6449 * error).mean(axis=0))
    cover = np.mean(hits, axis=0)
    assert (cover > 0.85).all()
    assert (cover < 0.95).all()


def test_a_large_body_has_errors_given_the_items_and_says_so(monkeypatch):
    given = drawn(ORDINAL).given
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    exact = plane_errors(search, mode, turn)
    monkeypatch.setattr(errors_module, "LARGE", 5)
    found = plane_errors(search, mode, turn)
    assert found.curvature == "conditional"
    assert np.isnan(found.turn)
    assert 0 < np.median(found.nodes / exact.nodes) < 1
    work = Work(given)
    search.evaluate(mode.theta, mode.items, work, curved=False)
    a, b, c = search.curve(work)[3]
    own = turn.by @ np.linalg.inv([[a, b], [b, c]]) @ turn.by.T
    assert found.shown[3] == pytest.approx(own)


def test_at_a_point_that_is_no_mode_errors_say_so():
    given = drawn(ORDINAL).given
    theta, items = point(given, ORDINAL)
    mode = newton.Mode(theta, items, 0, 0, 0, 0, 0, False, 0)
    found = plane_errors(Search(given, ORDINAL, kernels), mode, turn_of(given, theta, items))
    assert found.curvature == "gauss-newton"
    assert np.isfinite(found.nodes).all()


# --- predictions -------------------------------------------------------------------------------------


def test_items_given_the_positions_are_at_their_mode():
    given = drawn(ORDINAL).given
    theta, _ = point(given, ORDINAL)
    made, spread = items_given(given.ptr, given.node, given.category, theta, ORDINAL, kernels)
    work = Work(given)
    Search(given, ORDINAL, plain).evaluate(theta, made, work, curved=False)
    assert np.abs(work.item_slope).max() < 1e-7
    assert spread == pytest.approx(np.linalg.inv(work.item_curve), rel=1e-6)


def test_two_dimensions_foretell_held_out_votes_of_a_plane_better_than_one():
    made = drawn(ORDINAL, seed=3, states=50, periods=2, alone=60, linked=0, second=0.8)
    full = made.given
    away = np.random.default_rng(0).random(full.cells) < 0.1
    kept = ~away
    state, period = full.node_state[full.node], full.node_period[full.node]
    given = problem(
        full.states,
        full.periods,
        range(len(full.items)),
        state[kept],
        period[kept],
        full.item_of[kept],
        full.category[kept],
    )
    assert (given.node_state == full.node_state).all()
    place = {v: k for k, v in enumerate(given.items)}
    item = np.array([place.get(v, -1) for v in full.item_of[away]])
    node, category = full.node[away], full.category[away]
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    made_of = plane_predictor(given, ORDINAL, mode, turn, plane_errors(search, mode, turn))
    two = made_of.probabilities(node, item)
    line = newton.Fit(given, ORDINAL, newton.compiled())
    flat = line.run(line_start.automatic_start(given), newton.first_items(given))
    one = predict.predictor(given, ORDINAL, flat, line_errors(line, flat).nodes ** 2)
    rows = np.arange(len(node))
    assert two.sum(axis=1) == pytest.approx(np.ones(len(node)))
    gain = np.log(two[rows, category]) - np.log(one.probabilities(node, item)[rows, category])
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))
    # What is said with p comes true in p of the cases, within four standard errors.
    said, true = two[:, 0], category == 0
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
        some = (said >= low) & (said < high)
        noise = np.sqrt((said[some] * (1 - said[some])).sum()) / some.sum()
        assert abs(true[some].mean() - said[some].mean()) < 4 * noise


def test_uncertainty_brings_probabilities_nearer_to_the_middle():
    given = drawn(ORDINAL).given
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    base = plane_predictor(given, ORDINAL, mode, turn, plane_errors(search, mode, turn))
    sure = replace(base, spread=0 * base.spread, item_spread=0 * base.item_spread)
    node, item = given.node, given.item_of
    known = np.zeros((given.cells, 3))
    plain.probabilities(item, node, mode.theta, mode.items, known)
    assert sure.probabilities(node, item) == pytest.approx(known, abs=1e-9)
    plug, mild = sure.probabilities(node, item)[:, 0], base.probabilities(node, item)[:, 0]
    far = np.abs(plug - 0.5) > 0.1
    assert (np.abs(mild - 0.5) < np.abs(plug - 0.5))[far].all()


def test_the_variance_of_a_response_is_that_of_draws():
    theta, items = np.array([[0.4, -1.0]]), np.array([[1.2, -0.5, 0.3, 0.8]])
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 2)), rng.normal(size=(4, 4))
    spread, item_spread = 0.1 * (a @ a.T), 0.03 * (b @ b.T)
    made = _predictor(theta, spread, items, item_spread)
    x = rng.multivariate_normal(theta[0], spread, 400_000)
    v = rng.multivariate_normal(items[0], item_spread, 400_000)
    z = (v[:, :2] * x).sum(axis=1) + rng.normal(size=len(x))
    below = (z < v[:, 2] - 0.5 * v[:, 3]).mean()
    found = made.probabilities(np.array([0]), np.array([0]))[0, 0]
    # The product of two normal numbers is not normal: equal in variance, not beyond.
    assert found == pytest.approx(below, abs=0.01)


def _predictor(theta, spread, items, item_spread):
    from multipolar.measures.scaling.plane.predict import PlanePredictor

    return PlanePredictor(
        theta,
        spread[None],
        items,
        item_spread[None],
        np.eye(2),
        np.array([0, 0, 0.0, 1.0]),
        np.eye(2),
    )


def test_a_state_is_reached_beyond_its_periods_by_the_prior():
    given = drawn(ORDINAL).given
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    base = plane_predictor(given, ORDINAL, mode, turn, plane_errors(search, mode, turn))
    theta, spread = reached_in_plane(
        given, ORDINAL, base, np.array([4]), np.array([len(given.periods) + 1.0])
    )
    last = np.flatnonzero(given.node_state == 4)[-1]
    each = 1.0 / (1.0 / ORDINAL.step + ORDINAL.pull)
    kept = each / ORDINAL.step
    assert theta[0] == pytest.approx(base.theta[last] * kept**2)
    wanted = base.spread[last] * kept**4 + each * (1 + kept**2) * np.eye(2)
    assert spread[0] == pytest.approx(wanted)


def test_nothing_known_is_answered_with_the_votes_as_a_whole():
    given = drawn(ORDINAL, states=40).given
    search, mode = fitted(given, ORDINAL)
    turn = turn_of(given, mode.theta, mode.items)
    base = plane_predictor(given, ORDINAL, mode, turn, plane_errors(search, mode, turn))
    found = base.probabilities(np.array([-1]), np.array([-1]))[0]
    shares = np.bincount(given.category, minlength=3) / given.cells
    assert found == pytest.approx(shares, abs=0.005)


def test_a_turn_and_its_slopes_are_inverse_to_each_other():
    turn = Turn(np.array([0.5, -1.0]), np.array([[2.0, 0.3], [-0.1, 1.5]]), (0.7, 0.3))
    theta, items = np.array([[1.0, 2.0]]), np.array([[0.4, -0.8, 0.2, 0.6]])
    beta, lower, upper = turn.items(items)
    at = (beta * turn.points(theta)).sum()
    assert lower[0] - at == pytest.approx(0.2 - 0.3 - (0.4 - 1.6))
    assert upper[0] - lower[0] == pytest.approx(0.6)
