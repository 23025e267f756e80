"""Voting power where blocs are formed before anybody votes: Owen value and Banzhaf–Owen index.

The players are parted into blocs. First the blocs decide as one player each; then, within each bloc,
its members. A member is pivotal if it swings the outcome with some whole other blocs and some members
of its own.

>>> from multipolar.rules.game import Game
>>> game = Game.of({"A": 2, "B": 1, "C": 1, "D": 1}, {"weighted": {"quota": 3}})
>>> found = with_blocs(game.form(), [[1, 2]])
>>> found.quotient.players, [str(x) for x in found.quotient.shapley_exact]
(('B+C', 'A', 'D'), ['1/3', '1/3', '1/3'])
>>> [str(x) for x in found.owen_exact], found.banzhaf_owen
(['1/3', '1/6', '1/6', '1/3'], (0.5, 0.25, 0.25, 0.5))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ...errors import BadInput
from ...rules.form import Form
from . import blocs_table, levels, sampling, table
from .blocs_counts import MOST_WORK, QUICK_WORK, owen_of, swings_by_sizes
from .indices import Floats, Indices, Method, indices

Bounds = tuple[float, float]
_GOOD = 1e-9
"""Error of a quadrature above which values are drawn instead."""


@dataclass(frozen=True, slots=True)
class BlocIndices:
    """Voting power of every player where blocs were formed beforehand.

    Entries are in the order of ``players``.

    Attributes
    ----------
    players : tuple of str
        The players.
    blocs : tuple of tuple of int
        All blocs, as places of players: those that were given, then players who stand alone.
    owen : tuple of float
        Probability to be pivotal in a random order in which the members of each bloc follow one
        another; sums to one, and over a bloc to its Shapley–Shubik index in the game of the blocs.
    owen_exact : tuple of Fraction or None
        The same exactly, where it was counted by size for every player.
    owen_error : float
        How far the values of a bloc are from summing to its index, at most; 0 where exact.
    banzhaf_owen : tuple of float
        Probability that a player's vote decides when all other blocs and all other members of its
        own bloc toss fair coins. Without blocs it is the absolute Banzhaf index.
    swings : tuple of int, or None where drawn
        What the Banzhaf–Owen index is made of, per player: of 2**(m - 1 + p - 1) coalitions, with m
        blocs and p members of its own.
    quotient : Indices
        The game of the blocs, each as one player, in the order of ``blocs``.
    exact : bool
        Whether all was counted rather than drawn, the game of the blocs included.
    method : str
        How.
    draws : int
        Coalitions drawn per index; 0 where counted.
    drawn : mapping of str to tuple of int
        Per index (``owen``, ``banzhaf_owen``), the players for whom it was drawn.
    intervals : mapping of str to pairs
        Per index that was drawn for some player, lower and upper bounds at 95 per cent; where it
        was counted, both bounds are the value.
    """

    players: tuple[str, ...]
    blocs: tuple[tuple[int, ...], ...]
    owen: Floats
    owen_exact: tuple[Fraction, ...] | None
    owen_error: float
    banzhaf_owen: Floats
    swings: tuple[int, ...] | None
    quotient: Indices
    exact: bool
    method: str
    draws: int = 0
    drawn: dict[str, tuple[int, ...]] = field(default_factory=dict)
    intervals: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)

    def against(self, alone: Indices) -> BlocChanges:
        """Return what the blocs change for every player.

        Parameters
        ----------
        alone : Indices
            The same game without blocs.

        Raises
        ------
        BadInput
            The players are others, or abstention was allowed.
        """
        if alone.players != self.players or alone.shapley_shubik is None:
            raise BadInput("the game without blocs is another game.")
        both = self.owen_exact is not None and alone.shapley_exact is not None
        exact = zip(self.owen_exact or (), alone.shapley_exact or (), strict=True) if both else ()
        pairs = {
            "owen": (self.owen, alone.shapley_shubik, "shapley_shubik"),
            "banzhaf_owen": (self.banzhaf_owen, alone.banzhaf_absolute, "banzhaf_absolute"),
        }
        bounds = {}
        for name, (mine, before, other) in pairs.items():
            if name in self.intervals or other in alone.intervals:
                lo, hi = self.intervals.get(name, (mine, mine))
                least, most = alone.intervals.get(other, (before, before))
                bounds[name] = (_less(lo, most), _less(hi, least))
        return BlocChanges(
            _less(self.owen, alone.shapley_shubik),
            tuple(a - b for a, b in exact) if both else None,
            _less(self.banzhaf_owen, alone.banzhaf_absolute),
            bounds,
        )


@dataclass(frozen=True, slots=True)
class BlocChanges:
    """What blocs change, per player: power with blocs less power without.

    Attributes
    ----------
    owen : tuple of float
        Owen value less Shapley–Shubik index.
    owen_exact : tuple of Fraction or None
        The same exactly, where both are known so.
    banzhaf_owen : tuple of float
        Banzhaf–Owen index less absolute Banzhaf index.
    intervals : mapping of str to pairs
        Where one of the two was drawn: the least and greatest difference that both intervals allow.
    """

    owen: Floats
    owen_exact: tuple[Fraction, ...] | None
    banzhaf_owen: Floats
    intervals: dict[str, tuple[Floats, Floats]]


def _less(a: Floats, b: Floats) -> Floats:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def with_blocs(
    form: Form,
    blocs: Sequence[Sequence[int]],
    *,
    method: Method = "auto",
    draws: int | None = None,
    rng: np.random.Generator | None = None,
) -> BlocIndices:
    """Compute voting power where blocs are formed beforehand.

    Parameters
    ----------
    form : Form
        The game; players are in favour or not.
    blocs : sequence of sequence of int
        Blocs, as places of players; players who are not named stand alone.
    method : str
        ``exact`` counts or refuses; ``monte-carlo`` draws; ``auto`` counts where it can and draws
        the rest.
    draws : int, optional
        Coalitions to draw.
    rng : Generator, optional
        Source of randomness; by default seed 0, so that the same question has the same answer.

    Raises
    ------
    BadInput
        A bloc is empty, a place is none of a player, a player stands in two blocs, the outcome
        depends on nobody, or ``exact`` was asked out of its reach.

    Uncertainty
    -----------
    Where drawn: 95 per cent Wilson intervals for shares of draws. Quadrature is exact up to
    rounding, which ``owen_error`` bounds.

    Complexity
    ----------
    Exact as fractions for games of the blocs and one bloc's members of some 40 players, or of few
    kinds; by a table for weighted games of some 200; else drawn.

    Source
    ------
    G. Owen in R. Henn and O. Moeschlin (eds.), Essays in Mathematical Economics and Game Theory
    (1977), 76-88; G. Owen in M. J. Holler (ed.), Power, Voting, and Voting Power (1982), 232-238.
    """
    partition = partition_of(len(form.players), blocs)
    rng = rng or np.random.default_rng(0)
    quotient = indices(merged(form, partition), method=method, draws=draws, rng=rng)
    made = _Made(form, partition, quotient)
    if method != "monte-carlo":
        made.count_sizes(QUICK_WORK)
        made.fill_table()
        made.count_sizes(MOST_WORK)
        made.count_swings()
        if method == "exact" and (made.owen_missing or made.banzhaf_missing):
            raise BadInput(
                f"{len(form.players)} players, these blocs and these weights are out of reach of an "
                "exact count.",
                hint="Leave the method to be chosen, or draw: --method monte-carlo.",
            )
    made.draw(draws or sampling.DRAWS, rng)
    return made.result()


def partition_of(n: int, blocs: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Return all blocs of n players: those given, then the players who stand alone.

    Raises
    ------
    BadInput
        A bloc is empty, a place is none of a player, or a player stands in two blocs.
    """
    seen: set[int] = set()
    for bloc in blocs:
        if not len(bloc):
            raise BadInput("a bloc has no members.")
        for place in bloc:
            if place not in range(n):
                raise BadInput(f"{place} is no place of {n} players.")
            if place in seen:
                raise BadInput(f"the player at place {place} is named twice.")
            seen.add(place)
    given = tuple(tuple(sorted(int(place) for place in bloc)) for bloc in blocs)
    return (*given, *((i,) for i in range(n) if i not in seen))


def merged(form: Form, partition: Sequence[Sequence[int]]) -> Form:
    """Return the game in which each bloc is one player, that adds what its members add."""
    yes, half = (
        tuple(tuple(sum(row[i] for i in bloc) for bloc in partition) for row in rows)
        for rows in (form.yes, form.abstain)
    )
    names = tuple("+".join(form.players[i] for i in bloc) for bloc in partition)
    return Form(names, yes, half, form.formula)


class _Made:
    """Power that is found step by step: single players, counts, a table, draws."""

    def __init__(
        self, form: Form, partition: tuple[tuple[int, ...], ...], quotient: Indices
    ) -> None:
        self.form, self.partition, self.quotient = form, partition, quotient
        self.owen: dict[int, float] = {}
        self.fractions: dict[int, Fraction] = {}
        self.banzhaf: dict[int, float] = {}
        self.swings: dict[int, int] = {}
        self.bounds: dict[str, dict[int, Bounds]] = {"owen": {}, "banzhaf_owen": {}}
        self.error = 0.0
        self.draws = quotient.draws
        self.methods: list[str] = []
        self._alone()

    @property
    def owen_missing(self) -> list[int]:
        """Return the blocs whose members' Owen values are not known yet."""
        return [k for k, bloc in enumerate(self.partition) if bloc[0] not in self.owen]

    @property
    def banzhaf_missing(self) -> list[int]:
        """Return the blocs whose members' Banzhaf–Owen indices are not known yet."""
        return [k for k, bloc in enumerate(self.partition) if bloc[0] not in self.banzhaf]

    def _alone(self) -> None:
        """Take the power of players who stand alone from the game of the blocs."""
        found = self.quotient
        for k, bloc in enumerate(self.partition):
            if len(bloc) > 1:
                continue
            self.owen[bloc[0]] = (found.shapley_shubik or ())[k]
            self.banzhaf[bloc[0]] = found.banzhaf_absolute[k]
            if found.shapley_exact is not None:
                self.fractions[bloc[0]] = found.shapley_exact[k]
            if found.swings is not None:
                self.swings[bloc[0]] = found.swings[k]
            for name, theirs in (("owen", "shapley_shubik"), ("banzhaf_owen", "banzhaf_absolute")):
                if theirs in found.intervals:
                    lo, hi = found.intervals[theirs]
                    self.bounds[name][bloc[0]] = (lo[k], hi[k])
        self.methods.append(found.method)
        self.error = found.shapley_error

    def _game(self, k: int) -> Form:
        """Return the game of the other blocs, one player each, and then the members of a bloc."""
        others = [bloc for j, bloc in enumerate(self.partition) if j != k]
        return merged(self.form, [*others, *((i,) for i in self.partition[k])])

    def count_sizes(self, most: float) -> None:
        """Count the swings of members by sizes, where that is at most so much work."""
        for k in self.owen_missing:
            bloc, game = self.partition[k], self._game(k)
            sizes = swings_by_sizes(game, len(bloc), most)
            if sizes is None:
                continue
            self.methods.append("two halves of the players")
            for i, own in zip(bloc, sizes, strict=True):
                self.fractions[i] = owen_of(own)
                self.owen[i] = float(self.fractions[i])
            self._swung(k, [sum(sum(row) for row in own) for own in sizes])

    def count_swings(self) -> None:
        """Count the swings that are left, not by size."""
        for k in self.banzhaf_missing:
            found = swings_of(self._game(k))
            if found is not None:
                self.methods.append(found[1])
                self._swung(k, found[0][-len(self.partition[k]) :])

    def _swung(self, k: int, swings: Sequence[int]) -> None:
        bloc = self.partition[k]
        chances = 2 ** (len(self.partition) - 1 + len(bloc) - 1)
        for i, own in zip(bloc, swings, strict=True):
            self.swings[i] = own
            self.banzhaf[i] = float(Fraction(own, chances))

    def fill_table(self) -> None:
        """Find the Owen values that are left by quadrature over a table of sums."""
        missing = self.owen_missing
        plan = blocs_table.plan_of(self.form, self.partition, missing) if missing else None
        if plan is None:
            return
        found = self.quotient
        whole = found.shapley_shubik if found.exact else None
        expected = [whole[k] if whole is not None else None for k in missing]
        values, error = blocs_table.owen_by_table(plan, expected)
        if error > _GOOD:
            return
        self.error = max(self.error, error)
        self.methods.append("quadrature for the Owen value")
        for k, own in zip(missing, values, strict=True):
            self.owen.update(zip(self.partition[k], own.tolist(), strict=True))

    def draw(self, draws: int, rng: np.random.Generator) -> None:
        """Draw what is left."""
        for name, values, missing in (
            ("owen", self.owen, self.owen_missing),
            ("banzhaf_owen", self.banzhaf, self.banzhaf_missing),
        ):
            for k in missing:
                bloc = self.partition[k]
                found = _drawn(self._game(k), len(bloc), name == "owen", draws, rng)
                values.update(zip(bloc, found.value.tolist(), strict=True))
                pairs = zip(found.lo.tolist(), found.hi.tolist(), strict=True)
                self.bounds[name].update(zip(bloc, pairs, strict=True))
                self.methods.append("Monte Carlo")
                self.draws = draws

    def result(self) -> BlocIndices:
        """Return all that was found."""
        places = range(len(self.form.players))
        owen = tuple(self.owen[i] for i in places)
        banzhaf = tuple(self.banzhaf[i] for i in places)
        intervals = {}
        for name, values in (("owen", owen), ("banzhaf_owen", banzhaf)):
            if own := self.bounds[name]:
                pairs = [own.get(i, (values[i], values[i])) for i in places]
                intervals[name] = (tuple(lo for lo, _ in pairs), tuple(hi for _, hi in pairs))
        counted = len(self.fractions) == len(owen)
        return BlocIndices(
            self.form.players,
            self.partition,
            owen,
            tuple(self.fractions[i] for i in places) if counted else None,
            self.error,
            banzhaf,
            tuple(self.swings[i] for i in places) if len(self.swings) == len(owen) else None,
            self.quotient,
            self.quotient.exact and not intervals,
            "; ".join(dict.fromkeys(self.methods)),
            self.draws,
            {name: tuple(sorted(own)) for name, own in self.bounds.items() if own},
            intervals,
        )


def swings_of(game: Form) -> tuple[tuple[int, ...], str] | None:
    """Count the swings of a game, not by size, and say how; None where this is out of reach."""
    busy = [i for i in range(len(game.players)) if any(row[i] for row in game.yes)]
    core = merged(game, [(i,) for i in busy])
    sides = [table.side_of(core, favour=favour) for favour in (True, False)]
    fitting = [side for side in sides if side is not None and table.fits(side)]
    try:
        if fitting:
            counts = table.count_by_table(min(fitting, key=lambda side: side.work))
        else:
            counts = levels.count_by_levels(core)
    except levels.TooMany:
        return None
    factor = 2 ** (len(game.players) - len(busy))
    own = dict(zip(busy, counts.swings, strict=True))
    return tuple(own.get(i, 0) * factor for i in range(len(game.players))), counts.method


def _drawn(
    game: Form, inside: int, owen: bool, draws: int, rng: np.random.Generator
) -> sampling.Estimate:
    """Draw coalitions and ask whether the last players, the members of a bloc, are pivotal.

    For the Owen value the other blocs join with one probability and the members of the own bloc with
    another, both drawn evenly; for the Banzhaf–Owen index all toss fair coins.
    """
    n = len(game.players)
    hits = np.zeros(inside)
    for start, stop in sampling.batches(n, draws):
        chance = np.full((stop - start, n), 0.5, dtype=np.float32)
        if owen:
            # One draw from each of as many equal parts of [0, 1] as there are draws.
            common = (np.arange(start, stop) + rng.random(stop - start)) / draws
            chance[:, : n - inside] = common[:, None]
            chance[:, n - inside :] = rng.random(stop - start)[:, None]
        yes = rng.random((stop - start, n), dtype=np.float32) < chance
        hits += sampling.pivots(game, yes, None)[0][:, n - inside :].sum(axis=0)
    return sampling.shares(hits, draws)
