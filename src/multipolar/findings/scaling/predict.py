"""Probabilities of votes: of cells of the fit, of new roll calls, of other periods and states."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import BadInput
from ...measures.scaling.predict import Predictor, predictor
from ...measures.scaling.problem import Problem
from ...measures.scaling.reach import items_given, reached
from .cells import Array, Cells
from .estimate import Fitted, node_of
from .frames import as_frame, natural, places_of

if TYPE_CHECKING:
    from .result import ScaleResult

COLUMNS = ("roll_call", "state", "period")


def predicted(result: ScaleResult, cells: Any) -> pl.DataFrame:
    """Return cells with probabilities; see `ScaleResult.predict`."""
    frame = as_frame(cells, COLUMNS)
    if taken := [c for c in ("p_yes", "p_abstain", "p_no") if c in frame.columns]:
        raise BadInput(f"the cells have a column {taken[0]} already.")
    fitted = result.fitted
    base = predictor(
        fitted.given, fitted.settings, fitted.mode, fitted.errors.nodes**2, fitted.kernels
    )
    base, node = _positions(fitted, base, frame)
    base, item = _items(fitted, base, frame)
    found = base.probabilities(node, item)
    if result.choices.response == "binary":
        found[:, 1] = 0.0
        found /= found.sum(axis=1, keepdims=True)
    return frame.with_columns(
        pl.Series("p_yes", found[:, 0]),
        pl.Series("p_abstain", found[:, 1]),
        pl.Series("p_no", found[:, 2]),
    )


def _positions(fitted: Fitted, base: Predictor, frame: pl.DataFrame) -> tuple[Predictor, Array]:
    """Return the node of every cell, nodes beyond the fit added; -1 for states it does not know."""
    given = fitted.given
    state, when, node = nodes_asked(given, frame)
    beyond = np.flatnonzero((node < 0) & (state >= 0))
    if len(beyond):
        pairs, back = np.unique(
            np.stack([state[beyond], when[beyond]], axis=1), axis=0, return_inverse=True
        )
        theta, variance = reached(
            given,
            fitted.settings,
            base.theta,
            base.theta_variance,
            pairs[:, 0].astype(np.int64),
            pairs[:, 1],
        )
        node[beyond] = len(base.theta) + back.ravel()
        base = replace(
            base,
            theta=np.concatenate([base.theta, theta]),
            theta_variance=np.concatenate([base.theta_variance, variance]),
        )
    return base, node


def _items(fitted: Fitted, base: Predictor, frame: pl.DataFrame) -> tuple[Predictor, Array]:
    """Return the item of every cell, items left out of the fit added; -1 for what is not known."""
    of_call, item, aside = items_asked(fitted.counted, fitted.item_of, frame)
    if not len(aside):
        return base, item
    more, spread, known = _left_out(fitted, aside)
    new = np.full(len(fitted.counted.items), -1, dtype=np.int64)
    new[aside[known]] = len(base.items) + np.arange(int(known.sum()))
    item = np.where((of_call >= 0) & (item < 0), new[of_call], item)
    base = replace(
        base,
        items=np.concatenate([base.items, more[known]]),
        item_covariance=np.concatenate([base.item_covariance, spread[known]]),
    )
    return base, item


def nodes_asked(given: Problem, frame: pl.DataFrame) -> tuple[Array, Array, Array]:
    """Return for every cell the state, the time in periods of the fit, and the node; -1 for none."""
    labels, code = places_of(frame["state"])
    state = looked_up(labels, given.states)[code]
    if len(given.periods) == 1:
        when = np.zeros(frame.height)
    else:
        periods, code = places_of(frame["period"], in_order=True)
        when = times_of(periods, given.periods)[code]
    place = np.full((len(given.periods), len(given.states)), -1, dtype=np.int64)
    place[given.node_period, given.node_state] = np.arange(len(given.node_state))
    whole = when == np.floor(when)
    inside = whole & (when >= 0) & (when < len(given.periods)) & (state >= 0)
    node = np.full(frame.height, -1, dtype=np.int64)
    node[inside] = place[when[inside].astype(np.int64), state[inside]]
    return state, when, node


def items_asked(counted: Cells, item_of: Array, frame: pl.DataFrame) -> tuple[Array, Array, Array]:
    """Return for every cell its item among the votes and in the fit, and the items left out of it."""
    labels, code = places_of(frame["roll_call"])
    call = looked_up(labels, counted.roll_calls)
    of_call = np.where(call >= 0, counted.item[call], -1)[code]
    if "item" in frame.columns and frame["item"].null_count() < frame.height:
        named = frame["item"].is_not_null().to_numpy()
        labels, code = places_of(frame["item"].filter(pl.Series(named)))
        own = np.full(frame.height, -1, dtype=np.int64)
        own[named] = looked_up(labels, counted.items)[code]
        of_call = np.where(of_call < 0, own, of_call)
    item = np.where(of_call >= 0, item_of[of_call], -1)
    aside = np.unique(of_call[(of_call >= 0) & (item < 0)])
    return of_call, item, aside


def _left_out(fitted: Fitted, aside: Array) -> tuple[Array, Array, Array]:
    """Return items that the fit left out, at the mode given the ideal points; and which have votes."""
    place = np.full(len(fitted.counted.items), -1, dtype=np.int64)
    place[aside] = np.arange(len(aside))
    item = place[fitted.counted.item[fitted.counted.call]]
    here = fitted.counted.chosen(item >= 0)
    node = node_of(fitted.given, here)
    item = item[item >= 0][node >= 0]
    theta, category = fitted.mode.theta[node[node >= 0]], here.category[node >= 0]
    made, spread = items_given(theta, item, category, len(aside), fitted.settings)
    return made, spread, np.bincount(item, minlength=len(aside)) > 0


def looked_up(labels: Sequence[str], known: Sequence[str]) -> Array:
    """Return the places of labels among those that are known; -1 for others."""
    at = {label: k for k, label in enumerate(known)}
    return np.array([at.get(label, -1) for label in labels], dtype=np.int64)


def times_of(labels: Sequence[Any], periods: Sequence[Any]) -> Array:
    """Return the places of periods in those of the fit; one that it does not have lies between two."""
    texts = isinstance(periods[0], str)
    alien = [p for p in labels if isinstance(p, str) != texts or not _alike(p, periods[0])]
    if alien:
        raise BadInput(f"the period {alien[0]!r} is not of the kind of the fit's {periods[0]!r}.")
    keys: list[Any] = [natural(p) for p in periods] if texts else list(periods)
    out = []
    for label in labels:
        key = natural(label) if texts else label
        at = bisect.bisect_left(keys, key)
        out.append(at if at < len(keys) and keys[at] == key else at - 0.5)
    return np.array(out, dtype=float)


def _alike(one: Any, other: Any) -> bool:
    numbers = int | float
    return isinstance(one, numbers) == isinstance(other, numbers)
