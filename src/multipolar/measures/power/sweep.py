"""The power of every player as the quota moves: one table serves all quotas.

Only the reading of the table depends on the quota. Those not in favour are counted for the swings;
for the Shapley–Shubik index, as in `quadrature`, either side over its half of the probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from ...errors import BadInput
from ...rules.form import At, Form
from . import quadrature, table
from .indices import Indices, from_swings, indices

_FEW = 24
"""Players up to whose number each quota is counted by itself."""


@dataclass(frozen=True, slots=True)
class _Quotas:
    """The same weights under several quotas, seen from one side."""

    widest: table.Side
    sides: tuple[table.Side, ...]
    players: table.Players


def sweep(
    form: Form, thresholds: Sequence[int], kernels: ModuleType | None = None
) -> list[Indices]:
    """Return the indices for every threshold of a game with one criterion.

    Parameters
    ----------
    form : Form
        A game with one weighted criterion; its own threshold is not used.
    thresholds : sequence of int
        Each between 1 and the sum of the weights.

    Raises
    ------
    BadInput
        The game has several criteria, or a threshold cannot be reached or missed.
    """
    if len(form.yes) != 1:
        raise BadInput("the quota can be moved in a game with one weighted condition only.")
    whole = form.totals[0]
    for least in thresholds:
        if not 1 <= least <= whole:
            raise BadInput(f"the quota {least} is not between 1 and {whole}.")
    forms = [replace(form, formula=At(0, least)) for least in thresholds]
    away = _seen(form, thresholds, favour=False)
    here = _seen(form, thresholds, favour=True)
    small = len(form.players) <= _FEW
    if small or not (table.fits(away.widest) and table.fits(here.widest)):
        return [indices(each) for each in forms]
    keep = [i for i, w in enumerate(form.yes[0]) if w]
    if len(keep) < len(form.players):
        return [indices(each) for each in forms]
    kernels = kernels or table.compiled()
    counts = _counts(away, kernels)
    shapley = np.zeros((len(forms), len(form.players)))
    for side in (here, away):
        shapley += _integrated(side, kernels)
    return [
        from_swings(
            form.players,
            counts[k][1],
            counts[k][0],
            tuple(shapley[k].tolist()),
            shapley_error=float(abs(1 - shapley[k].sum())),
            method="table of sums, quadrature for Shapley–Shubik",
        )
        for k in range(len(forms))
    ]


def _seen(form: Form, thresholds: Sequence[int], *, favour: bool) -> _Quotas:
    sides = []
    for least in thresholds:
        side = table.side_of(replace(form, formula=At(0, least)), favour=favour)
        assert side is not None
        sides.append(side)
    widest = max(sides, key=lambda s: s.width)
    return _Quotas(widest, tuple(sides), table.distinct(widest))


def _counts(seen: _Quotas, kernels: ModuleType) -> list[tuple[int, tuple[int, ...]]]:
    """Return winning coalitions and swings per quota."""
    n = len(seen.widest.main)
    moduli = table.moduli_for(n)
    at = [table.asked(side, seen.players) for side in seen.sides]
    found: list[list[list[int]]] = [[] for _ in at]
    for modulus in moduli:
        filled = table.fill(seen.widest, kernels, modulus % 2**32)
        for k, reading in enumerate(at):
            found[k].append(
                table.read(seen.widest, seen.sides[k], reading, filled, kernels, modulus % 2**32)
            )
    out = []
    for k, side in enumerate(seen.sides):
        values = table.remainders(found[k], moduli)
        made = table.assembled(side, seen.players, table.Marginal(side), values)
        out.append((made.winning, made.swings))
    return out


def _integrated(
    seen: _Quotas, kernels: ModuleType
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the part of the index that one side contributes, per quota and player."""
    at = [table.asked(side, seen.players) for side in seen.sides]
    points, weights = np.polynomial.legendre.leggauss(2 * quadrature.NODES)
    out = np.zeros((len(at), len(seen.players.kinds)))
    for point, weight in zip(points, weights, strict=True):
        move = float((point + 1) / 4)
        mixed = quadrature.mixed(seen.widest, move, kernels)
        for k, reading in enumerate(at):
            got = kernels.without_player_float(
                mixed,
                seen.widest.width,
                reading.rows,
                reading.columns,
                reading.most,
                reading.steps,
                reading.weights,
                move,
            ).reshape(len(seen.players.kinds), 2, -1)
            out[k] += weight / 4 * (got[:, 0].sum(axis=1) - got[:, 1].sum(axis=1))
    return out[:, list(seen.players.of)]
