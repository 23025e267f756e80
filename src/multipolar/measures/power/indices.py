"""All indices of a game: the way of counting is chosen, the indices follow.

>>> from multipolar.rules.game import Game
>>> game = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}})
>>> found = indices(game.form())
>>> found.swings, [str(x) for x in found.shapley_exact]
((3, 1, 1), ['2/3', '1/6', '1/6'])
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeVar

import numpy as np

from ...errors import BadInput
from ...rules.form import Form
from . import halves, kinds, levels, quadrature, sampling, table
from .counts import Counts

T = TypeVar("T")
Method = Literal["auto", "exact", "monte-carlo"]
Floats = tuple[float, ...]
FRACTIONS = 60
"""Players up to whose number a Shapley–Shubik index is kept as fractions."""
_FEW = 20_000
"""Combinations of kinds below which trying them all is quickest."""
_EXTRA_WORK = 3e8
"""Work for which swings are counted by size although the rule does not ask for heads."""
_QUICK_WORK = 1.5e9
"""Work of one pass from both sides for which the quadrature is taken."""


@dataclass(frozen=True, slots=True)
class Indices:
    """Voting power of every player of a game; entries in the order of ``players``.

    Attributes
    ----------
    players : tuple of str
        The players.
    banzhaf_absolute : tuple of float
        Probability that a player's vote decides when all others toss fair coins.
    banzhaf_normalised : tuple of float
        Its share of the sum over all players.
    shapley_shubik : tuple of float or None
        Probability to be pivotal in a random order; sums to one. None with abstention.
    prevent, initiate : tuple of float or None
        Coleman's power to prevent and to initiate action: swings as a share of the coalitions that
        win, and of those that lose.
    act : float
        Coleman's power of the collectivity to act: the share of coalitions that win.
    swings, winning : whole numbers, or None where drawn
        What the indices are made of.
    shapley_exact : tuple of Fraction or None
        The Shapley–Shubik index exactly, where it was counted by size, for up to 60 players.
    shapley_error : float
        How far the computed index is from summing to one; 0 where it is exact.
    exact : bool
        Whether all was counted rather than drawn.
    method : str
        How.
    draws : int
        Coalitions drawn per index; 0 where counted.
    abstention : bool
        Whether yes, abstain and no were equally likely.
    intervals : mapping of str to pairs
        Per index, lower and upper bounds of the estimates; empty where counted.
    """

    players: tuple[str, ...]
    banzhaf_absolute: Floats
    banzhaf_normalised: Floats
    shapley_shubik: Floats | None
    prevent: Floats | None
    initiate: Floats | None
    act: float
    swings: tuple[int, ...] | None
    winning: int | None
    shapley_exact: tuple[Fraction, ...] | None
    shapley_error: float
    exact: bool
    method: str
    draws: int = 0
    abstention: bool = False
    intervals: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)


def indices(
    form: Form,
    *,
    method: Method = "auto",
    draws: int | None = None,
    rng: np.random.Generator | None = None,
    abstention: bool = False,
) -> Indices:
    """Compute all indices of a game.

    Parameters
    ----------
    form : Form
        The game; with ``abstention`` made for it.
    method : str
        ``exact`` counts or refuses; ``monte-carlo`` draws; ``auto`` counts where it can.
    draws : int, optional
        Coalitions to draw.
    rng : Generator, optional
        Source of randomness; by default seed 0, so that the same question has the same answer.
    abstention : bool
        Whether players may abstain, each of yes, abstain and no being equally likely.

    Raises
    ------
    BadInput
        The game is out of reach of an exact count and ``exact`` was asked, or the outcome depends
        on nobody.

    Source
    ------
    J. F. Banzhaf, Rutgers Law Review 19 (1965), 317-343; L. S. Shapley and M. Shubik, American
    Political Science Review 48 (1954), 787-792; J. S. Coleman in B. Lieberman (ed.), Social Choice
    (1971), 269-300; D. S. Felsenthal and M. Machover, The Measurement of Voting Power (1998), also
    for abstention.
    """
    if isinstance(form.formula, bool):
        raise BadInput("nothing that a player does changes the outcome.")
    if method not in ("auto", "exact", "monte-carlo"):
        raise BadInput(f"{method!r} is not a method.", candidates=("auto", "exact", "monte-carlo"))
    if draws is not None and not 1000 <= draws <= 10**9:
        raise BadInput(f"{draws} draws are not between 1,000 and 1,000,000,000.")
    core, places = _without_dummies(form, abstention)
    if method != "monte-carlo":
        found = _three_ways(form, core, places) if abstention else _two_ways(form, core, places)
        if found is not None and found.shapley_shubik is None and not abstention:
            found = _with_drawn(found, core, places, draws, rng) if method == "auto" else None
        if found is not None:
            return found
        if method == "exact":
            raise BadInput(
                f"{len(form.players)} players and these weights are out of reach of an exact count.",
                hint="Leave the method to be chosen, or draw: --method monte-carlo.",
            )
    rng = rng or np.random.default_rng(0)
    drawn = sampling.draw(core, rng, draws or sampling.DRAWS, abstention=abstention)
    return _from_draws(form, drawn, places, abstention)


def _without_dummies(form: Form, abstention: bool) -> tuple[Form, list[int]]:
    """Return the game of the players who add something, and their places."""
    rows = form.yes + form.abstain if abstention else form.yes
    places = [i for i in range(len(form.players)) if any(row[i] for row in rows)]
    core = Form(
        tuple(form.players[i] for i in places),
        tuple(tuple(row[i] for i in places) for row in form.yes),
        tuple(tuple(row[i] for i in places) for row in form.abstain),
        form.formula,
    )
    return core, places


def count(form: Form) -> tuple[Counts, tuple[Floats, float] | None] | None:
    """Count swings exactly, by the quickest way that suits; None where none does.

    Returns
    -------
    Counts, and the Shapley–Shubik index with its error where the counts are not by size and it is
    within reach.
    """
    combinations = kinds.combinations(kinds.kinds_of(form))
    if combinations <= _FEW:
        return kinds.count_by_kind(form), None
    if halves.suits(form):
        return halves.count_by_halves(form), None
    swings_only = None
    for heads, most in ((True, _EXTRA_WORK), (False, table.MOST_WORK)):
        sides = [table.side_of(form, favour=favour, heads=heads) for favour in (True, False)]
        fitting = [s for s in sides if s is not None and table.fits(s, most)]
        if not fitting:
            continue
        best = min(fitting, key=lambda s: s.work)
        if best.heads is not None:
            return table.count_by_table(best), None
        if heads:
            continue
        if len(fitting) == 2 and sum(s.work for s in fitting) <= _QUICK_WORK:
            values, error = quadrature.shapley_by_table(form)
            return table.count_by_table(best), (tuple(values.tolist()), error)
        swings_only = best
    if combinations <= kinds.MOST:
        return kinds.count_by_kind(form), None
    with suppress(levels.TooMany):
        return levels.count_by_levels(form), None
    with suppress(ValueError):
        return halves.count_by_pairs(form), None
    return None if swings_only is None else (table.count_by_table(swings_only), None)


def _two_ways(form: Form, core: Form, places: list[int]) -> Indices | None:
    counted = count(core)
    if counted is None:
        return None
    counts, quadratures = counted
    n, dummies = len(form.players), len(form.players) - len(places)
    swings = _spread(tuple(s * 2**dummies for s in counts.swings), places, n, 0)
    exact = counts.shapley
    values: Sequence[float] = [float(x) for x in exact] if exact else (quadratures or ((), 0.0))[0]
    return from_swings(
        form.players,
        swings,
        counts.winning * 2**dummies,
        _spread(values, places, n, 0.0) if values else None,
        shapley_exact=_spread(exact, places, n, Fraction(0)) if exact else None,
        shapley_error=quadratures[1] if quadratures else 0.0,
        method=counts.method + (", quadrature for Shapley–Shubik" if quadratures else ""),
    )


def from_swings(
    players: tuple[str, ...],
    swings: tuple[int, ...],
    winning: int,
    shapley: Floats | None,
    *,
    shapley_exact: tuple[Fraction, ...] | None = None,
    shapley_error: float = 0.0,
    method: str,
) -> Indices:
    """Return all indices that follow from swings and winning coalitions.

    A Shapley–Shubik index is kept as fractions for at most ``FRACTIONS`` players.
    """
    n, total = len(players), sum(swings)
    return Indices(
        players,
        tuple(float(Fraction(s, 2 ** (n - 1))) for s in swings),
        tuple(float(Fraction(s, total)) for s in swings),
        shapley,
        tuple(float(Fraction(s, winning)) for s in swings),
        tuple(float(Fraction(s, 2**n - winning)) for s in swings),
        float(Fraction(winning, 2**n)),
        swings,
        winning,
        shapley_exact if n <= FRACTIONS else None,
        shapley_error,
        True,
        method,
    )


def _with_drawn(
    found: Indices,
    core: Form,
    places: list[int],
    draws: int | None,
    rng: np.random.Generator | None,
) -> Indices:
    """Add a drawn Shapley–Shubik index to counted swings."""
    many = draws or sampling.DRAWS
    drawn = sampling.draw_shapley(core, rng or np.random.default_rng(0), many)
    n = len(found.players)
    value, lo, hi = (
        _spread(part.tolist(), places, n, 0.0) for part in (drawn.value, drawn.lo, drawn.hi)
    )
    return replace(
        found,
        shapley_shubik=value,
        exact=False,
        method=found.method + ", Monte Carlo for Shapley–Shubik",
        draws=many,
        intervals={"shapley_shubik": (lo, hi)},
    )


def _three_ways(form: Form, core: Form, places: list[int]) -> Indices | None:
    grouped = kinds.kinds_of(core, abstain=True)
    try:
        if kinds.combinations(grouped, abstain=True) <= kinds.MOST:
            found = kinds.count_choices_by_kind(core)
        else:
            found = levels.count_choices_by_levels(core)
    except levels.TooMany:
        return None
    n, dummies = len(form.players), len(form.players) - len(places)
    swings = _spread(tuple(s * 3**dummies for s in found.swings), places, n, 0)
    total, winning = sum(swings), found.winning * 3**dummies
    return Indices(
        form.players,
        tuple(float(Fraction(s, 3 ** (n - 1))) for s in swings),
        tuple(float(Fraction(s, total)) for s in swings),
        None,
        None,
        None,
        float(Fraction(winning, 3**n)),
        swings,
        winning,
        None,
        0.0,
        True,
        found.method,
        abstention=True,
    )


def _from_draws(form: Form, drawn: sampling.Drawn, places: list[int], abstention: bool) -> Indices:
    n = len(form.players)

    def spread(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Floats:
        return _spread(values.tolist(), places, n, 0.0)

    parts = {"banzhaf_absolute": drawn.banzhaf, "banzhaf_normalised": drawn.normalised}
    if drawn.shapley is not None:
        parts["shapley_shubik"] = drawn.shapley
    chance = drawn.banzhaf.value
    wins, loses = drawn.winning, 1 - drawn.winning
    prevent = spread(chance / (2 * wins)) if wins and not abstention else None
    initiate = spread(chance / (2 * loses)) if loses and not abstention else None
    return Indices(
        form.players,
        spread(drawn.banzhaf.value),
        spread(drawn.normalised.value),
        spread(drawn.shapley.value) if drawn.shapley is not None else None,
        prevent,
        initiate,
        wins,
        None,
        None,
        None,
        0.0,
        False,
        "Monte Carlo",
        drawn.draws,
        abstention,
        {name: (spread(part.lo), spread(part.hi)) for name, part in parts.items()},
    )


def _spread(values: Sequence[T], places: list[int], n: int, nothing: T) -> tuple[T, ...]:
    """Put values in their places, and a value for players who add nothing in the others."""
    out = [nothing] * n
    for place, value in zip(places, values, strict=True):
        out[place] = value
    return tuple(out)
