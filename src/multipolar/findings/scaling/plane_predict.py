"""Probabilities of votes in the plane: of cells of the fit, of new roll calls, of other periods and states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import BadInput
from ...measures.scaling.plane.predict import (
    PlanePredictor,
    plane_predictor,
    reached_in_plane,
)
from ...measures.scaling.plane.search import items_given
from .cells import Array
from .estimate import node_of
from .frames import as_frame
from .predict import COLUMNS, items_asked, nodes_asked

if TYPE_CHECKING:
    from .plane import PlaneFitted, PlaneResult


def predicted(result: PlaneResult, cells: Any) -> pl.DataFrame:
    """Return cells with probabilities; see `PlaneResult.predict`."""
    frame = as_frame(cells, COLUMNS)
    names = ("p_yes", "p_abstain", "p_no")
    if taken := [c for c in names if c in frame.columns]:
        raise BadInput(f"the cells have a column {taken[0]} already.")
    fitted = result.fitted
    base = plane_predictor(fitted.given, fitted.settings, fitted.mode, fitted.turn, fitted.errors)
    base, node = _positions(fitted, base, frame)
    base, item = _items(fitted, base, frame)
    found = base.probabilities(node, item)
    if result.choices.response == "binary":
        found[:, 1] = 0.0
        found /= found.sum(axis=1, keepdims=True)
    return frame.with_columns(pl.Series(name, found[:, k]) for k, name in enumerate(names))


def _positions(
    fitted: PlaneFitted, base: PlanePredictor, frame: pl.DataFrame
) -> tuple[PlanePredictor, Array]:
    """Return the node of every cell, nodes beyond the fit added; -1 for states it does not know."""
    given = fitted.given
    state, when, node = nodes_asked(given, frame)
    beyond = np.flatnonzero((node < 0) & (state >= 0))
    if not len(beyond):
        return base, node
    pairs, back = np.unique(
        np.stack([state[beyond], when[beyond]], axis=1), axis=0, return_inverse=True
    )
    theta, spread = reached_in_plane(
        given, fitted.settings, base, pairs[:, 0].astype(np.int64), pairs[:, 1]
    )
    node[beyond] = len(base.theta) + back.ravel()
    more = replace(
        base,
        theta=np.concatenate([base.theta, theta]),
        spread=np.concatenate([base.spread, spread]),
    )
    return more, node


def _items(
    fitted: PlaneFitted, base: PlanePredictor, frame: pl.DataFrame
) -> tuple[PlanePredictor, Array]:
    """Return the item of every cell, items left out of the fit added; -1 for what is not known."""
    of_call, item, aside = items_asked(fitted.counted, fitted.item_of, frame)
    if not len(aside):
        return base, item
    more, spread, known = _left_out(fitted, aside)
    new = np.full(len(fitted.counted.items), -1, dtype=np.int64)
    new[aside[known]] = len(base.items) + np.arange(int(known.sum()))
    item = np.where((of_call >= 0) & (item < 0), new[of_call], item)
    grown = replace(
        base,
        items=np.concatenate([base.items, more[known]]),
        item_spread=np.concatenate([base.item_spread, spread[known]]),
    )
    return grown, item


def _left_out(fitted: PlaneFitted, aside: Array) -> tuple[Array, Array, Array]:
    """Return items that the fit left out, at the mode given the ideal points; and which have votes."""
    place = np.full(len(fitted.counted.items), -1, dtype=np.int64)
    place[aside] = np.arange(len(aside))
    item = place[fitted.counted.item[fitted.counted.call]]
    here = fitted.counted.chosen(item >= 0)
    node = node_of(fitted.given, here)
    item, category, node = (a[node >= 0] for a in (item[item >= 0], here.category, node))
    order = np.lexsort((node, category, item))
    count = np.bincount(item, minlength=len(aside))
    made, spread = items_given(
        np.concatenate([[0], np.cumsum(count)]),
        node[order].astype(np.int32),
        category[order].astype(np.int8),
        fitted.mode.theta,
        fitted.settings,
        fitted.kernels,
    )
    return made, spread, count > 0
