"""The loops and steps of the Gibbs sampler of the scaling, and its draws from a mid-size assembly.

Loops are held against formulas, finite differences and dense matrices; `test_scaling_posterior` holds the whole chain
against posteriors that are known.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_ndtr, ndtr

from assemblies import assembly
from multipolar.errors import BadInput
from multipolar.measures.scaling import gibbs_kernels as loops
from multipolar.measures.scaling import laplace, mixing, plain, truncated
from multipolar.measures.scaling.gibbs import Chain, Steps, partitions_of, sample
from multipolar.measures.scaling.gibbs_joint import suited
from multipolar.measures.scaling.newton import Fit, Mode, Work, compiled, first_items
from multipolar.measures.scaling.problem import Problem, problem
from multipolar.measures.scaling.settings import NO_GAP, Settings

SETTINGS = Settings(step=0.25, pull=0.5, slope=1.0, middle=0.8, gap_shape=2.0, gap_rate=1.5)


def at(given: Problem, theta, items) -> Mode:
    return Mode(theta, items, 0.0, 0.0, 0.0, 0, 0, True, 0.0)


def chain_of(given, settings, theta, items, seed=0, steps=None) -> Chain:
    fit = Fit(given, settings, compiled())
    rng = np.random.default_rng(seed)
    return Chain(fit, at(given, theta, items), rng, steps or Steps(), partitions_of(given))


def precision(prior) -> np.ndarray:
    n = len(prior.diagonal)
    return np.stack([prior.times(row) for row in np.eye(n)])


# -- truncated normal numbers ------------------------------------------------------------------------

ENDS = [
    (-np.inf, 3.0),
    (-np.inf, 0.1),
    (-np.inf, -2.0),
    (-np.inf, -9.0),
    (-np.inf, -45.0),
    (6.0, np.inf),
    (-0.4, np.inf),
    (-0.3, 0.8),
    (-3.0, 2.9),
    (-6.0, -5.0),
    (1.5, 1.500001),
    (40.0, 40.5),
    (-60.0, -50.0),
]


@pytest.mark.parametrize("ends", ENDS)
def test_truncated_normal_numbers_have_their_distribution(ends):
    low, high = ends
    u = np.random.default_rng(4).random(20_000)
    z = np.empty_like(u)
    truncated.truncated(u, np.full_like(u, low), np.full_like(u, high), z)
    assert np.all((z >= low) & (z <= high))
    law = stats.truncnorm(low, high)
    if max(abs(low) if low > 0 else 0, abs(high) if high < 0 else 0) < 30:
        assert stats.kstest(z, law.cdf).pvalue > 1e-3
    # Far out scipy's function is too rough: the distribution is written from logarithms.
    if low + high > 0:
        # With a lower end alone, quantiles are counted from above.
        low, high, z, u = -high, -low, -z, u if high == np.inf else 1 - u
    top, least = log_ndtr(high), log_ndtr(low)
    share = (np.exp(log_ndtr(z) - top) - np.exp(least - top)) / -np.expm1(least - top)
    np.testing.assert_allclose(share, u, atol=1e-9 if high - low > 1e-3 else 1e-4)


def test_quantiles_in_the_lower_tail_return_the_logarithm_they_came_from():
    logs = -np.concatenate([np.linspace(2.6, 700, 500), np.geomspace(700, 1e5, 100)])
    found = np.array([truncated._lower_quantile(x) for x in logs])
    np.testing.assert_allclose(log_ndtr(found), logs, rtol=1e-13)


# -- the loops ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def point():
    """A mid-size assembly and a point that is not its mode."""
    rng = np.random.default_rng(8)
    drawn = assembly(rng, SETTINGS, states=12, periods=5, alone=6, linked=8)
    theta = drawn.theta + 0.3 * rng.normal(size=len(drawn.theta))
    items = drawn.items * np.exp(0.2 * rng.normal(size=drawn.items.shape))
    return drawn.given, theta, items


def test_latent_responses_lie_between_the_cutpoints_of_each_vote_and_push_its_node(point):
    given, theta, items = point
    u = np.random.default_rng(2).random(given.cells)
    weight, pushed = np.empty(len(theta)), np.empty(len(theta))
    loops.latent(given.ptr, given.node, given.category, theta, items, u, weight, pushed)
    beta, middle, gap = items[given.item_of].T
    mean = beta * theta[given.node]
    low = np.where(given.category == 0, -np.inf, middle - gap / 2 - mean)
    high = np.where(given.category == 2, np.inf, middle + gap / 2 - mean)
    high = np.where(given.category == 0, middle - gap / 2 - mean, high)
    low = np.where(given.category == 2, middle + gap / 2 - mean, low)
    z = np.empty(given.cells)
    truncated.truncated(u, low, high, z)
    assert np.all((low <= z) & (z <= high))
    np.testing.assert_allclose(weight, np.bincount(given.node, beta**2, minlength=len(theta)))
    np.testing.assert_allclose(
        pushed, np.bincount(given.node, beta * z, minlength=len(theta)), atol=1e-9
    )


@pytest.mark.parametrize("dynamics", ["mean-reverting", "random-walk"])
def test_positions_are_drawn_with_mean_and_covariance_of_the_dense_posterior(point, dynamics):
    given, theta, _ = point
    prior = Fit(given, SETTINGS.changed(dynamics=dynamics), compiled()).prior
    n, rng = len(theta), np.random.default_rng(1)
    weight, linear = rng.gamma(2.0, size=n), rng.normal(size=n)
    dense = precision(prior) + np.diag(weight)
    out, gain = np.empty(n), np.empty(n)

    def draw(linear, noise):
        loops.chains(weight + prior.diagonal, prior.off, prior.prev, linear, noise, gain, out)
        return out.copy()

    np.testing.assert_allclose(
        draw(linear, np.zeros(n)), np.linalg.solve(dense, linear), rtol=1e-10
    )
    # The noise goes through a matrix A with A A' = the covariance.
    through = np.stack([draw(np.zeros(n), row) for row in np.eye(n)], axis=1)
    np.testing.assert_allclose(through @ through.T, np.linalg.inv(dense), atol=1e-12)
    np.testing.assert_allclose(np.log(gain).sum(), np.linalg.slogdet(dense)[1])
    density = np.empty(len(given.states))
    x = rng.normal(size=n)
    loops.chain_log_density(
        given.node_state, prior.prev, weight + prior.diagonal, prior.off, x, gain, density
    )
    expected = stats.multivariate_normal(cov=np.linalg.inv(dense)).logpdf(x)
    np.testing.assert_allclose(density.sum() - 0.5 * n * np.log(2 * np.pi), expected)


def test_log_likelihood_by_node_and_its_derivatives_are_the_plain_ones(point):
    given, theta, items = point
    n = len(theta)
    value, slope, curve = np.empty(n), np.empty(n), np.empty(n)
    loops.by_node(given.ptr, given.node, given.category, theta, items, value, slope, curve)
    work = Work(given)
    flat = np.array([1e-300, 1e-300, 1.0, 0.0])
    total = plain.derivatives(
        given.ptr,
        given.node,
        given.category,
        theta,
        items,
        flat,
        False,
        work.node_slope,
        work.node_curve,
        work.item_slope,
        work.item_curve,
        work.cross,
    )
    np.testing.assert_allclose(value.sum(), total, rtol=1e-12)
    np.testing.assert_allclose(slope, work.node_slope, atol=1e-10)
    np.testing.assert_allclose(curve, work.node_curve, atol=1e-10)
    moved = theta.copy()
    moved[5] += 0.4
    other = np.empty(n)
    loops.by_node(given.ptr, given.node, given.category, moved, items, other, slope, curve)
    np.testing.assert_allclose(np.delete(other, 5), np.delete(value, 5))
    assert other[5] != value[5]


def item_density(given, theta, items, settings, middle_at, x):
    """Log densities of the items moved by x in (beta, m + a g, log g), from the formulas."""
    gap = items[:, 2] * np.exp(x[:, 2])
    beta = items[:, 0] + x[:, 0]
    middle = items[:, 1] + x[:, 1] - middle_at * (gap - items[:, 2])
    item, t = given.item_of, theta[given.node]
    low, high = ((middle + sign * gap / 2)[item] - beta[item] * t for sign in (-1, 1))
    p = np.select(
        [given.category == 0, given.category == 2], [ndtr(low), ndtr(-high)], ndtr(high) - ndtr(low)
    )
    value = np.bincount(item, np.log(p), minlength=len(items))
    value -= 0.5 * (settings.slope * beta**2 + settings.middle * middle**2)
    return value + settings.gap_shape * np.log(gap) - settings.gap_rate * gap


def test_items_have_the_density_and_slope_of_the_formulas(point):
    given, theta, items = point
    chain = chain_of(given, SETTINGS, theta, items)
    assert np.ptp(chain.middle_at) > 0.2
    value, slope, root = chain._by_item(items)
    zero = np.zeros_like(items)

    def of(x):
        return item_density(given, theta, items, SETTINGS, chain.middle_at, x)

    np.testing.assert_allclose(value, of(zero), rtol=1e-10)
    second = np.zeros((3, 3, len(items)))
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-5
        np.testing.assert_allclose(
            slope[:, i], (of(zero + step) - of(zero - step)) / 2e-5, atol=1e-6
        )
        for j in range(3):
            other = np.zeros(3)
            other[j] = 1e-3
            step = np.zeros(3)
            step[i] = 1e-3
            second[i, j] = (
                -(
                    of(zero + step + other)
                    - of(zero + step - other)
                    - of(zero - step + other)
                    + of(zero - step - other)
                )
                / 4e-6
            )
    lower = np.zeros((len(items), 3, 3))
    lower[:, [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = root
    made = lower @ lower.transpose(0, 2, 1)
    free = made[:, 2, 2] < second[2, 2] + 1e-2
    assert free.sum() > len(items) / 2
    np.testing.assert_allclose(made[free], np.moveaxis(second, 2, 0)[free], atol=2e-3)
    assert np.all(made[:, 2, 2] > second[2, 2] - 1e-2)


def test_items_are_proposed_with_the_density_that_is_said(point):
    given, theta, items = point
    chain = chain_of(given, SETTINGS, theta, items)
    _, slope, root = chain._by_item(items)
    rng, n = np.random.default_rng(3), len(items)
    size, noise = rng.uniform(0.2, 1.0, n), rng.normal(size=(n, 3))
    there, found = np.empty_like(items), np.empty(n)
    loops.items_towards(items, chain.middle_at, slope, root, size, noise, False, there)
    loops.items_log_proposal(items, chain.middle_at, slope, root, size, False, there, found)
    for v in range(n):
        lower = np.zeros((3, 3))
        lower[[0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = root[v]
        covariance = np.linalg.inv(lower @ lower.T)
        moved = there[v] - items[v]
        moved[1] += chain.middle_at[v] * moved[2]
        moved[2] = np.log(there[v, 2] / items[v, 2])
        mean = (1 - np.sqrt(1 - size[v] ** 2)) * covariance @ slope[v]
        law = stats.multivariate_normal(mean, size[v] ** 2 * covariance)
        expected = law.logpdf(moved) + 1.5 * np.log(2 * np.pi) + 3 * np.log(size[v])
        assert found[v] == pytest.approx(expected, abs=1e-8)


def test_a_move_has_the_ratio_of_the_posterior_and_the_determinant_of_its_map(point):
    given, theta, items = point
    fit = Fit(given, SETTINGS, compiled())
    work = Work(given)
    chain = chain_of(given, SETTINGS, theta, items)
    before = fit.evaluate(theta, items, work, curved=False)
    lengths = set()
    for b, block in enumerate(chain.blocks):
        for kind, amount in ((0, 0.3), (1, -0.2)):
            chain.theta, chain.items = theta.copy(), items.copy()
            ratio, made = chain._moved(b, kind, amount, -np.inf)
            assert made
            count = block.end - block.begin - len(block.inside)
            after = fit.evaluate(chain.theta, chain.items, work, curved=False)
            assert ratio == pytest.approx(after - before + (kind == 1) * amount * count, abs=1e-8)
            changed = np.flatnonzero(chain.theta != theta)
            assert np.array_equal(changed, np.arange(block.begin, block.end))
            assert np.array_equal(np.flatnonzero((chain.items != items).any(axis=1)), block.inside)
            lengths.add(len(block.reach))
    assert len(lengths) > 2
    assert len(chain.blocks[0].inside) == len(items)


def test_a_move_that_is_refused_changes_nothing(point):
    given, theta, items = point
    chain = chain_of(given, SETTINGS, theta, items)
    chain._moved(1, 0, 0.5, np.inf)
    assert np.array_equal(chain.theta, theta)
    assert np.array_equal(chain.items, items)


def test_slopes_of_positions_and_items_are_those_of_the_separate_loops(point):
    given, theta, items = point
    chain = chain_of(given, SETTINGS, theta, items)
    by_node, by_item = np.empty(len(theta)), np.empty_like(items)
    value = loops.slopes(
        given.ptr,
        given.node,
        given.category,
        theta,
        items,
        chain.middle_at,
        chain.item_prior,
        False,
        by_node,
        by_item,
    )
    expected, slope, _ = chain._by_item(items)
    assert value == pytest.approx(expected.sum())
    np.testing.assert_allclose(by_item, slope, atol=1e-10)
    np.testing.assert_allclose(by_node, chain._by_node(theta)[1], atol=1e-10)


@pytest.mark.parametrize("response", ["ordinal", "binary"])
def test_a_path_follows_the_slope_of_the_density_in_the_units_of_its_factor(point, response):
    """To first order a step changes the log density by slope times momentum; so the two maps are adjoint."""
    given, theta, items = point
    if response == "binary":
        items = items * [1, 1, 0] + [0, 0, NO_GAP]
    chain = chain_of(given, SETTINGS.changed(response=response), theta, items)
    joint, rng = chain.joint, np.random.default_rng(3)
    assert 0 < (joint.cross == 0).all(axis=1).mean() < 0.5
    _, by_node, by_item = joint._slope(given, theta, items)
    for _ in range(5):
        nodes, others = rng.normal(size=len(theta)), rng.normal(size=items.shape)
        if response == "binary":
            others[:, 2] = 0.0
        change = []
        for size in (1e-5, -1e-5):
            joint.size = size
            change.append(joint._slope(given, *joint._moved(theta, items, nodes, others))[0])
        slope = by_node @ nodes + (by_item * others).sum()
        assert (change[0] - change[1]) / 2e-5 == pytest.approx(slope, rel=1e-6)


def test_a_short_path_keeps_its_energy_and_is_accepted(point):
    given, theta, items = point
    chain = chain_of(given, SETTINGS, theta, items)
    chain.joint.size = 0.02
    for seed in range(30):
        rng = np.random.default_rng(seed)
        moved, _, accepted = chain.joint.draw(rng, given, theta, items, 0.0)
        assert accepted == 1.0
        assert not np.array_equal(moved, theta)


# -- draws ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def middling():
    """A mid-size assembly with many votes on each item, its mode, errors, and draws."""
    settings = Settings(middle=0.5)
    drawn = assembly(
        np.random.default_rng(2),
        settings,
        states=60,
        periods=3,
        alone=40,
        linked=12,
        short=0.1,
        absent=(0.0, 0.2),
    )
    fit = Fit(drawn.given, settings, compiled())
    mode = fit.run(drawn.start(), first_items(drawn.given))
    voted = drawn.given.votes > 0
    shown = laplace.standardised(laplace.errors(fit, mode), mode.theta, voted)
    return fit, mode, voted, shown, sample(fit, mode, chains=2, warmup=300, draws=700, seed=3)


def on_line(theta, voted, like):
    part = theta[:, :, voted].astype(float)
    part = (part - part.mean(axis=2, keepdims=True)) / part.std(axis=2, keepdims=True)
    return part * np.sign(part @ like)[:, :, None]


def test_means_and_deviations_agree_with_mode_and_errors_where_many_vote(middling):
    _, _, voted, shown, drawn = middling
    points = on_line(drawn.theta, voted, shown.theta[voted])
    mean, deviation = points.mean(axis=(0, 1)), points.std(axis=(0, 1))
    off = (mean - shown.theta[voted]) / shown.nodes[voted]
    assert np.sqrt((off**2).mean()) < 0.35
    assert np.corrcoef(mean, shown.theta[voted])[0, 1] > 0.998
    assert 0.9 < np.median(deviation / shown.nodes[voted]) < 1.08
    assert np.quantile(deviation / shown.nodes[voted], 0.05) > 0.8
    assert mixing.rhat(points).max() < 1.05


def test_proposals_are_accepted_neither_always_nor_hardly_ever(middling):
    accepted = middling[-1].accepted
    assert set(accepted) == {"items", "positions", "moves", "joint"}
    assert all(0.3 < share < 0.99 for share in accepted.values())


def test_the_same_seed_gives_the_same_bytes_and_chains_differ():
    drawn = assembly(np.random.default_rng(1), SETTINGS, states=8, periods=2, alone=5, linked=2)
    fit = Fit(drawn.given, SETTINGS, compiled())
    mode = fit.run(drawn.start(), first_items(drawn.given))
    options = {"warmup": 5, "draws": 6, "thin": 2}
    one = sample(fit, mode, chains=2, seed=7, **options)
    two = sample(fit, mode, chains=2, seed=7, **options)
    alone = sample(fit, mode, chains=1, seed=7, **options)
    other = sample(fit, mode, chains=1, seed=8, **options)
    assert one.theta.tobytes() == two.theta.tobytes()
    assert one.items.tobytes() == two.items.tobytes()
    assert one.theta[0].tobytes() == alone.theta[0].tobytes()
    assert not np.allclose(one.theta[0], one.theta[1])
    assert not np.allclose(alone.theta, other.theta)
    assert one.sweeps == 17
    every = sample(fit, mode, chains=1, seed=7, warmup=5, draws=12)
    assert every.theta[0, 1::2].tobytes() == alone.theta[0].tobytes()


def test_chains_start_wider_than_the_posterior(middling):
    fit, mode, _, _, drawn = middling
    starts = []
    for k in range(8):
        chain = chain_of(fit.given, fit.settings, mode.theta, mode.items, seed=k)
        chain.disperse()
        starts.append(chain.theta - mode.theta)
    assert np.std(starts) > 1.4 * np.median(drawn.theta.std(axis=(0, 1)))


def test_progress_is_said():
    drawn = assembly(np.random.default_rng(1), SETTINGS, states=8, periods=2, alone=5, linked=2)
    fit = Fit(drawn.given, SETTINGS, compiled())
    mode = at(drawn.given, drawn.theta, drawn.items)
    said = []
    sample(fit, mode, chains=2, warmup=1, draws=1, say=said.append)
    assert said == ["chain 1 of 2: 0 % of all sweeps", "chain 2 of 2: 50 % of all sweeps"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chains", 0),
        ("draws", 0),
        ("warmup", -1),
        ("thin", 0),
        ("seed", -1),
        ("draws", 2.5),
        ("chains", True),
    ],
)
def test_bad_numbers_are_refused(middling, name, value):
    fit, mode, *_ = middling
    options = {"chains": 1, "warmup": 0, "draws": 1} | {name: value}
    with pytest.raises(BadInput, match=name):
        sample(fit, mode, **options)


def test_a_chain_with_its_ends_swapped_is_told_by_no_likelihood():
    """The reflection leaves the density as it is, so that draws can be aligned afterwards."""
    drawn = assembly(np.random.default_rng(1), SETTINGS, states=8, periods=2, alone=5, linked=2)
    fit, work = Fit(drawn.given, SETTINGS, compiled()), Work(drawn.given)
    one = fit.evaluate(drawn.theta, drawn.items, work, curved=False)
    other = fit.evaluate(-drawn.theta, drawn.items * [-1, 1, 1], work, curved=False)
    assert one == pytest.approx(other)


def test_sampling_reads_the_votes_of_large_and_small_items_alike():
    """More votes on an item than fit in one chunk of the loops."""
    rng = np.random.default_rng(6)
    n = 700
    state = np.tile(np.arange(n), 3)
    item = np.repeat(np.arange(3), n)
    category = rng.integers(0, 3, 3 * n)
    given = problem(
        [f"s{k}" for k in range(n)], [0], list("abc"), state, np.zeros(3 * n, int), item, category
    )
    theta, items = (
        rng.normal(size=n),
        np.array([[1.0, 0.2, 0.5], [-0.4, 0.0, 1.5], [0.3, -0.6, 0.9]]),
    )
    chain = chain_of(given, SETTINGS, theta, items)
    value, _, _ = chain._by_item(items)
    expected = item_density(given, theta, items, SETTINGS, chain.middle_at, np.zeros((3, 3)))
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_a_sampler_that_cannot_leave_one_of_two_places_is_flagged(middling):
    _, _, voted, shown, drawn = middling
    points = on_line(drawn.theta, voted, shown.theta[voted])
    apart = points.copy()
    apart[1] += 3 * points.std(axis=(0, 1))
    assert mixing.rhat(apart).min() > 1.3


def test_a_factor_of_a_very_large_body_is_not_made(point):
    given, theta, items = point
    assert suited(given)
    chain = chain_of(given, SETTINGS, theta, items, steps=Steps(joint=0))
    assert chain.joint is None
    n = 6000
    rows = np.arange(2 * n)
    large = problem(
        [f"s{k}" for k in range(n)], [0], ["a", "b"], rows % n, 0 * rows, rows // n, rows % 3
    )
    assert not suited(large)


def test_more_draws_than_fit_into_memory_are_refused(middling):
    fit, mode, *_ = middling
    with pytest.raises(BadInput, match=r"would take \d+ GB.*larger thin"):
        sample(fit, mode, draws=10_000_000)
