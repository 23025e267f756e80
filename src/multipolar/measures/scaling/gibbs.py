"""Draws from the posterior of positions and items, by Markov chains.

The posterior is that of `newton`: the same response, the same priors. What `laplace` takes for normal is
drawn here as it is, so that this is the check on it, and the source of any statement on several positions
at once. A sweep is made of these steps; each leaves the posterior as it is.

1. *Items given the positions.* Given the positions all items are independent. For each a Newton step of
   (beta, m, log g) is made, with noise that has the inverse curvature as covariance; the proposal is accepted by the
   rule of Metropolis and Hastings. The latent responses are integrated out here: drawn given them, cutpoints
   hardly move (Cowles 1996).
2. *Latent responses, then positions.* Truncated normal numbers given items and positions; then, the response
   being normal, all positions of a state at once, back along its periods and forward again
   (Albert and Chib 1993; Carter and Kohn 1994). With step 1 this is a partially collapsed sampler: the
   responses are drawn after the items, and before they are used (van Dyk and Park 2008).
3. *Positions given the items, without responses.* As step 1, with a state's positions of all periods as one
   proposal. Where votes tell little, as at the ends of the scale, step 2 moves by a small part of the
   uncertainty; this step moves by all of it.
4. *Shifts and stretches.* All positions of some neighbouring periods are shifted, or stretched about a fixed
   point, and the items of these periods are changed so that none of their votes tells (Liu and Sabatti
   2000). Items that reach over other periods stay, and their votes count. The periods are 1, 2, 4, …
   neighbouring ones, and all together, as in multigrid methods (Goodman and Sokal 1989).
5. *Everything together*, in every fifth sweep (`gibbs_joint`).

How far proposals reach is tuned in the sweeps that are thrown away, and held afterwards. The reflection of
all positions is no move: draws are aligned with the mode when they are read.

Source: Albert, J. H. and Chib, S. (1993), Journal of the American Statistical Association 88, 669–679;
Carter, C. K. and Kohn, R. (1994), Biometrika 81, 541–553; Cowles, M. K. (1996), Statistics and Computing 6,
101–111; Goodman, J. and Sokal, A. D. (1989), Physical Review D 40, 2035–2071; Liu, J. S. and Sabatti, C.
(2000), Biometrika 87, 353–369; van Dyk, D. A. and Park, T. (2008), Journal of the American Statistical
Association 103, 790–796.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from ...errors import BadInput
from .coarse import NotDefinite
from .gibbs_joint import Joint
from .gibbs_joint import suited as joint_suits
from .newton import Fit, Mode
from .problem import Array, Problem
from .settings import NO_GAP

WIDE = 2.0
"""How much wider than the posterior given the items the positions are at which chains start."""
_APART = 0.1
"""Standard deviation of the shift, and of the logarithm of the stretch, of a period at the start."""
_WANTED = 0.45
"""Share of proposals that are accepted where how far they reach is tuned to."""
_LEAST_SIZE = 0.05
_SHORT, _SHORTER = 0.25, 0.3
"""Share of proposals of items that reach less far, and by how much: for places from which few far ones lead."""
_TRIAL = 0.02
"""Shift, and logarithm of a stretch, by which the curvature along a move is found."""
_REACH = 2.4
"""Standard deviation of the proposal of a move, in those of the posterior along it."""
_PARTITIONS = 4
"""Partitions of the periods whose blocks are moved in a sweep, chosen at random."""
_ALONE = 20
"""Sweeps at the start without the step of everything, whose units are those of the mode."""
_OFTEN = 4.0
"""How much more that step is tuned each time than steps that every sweep has."""
MOST_BYTES = 8_000_000_000
"""Room that draws may take."""
NAMES = ("items", "positions", "moves", "joint")
"""Steps that propose."""
_SAID = 50
"""Sweeps between two messages."""


def compiled() -> ModuleType:
    """Return the compiled loops, loading the compiler when they are first needed."""
    from . import gibbs_kernels

    return gibbs_kernels


def is_compiled() -> bool:
    """Say whether the loops are in this process, or kept on disk by an earlier one."""
    from .compiling import _kept

    loops = compiled()
    needed = (loops.by_item, loops.by_node, loops.latent, loops.slopes, loops.moved)
    return all(not hasattr(loop, "py_func") or loop.signatures or _kept(loop) for loop in needed)


@dataclass(frozen=True, slots=True)
class Steps:
    """Which steps a sweep has beside that of the items.

    Attributes
    ----------
    latent : bool
        Positions given latent responses.
    direct : bool
        Positions without them.
    moves : bool
        Shifts and stretches.
    joint : int
        Sweeps from one step of everything together to the next; 0 for no such step.
    """

    latent: bool = True
    direct: bool = True
    moves: bool = True
    joint: int = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Draws.

    Attributes
    ----------
    theta : array, chains x draws x nodes
        Positions on the scale of the model.
    items : array, chains x draws x items x 3
        beta, m and g.
    accepted : dict of str to float
        Share of proposals accepted after the warm-up: ``items``, ``positions``, ``moves``, ``joint``.
    sweeps : int
        Sweeps of each chain, those thrown away among them.
    seconds : float
        Time taken by all chains.
    """

    theta: Array
    items: Array
    accepted: dict[str, float]
    sweeps: int
    seconds: float


def sample(
    fit: Fit,
    mode: Mode,
    *,
    chains: int = 4,
    warmup: int = 500,
    draws: int = 500,
    thin: int = 1,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
    steps: Steps | None = None,
) -> Sample:
    """Draw from the posterior of positions and items.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    mode : Mode
        Its mode. Each chain starts at positions drawn about it, `WIDE` times as wide as the posterior given
        the items, with every period shifted and stretched at random; the items follow.
    chains : int
        Chains, from 1 on.
    warmup : int
        Sweeps of each chain that are thrown away, from 0 on.
    draws : int
        Draws of each chain that are kept, from 1 on.
    thin : int
        Sweeps for each draw that is kept, from 1 on.
    seed : int
        Seed, from 0 on; each chain has a stream of its own.
    say : function, optional
        Told how far the chains are.
    steps : Steps, optional
        What a sweep is made of; all steps where not given.

    Returns
    -------
    Sample
        In single precision.

    Raises
    ------
    BadInput
        A number is not whole, or too small; or the draws would not fit into memory.

    Complexity
    ----------
    Linear in votes and sweeps: about 0.19 s a sweep for 860,000 votes.
    """
    for name, value, least in (
        ("chains", chains, 1),
        ("warmup", warmup, 0),
        ("draws", draws, 1),
        ("thin", thin, 1),
        ("seed", seed, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise BadInput(f"{name} is {value!r}, not a whole number from {least} on.")
    room = 4 * chains * draws * (len(mode.theta) + 3 * len(mode.items))
    if room > MOST_BYTES:
        raise BadInput(
            f"{chains * draws} draws of {len(mode.theta)} positions and {len(mode.items)} items would "
            f"take {room / 1e9:.0f} GB.",
            hint="Ask for fewer draws, and for a larger thin.",
        )
    begin = time.perf_counter()
    theta = np.zeros((chains, draws, len(mode.theta)), dtype=np.float32)
    items = np.zeros((chains, draws, len(mode.items), 3), dtype=np.float32)
    partitions = partitions_of(fit.given)
    total = chains * (warmup + draws * thin)
    accepted: dict[str, list[float]] = {name: [] for name in NAMES}
    for c, stream in enumerate(np.random.SeedSequence(seed).spawn(chains)):
        chain = Chain(fit, mode, np.random.default_rng(stream), steps or Steps(), partitions)
        chain.disperse()
        for k in range(warmup + draws * thin):
            if say is not None and k % _SAID == 0:
                done = c * (warmup + draws * thin) + k
                say(f"chain {c + 1} of {chains}: {done * 100 // total} % of all sweeps")
            chain.sweep(tune=k < warmup)
            if k == warmup - 1:
                chain.accepted = {name: [] for name in NAMES}
            kept, rest = divmod(k - warmup, thin)
            if kept >= 0 and rest == thin - 1:
                theta[c, kept] = chain.theta
                items[c, kept] = chain.items
        for name in NAMES:
            accepted[name] += chain.accepted[name]
    shares = {name: float(np.mean(made)) for name, made in accepted.items() if made}
    return Sample(theta, items, shares, warmup + draws * thin, time.perf_counter() - begin)


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring periods that are moved together.

    Attributes
    ----------
    begin, end, next_end : int
        First node, the one after the last, and the same of the period after.
    inside : array of int
        Items of these periods only.
    reach, ptr : arrays of int
        Items that reach further; of each, where its cells in these periods begin.
    node, category : arrays of int
        Of these cells.
    """

    begin: int
    end: int
    next_end: int
    inside: Array
    reach: Array
    ptr: Array
    node: Array
    category: Array


def partitions_of(given: Problem) -> tuple[tuple[Block, ...], ...]:
    """Return the periods cut into blocks of 1, 2, 4, …, each length twice with other borders."""
    periods = len(given.periods)
    period = given.node_period[given.node]
    first = np.minimum.reduceat(period, given.ptr[:-1])
    last = np.maximum.reduceat(period, given.ptr[:-1])
    linked = np.flatnonzero(np.repeat(first < last, np.diff(given.ptr)))
    item, when = given.item_of[linked], period[linked]
    cuts, length = [(0, periods)], 1
    while length < periods:
        for offset in dict.fromkeys((0, length // 2)):
            cuts.append((0, *range(offset or length, periods, length), periods))
        length *= 2

    def block(a: int, b: int) -> Block:
        within = (first >= a) & (last < b)
        here = (when >= a) & (when < b) & ~within[item]
        reach, count = np.unique(item[here], return_counts=True)
        return Block(
            int(given.start[a]),
            int(given.start[b]),
            int(given.start[min(b + 1, periods)]),
            np.flatnonzero(within),
            reach,
            np.concatenate([[0], np.cumsum(count)]),
            given.node[linked[here]],
            given.category[linked[here]],
        )

    return tuple(tuple(block(a, b) for a, b in itertools.pairwise(borders)) for borders in cuts)


class Chain:
    """One chain: where it is, and the steps that it makes.

    Parameters
    ----------
    fit : Fit
    mode : Mode
        Where it begins.
    rng : Generator
    steps : Steps
    partitions : tuple of tuples of Block
        The first is of one block.
    """

    def __init__(
        self,
        fit: Fit,
        mode: Mode,
        rng: np.random.Generator,
        steps: Steps,
        partitions: tuple[tuple[Block, ...], ...],
    ) -> None:
        self.loops = compiled()
        self.given, self.prior, self.item_prior = fit.given, fit.prior, fit.item_prior
        self.binary = fit.settings.response == "binary"
        self.rng, self.steps = rng, steps
        self.blocks = tuple(block for partition in partitions for block in partition)
        self.cuts = np.cumsum([0, *(len(partition) for partition in partitions)])
        self.theta = np.array(mode.theta, dtype=float)
        self.items = np.array(mode.items, dtype=float)
        if self.binary:
            self.items[:, 2] = NO_GAP
        self.swept = 0
        self.accepted: dict[str, list[float]] = {name: [] for name in NAMES}
        self.item_size = np.ones(len(self.items))
        self.middle_at = _middle_at(fit.given)
        self.state_size = np.ones(len(self.given.states))
        self.centres = [float(mode.theta[b.begin : b.end].mean()) for b in self.blocks]
        self.joint: Joint | None = None
        if steps.joint and joint_suits(fit.given):
            _, _, root = self._by_item(self.items)
            with contextlib.suppress(NotDefinite):
                self.joint = Joint(fit, mode, self.loops, self.middle_at, self.binary, root)
        self.reaches = self._reaches() if steps.moves else np.zeros((len(self.blocks), 2))

    def disperse(self) -> None:
        """Go to a random place about the mode, wider than the posterior."""
        given, rng = self.given, self.rng
        _, _, curve = self._by_node(self.theta)
        noise = WIDE * rng.standard_normal(len(self.theta))
        moved, _ = self._along(curve, np.zeros_like(noise), noise)
        shift, stretch = _APART * rng.standard_normal((2, len(given.periods)))
        self.theta = np.exp(stretch)[given.node_period] * (self.theta + moved)
        self.theta += shift[given.node_period]

    def sweep(self, *, tune: bool) -> None:
        """Make all steps once.

        Parameters
        ----------
        tune : bool
            Whether what proposals reach is changed; draws count only when it is not.
        """
        self.swept += 1
        rate = self.swept**-0.6 if tune else 0.0
        self.accepted["items"].append(self.draw_items(rate))
        if self.steps.latent:
            self.draw_by_latent()
        if self.steps.direct:
            self.accepted["positions"].append(self.draw_positions(rate))
        if self.steps.moves:
            self.accepted["moves"].append(self.move(rate))
        due = self.joint is not None and self.swept % self.steps.joint == 0
        if self.joint is not None and due and (self.swept > _ALONE or not tune):
            self.theta, self.items, accepted = self.joint.draw(
                self.rng, self.given, self.theta, self.items, min(_OFTEN * rate, 1.0)
            )
            self.accepted["joint"].append(accepted)

    # -- items -------------------------------------------------------------------------------------

    def draw_items(self, rate: float) -> float:
        """Draw the items given the positions; return the share that was accepted."""
        loops, short = self.loops, self.rng.random(len(self.items)) < _SHORT
        size = np.where(short, _SHORTER, 1.0) * self.item_size
        noise = self.rng.standard_normal(self.items.shape)
        if self.binary:
            noise[:, 2] = 0.0
        chance = _log_uniform(self.rng, len(self.items))
        value, slope, root = self._by_item(self.items)
        there = np.empty_like(self.items)
        at = self.middle_at
        loops.items_towards(self.items, at, slope, root, size, noise, self.binary, there)
        other, other_slope, other_root = self._by_item(there)
        out, back = np.empty(len(there)), np.empty(len(there))
        loops.items_log_proposal(self.items, at, slope, root, size, self.binary, there, out)
        loops.items_log_proposal(
            there, at, other_slope, other_root, size, self.binary, self.items, back
        )
        ratio = _number(other - value + back - out)
        taken = chance < ratio
        self.items[taken] = there[taken]
        _tune(self.item_size, np.where(short, np.nan, ratio), rate)
        return float(taken.mean())

    def _by_item(self, items: Array) -> tuple[Array, Array, Array]:
        n, given = len(items), self.given
        value, slope, root = np.empty(n), np.empty((n, 3)), np.empty((n, 6))
        self.loops.by_item(
            given.ptr,
            given.node,
            given.category,
            self.theta,
            items,
            self.middle_at,
            self.item_prior,
            self.binary,
            value,
            slope,
            root,
        )
        return value, slope, root

    # -- positions ---------------------------------------------------------------------------------

    def draw_by_latent(self) -> None:
        """Draw latent responses, and the positions given them."""
        given, n = self.given, len(self.theta)
        u = self.rng.random(given.cells)
        u += 2.0**-54
        weight, pushed = np.empty(n), np.empty(n)
        self.loops.latent(
            given.ptr, given.node, given.category, self.theta, self.items, u, weight, pushed
        )
        noise = self.rng.standard_normal(n)
        self.theta, _ = self._along(weight, pushed + weight * self.theta, noise)

    def draw_positions(self, rate: float) -> float:
        """Draw the positions given the items, state by state; return the share of states accepted."""
        state, n = self.given.node_state, len(self.theta)
        noise = self.rng.standard_normal(n)
        chance = _log_uniform(self.rng, len(self.state_size))
        size = self.state_size[state]
        kept = 1.0 - np.sqrt(1.0 - size**2)
        value, slope, curve = self._by_node(self.theta)
        pulled = self.prior.times(self.theta)
        moved, gain = self._along(curve, kept * (slope - pulled), size * noise)
        there = self.theta + moved
        out = self._of_states(0.5 * np.log(gain) - 0.5 * noise**2)
        other, other_slope, other_curve = self._by_node(there)
        other_pulled = self.prior.times(there)
        back, gain = self._along(other_curve, kept * (other_slope - other_pulled), np.zeros(n))
        ratio = self._of_states(other - value - 0.5 * (there * other_pulled - self.theta * pulled))
        ratio -= out
        self.loops.chain_log_density(
            state,
            self.prior.prev,
            other_curve + self.prior.diagonal,
            self.prior.off,
            (self.theta - there - back) / size,
            gain,
            out,
        )
        ratio = _number(ratio + out)
        taken = chance < ratio
        self.theta = np.where(taken[state], there, self.theta)
        _tune(self.state_size, ratio, rate)
        return float(taken.mean())

    def _of_states(self, values: Array) -> Array:
        return np.bincount(self.given.node_state, values, minlength=len(self.given.states))

    def _by_node(self, theta: Array) -> tuple[Array, Array, Array]:
        given = self.given
        value, slope, curve = (np.empty(len(theta)) for _ in range(3))
        self.loops.by_node(
            given.ptr, given.node, given.category, theta, self.items, value, slope, curve
        )
        return value, slope, curve

    def _along(self, weight: Array, linear: Array, noise: Array) -> tuple[Array, Array]:
        """Draw along the chains, with the precision of the votes; return it and the gains."""
        out, gain = np.empty(len(noise)), np.empty(len(noise))
        prior = self.prior
        diagonal = weight + prior.diagonal
        self.loops.chains(diagonal, prior.off, prior.prev, linear, noise, gain, out)
        return out, gain

    # -- shifts and stretches ----------------------------------------------------------------------

    def move(self, rate: float) -> float:
        """Shift and stretch all periods, and the blocks of some partitions; return the share made."""
        some = 1 + self.rng.permutation(len(self.cuts) - 2)[:_PARTITIONS]
        chosen = [0]
        for k in some.tolist():
            chosen += range(self.cuts[k], self.cuts[k + 1])
        noise = self.rng.standard_normal((len(chosen), 2))
        chance = _log_uniform(self.rng, noise.size).reshape(noise.shape)
        made = np.zeros(noise.shape)
        for j, b in enumerate(chosen):
            for kind in (0, 1):
                length = self.reaches[b, kind] * noise[j, kind]
                ratio, made[j, kind] = self._moved(b, kind, length, chance[j, kind])
                if rate:
                    share = np.exp(min(ratio, 0.0)) if np.isfinite(ratio) else 0.0
                    self.reaches[b, kind] *= np.exp(rate * (share - _WANTED))
        return float(made.mean())

    def _moved(self, b: int, kind: int, length: float, chance: float) -> tuple[float, bool]:
        block, prior = self.blocks[b], self.prior
        ratio, made = self.loops.moved(
            block.begin,
            block.end,
            block.next_end,
            self.theta,
            self.items,
            block.inside,
            block.reach,
            block.ptr,
            block.node,
            block.category,
            prior.diagonal,
            prior.off,
            prior.prev,
            self.item_prior,
            length if kind == 0 else 0.0,
            length if kind == 1 else 0.0,
            self.centres[b],
            chance,
        )
        return float(ratio), bool(made)

    def _reaches(self) -> Array:
        """Return how far moves reach, from the curvature along them at the start."""
        out = np.empty((len(self.blocks), 2))
        for b in range(len(self.blocks)):
            for kind in (0, 1):
                both = sum(self._moved(b, kind, x, np.inf)[0] for x in (_TRIAL, -_TRIAL))
                out[b, kind] = _REACH / np.sqrt(max(-both / _TRIAL**2, 0.01))
        return out


def _middle_at(given: Problem) -> Array:
    """Return for each item which mixture of its cutpoints the votes tell best: m + a g, a from -1/2 to 1/2."""
    n = len(given.items)
    votes = np.bincount(3 * given.item_of + given.category, minlength=3 * n).reshape(n, 3)
    lower = np.minimum(votes[:, 0], votes[:, 1] + votes[:, 2])
    upper = np.minimum(votes[:, 2], votes[:, 0] + votes[:, 1])
    return np.asarray(0.5 * (upper - lower) / np.maximum(upper + lower, 1))


def _log_uniform(rng: np.random.Generator, n: int) -> Array:
    """Return logarithms of uniform numbers."""
    return np.asarray(-rng.standard_exponential(n))


def _number(ratio: Array) -> Array:
    """Return log ratios in which what is no number refuses."""
    return np.nan_to_num(ratio, nan=-np.inf, posinf=np.inf, neginf=-np.inf)


def _tune(size: Array, ratio: Array, rate: float) -> None:
    """Change how far proposals reach."""
    if rate:
        share = np.exp(np.minimum(ratio, 0.0))
        size *= np.exp(rate * np.nan_to_num(share - _WANTED))
        np.clip(size, _LEAST_SIZE, 1.0, out=size)
