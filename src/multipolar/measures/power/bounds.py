"""Bounds on voting power where only the weights of some players are known.

The rest of the weight may be spread over the other players in any way. Every index of a known
player is a mean over what the others add to its side, so that the bounds follow from the exact
counts of the coalitions of the known players (`reach`) and from what is known of that mean
(`spreads`). All numbers hold for every spread, however unlikely; none is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ...errors import BadInput
from ...rules.partial import PartialGame
from .evaluate import Array
from .extremes import Ratio, ceiling, floor
from .reach import ENUMERATED, Grid, Player, players_of
from .spreads import (
    Cells,
    Strata,
    banzhaf_strata,
    numbered_strata,
    shapley_strata,
    sides,
    swings,
)

Range = tuple[float, float]
SLACK = 1e-11
"""By so much every bound is widened, for the rounding of sums of floats."""
FINE, COARSE, HELD = 2049, 513, 2_500_000
"""Most cells of the grid without and with a count of heads; most numbers that are held at once."""
MANY = 2_000
"""Of more other players, heads are not counted one by one."""
METHOD = "exact counts of the known weights; least and greatest over all spreads of the rest"


@dataclass(frozen=True, slots=True)
class PlayerBounds:
    """Bounds on the power of one known player; each pair is the least and the greatest value.

    Attributes
    ----------
    banzhaf_absolute : tuple of float
        Share of the coalitions of all others that win with the player and lose without it.
    banzhaf_normalised : tuple of float
        Its share of all swings; the least is 0 where the number of the others is not known.
    shapley_shubik : tuple of float
        Share of the orders of all players in which the player is pivotal.
    prevent, initiate : tuple of float
        Coleman's indices: its swings per winning, and per losing coalition.
    blocks_alone : bool or None
        Whether a text fails if it alone is against; None where rounded weights leave it open.
    """

    banzhaf_absolute: Range
    banzhaf_normalised: Range
    shapley_shubik: Range
    prevent: Range
    initiate: Range
    blocks_alone: bool | None


@dataclass(frozen=True, slots=True)
class PowerBounds:
    """Bounds for all known players.

    Attributes
    ----------
    players : dict of str to PlayerBounds
        By player, in the order of the game.
    winning : tuple of float
        The share of all coalitions that win.
    coverage : Fraction
        The share of the total weight that is known.
    method : str
        How the bounds came about.
    """

    players: dict[str, PlayerBounds]
    winning: Range
    coverage: Fraction
    method: str


def bounds_of(game: PartialGame) -> PowerBounds:
    """Return bounds that hold however the rest of the weight is spread over the other players.

    Parameters
    ----------
    game : PartialGame
        The known weights, the rest, and the quota.

    Returns
    -------
    PowerBounds
        Where the rest is nothing, or one player holds it, least and greatest values agree up to
        `SLACK`.

    Assumptions
    -----------
    The others' weights are not negative and add up to the rest. A `largest` weight, where it is
    given, is believed.

    Uncertainty
    -----------
    The bounds of the absolute Banzhaf index without a count of heads are the best possible where
    the number of the others is not known, up to the width of the grid; all others may be wider
    than what some spread attains.

    Complexity
    ----------
    About 0.3 s for 20 known players, 0.6 s with a count of heads; 2 s where `largest` is given.

    Source
    ------
    P. Dubey and L. S. Shapley, Mathematics of Operations Research 4 (1979), 99-131, for the indices
    as means over coalitions; J. S. Coleman, in B. Lieberman (ed.), Social Choice (1971), 269-300.
    """
    setting = _setting(game)
    strata, grid = setting.shapley, setting.grid
    found: list[_Same] = []
    least, most = np.zeros(1), np.zeros(1)
    rest, winning = (0.0, 0.0), (0.0, 1.0)
    doubt = game.error * len(game.weights)
    for places, player in players_of(setting.weights, game.quota, grid, doubt):
        cells = Cells.of(player, setting.banzhaf, grid)
        if not found:
            rest, winning = _others_swings(player, game, setting), _winning(cells, setting)
        low, high = (swings(player, strata, grid, upper) for upper in (False, True))
        found.append(_Same(places, cells, _mean(low, high, strata, grid)))
        least = least + len(places) * cells.swing_lo
        most = most + len(places) * cells.swing_hi
    ranges: dict[int, dict[str, Range]] = {}
    for same in found:
        ranges.update(dict.fromkeys(same.places, _ranges(same, (least, most), rest, setting)))
    for index in ("shapley_shubik", "banzhaf_normalised"):
        known = sum(own[index][0] for own in ranges.values())
        for i, own in ranges.items():
            lo, hi = own[index]
            ranges[i] = {**own, index: (lo, min(hi, 1 - (known - lo)))}
    players = {name: _player(game, i, ranges[i]) for i, name in enumerate(game.players)}
    return PowerBounds(players, _widened(winning), game.coverage, METHOD)


@dataclass(frozen=True, slots=True)
class _Setting:
    """Whom the bounds are computed for: known weights, the others' number, grid and strata."""

    weights: tuple[int, ...]
    others: int | None
    share: float
    grid: Grid
    banzhaf: Strata
    shapley: Strata


@dataclass(frozen=True, slots=True)
class _Same:
    """Players of one weight: their places, their cells, and their Shapley-Shubik index."""

    places: tuple[int, ...]
    cells: Cells
    shapley: Range


def _setting(game: PartialGame) -> _Setting:
    weights, rest, others = game.weights, game.rest, game.others
    if others == 1 and rest:
        # Who holds the rest is not named, but its weight is known.
        weights, rest, others = (*weights, rest), 0, 0
    if rest == 0 and game.heads is None and not game.error:
        others = 0
    if game.heads is not None and (others or 0) > MANY:
        raise BadInput(f"bounds with a count of heads know at most {MANY} other players.")
    doubt = game.error * len(game.weights)
    share = 1.0
    if game.largest is not None and rest > doubt:
        share = min(1.0, float(Fraction(game.largest, rest - doubt)) + 1e-12)
    n = len(weights) - 1
    banzhaf = banzhaf_strata(n, others, game.heads, share)
    shapley = shapley_strata(n, others, game.heads, share)
    most = FINE if game.heads is None and len(weights) <= ENUMERATED else COARSE
    held = HELD // (len(weights) * len(banzhaf.means))
    grid = Grid.of(rest, max(min(most, held), 33), game.whole)
    return _Setting(weights, others, share, grid, banzhaf, shapley)


def _mean(lo: Array, hi: Array, strata: Strata, grid: Grid) -> Range:
    return floor(lo, strata, grid), ceiling(hi, strata, grid)


def _winning(cells: Cells, setting: _Setting) -> Range:
    lo = floor(cells.own_lo + cells.bare_lo, setting.banzhaf, setting.grid)
    hi = ceiling(cells.own_hi + cells.bare_hi, setting.banzhaf, setting.grid)
    return lo / 2, hi / 2


def _others_swings(player: Player, game: PartialGame, setting: _Setting) -> Range:
    """Bound the sum of the others' absolute Banzhaf indices.

    It is twice the mean over all coalitions of (2 c - m) where they win, and of 0 where they lose,
    c of the m others being in favour; so that it cannot exceed the mean of |2 c - m|.
    """
    m, grid = setting.others, setting.grid
    if not m:
        return 0.0, np.inf if m is None else 0.0
    if m > MANY:
        return 0.0, float(np.sqrt(m))
    strata = numbered_strata(len(setting.weights) - 1, m, game.heads, setting.share)
    none = np.zeros_like(strata.near[0])

    def sums(near: bool, upper: bool) -> Array:
        out = np.zeros(1)
        for k, reach in enumerate((player.own, player.bare)):
            pair = (strata.near[k], none) if near else (none, strata.far[k])
            out = out + sides(reach.hi if upper else reach.lo, *pair, grid, upper)
        return out

    times = (m - 2 * np.rint(strata.means * m))[:, None]
    lo = floor(times * (sums(False, False) - sums(True, True)), strata, grid)
    hi = ceiling(times * (sums(False, True) - sums(True, False)), strata, grid)
    return max(lo, 0.0), hi


def _ranges(
    same: _Same, totals: tuple[Array, Array], rest: Range, setting: _Setting
) -> dict[str, Range]:
    """Return the bounds of all indices for players of one weight."""
    cells, strata, grid = same.cells, setting.banzhaf, setting.grid
    lo, hi = cells.swing_lo, cells.swing_hi
    # With and without the player: the pair of sums at which a ratio is least, and greatest.
    low, high = cells.own_lo - cells.bare_hi, cells.own_hi - cells.bare_lo
    wins_low, wins_high = cells.own_lo + cells.bare_hi, cells.own_hi + cells.bare_lo
    every = 2 * strata.chances[:, None]
    scale = float(cells.own_hi.max(axis=1).sum())

    def pair(
        least: tuple[Array, Array], greatest: tuple[Array, Array], add: Range = (0.0, 0.0)
    ) -> Range:
        return (
            Ratio(*least, add[1], scale).extreme(strata, grid, top=False),
            Ratio(*greatest, add[0], scale).extreme(strata, grid, top=True),
        )

    return {
        "banzhaf_absolute": _mean(lo, hi, strata, grid),
        "banzhaf_normalised": pair((lo, lo + totals[1] - hi), (hi, hi + totals[0] - lo), rest),
        "shapley_shubik": same.shapley,
        "prevent": pair((low, wins_low), (high, wins_high)),
        "initiate": pair((low, every - wins_low), (high, every - wins_high)),
    }


def _player(game: PartialGame, i: int, ranges: dict[str, Range]) -> PlayerBounds:
    own = {index: _widened(pair) for index, pair in ranges.items()}
    # What all others hold together; only the sum of all weights is exact.
    doubt = game.error if game.rest else game.error * len(game.weights)
    against = game.total - game.weights[i]
    blocks: bool | None = None
    if against + doubt < game.quota or game.heads == len(game.players) + (game.others or 0):
        blocks, own["prevent"] = True, (1.0, 1.0)
    elif against - doubt >= game.quota:
        blocks = False
    return PlayerBounds(**own, blocks_alone=blocks)


def _widened(pair: Range) -> Range:
    lo, hi = pair
    return max(lo - SLACK, 0.0), min(hi + SLACK, 1.0)
