"""The loops of the plane in plain NumPy: slow, and written from the formulas.

Tests hold the compiled ones against these; `Search` takes either. Nothing here knows how many dimensions
there are.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr

from ..plain import _LOG_ROOT_2PI, _item_of, _log_between
from ..problem import Array


def derivatives(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    prior: Array,
    still: bool,
    curved: bool,
    node_slope: Array,
    node_curve: Array,
    item_slope: Array,
    item_curve: Array,
    cross: Array,
) -> float:
    """Fill first and second derivatives of the log posterior without the prior of theta.

    Arguments and result as in `kernels.derivatives`.
    """
    item_of, x = _item_of(ptr), theta[node]
    dims = theta.shape[1]
    b, middle, gap = items[item_of, :dims], items[item_of, dims], items[item_of, dims + 1]
    at = (b * x).sum(axis=1)
    low, high = middle - 0.5 * gap - at, middle + 0.5 * gap - at
    yes, no, abstain = category == 0, category == 2, category == 1
    log_p = np.empty(len(node))
    log_p[yes], log_p[no] = log_ndtr(low[yes]), log_ndtr(-high[no])
    log_p[abstain] = _log_between(low[abstain], high[abstain])
    at_low = np.exp(np.where(no, -np.inf, -0.5 * low**2 - _LOG_ROOT_2PI - log_p))
    at_high = np.exp(np.where(yes, -np.inf, -0.5 * high**2 - _LOG_ROOT_2PI - log_p))
    # First and negative second derivatives of log P by (low, high).
    first = np.stack([np.where(yes, at_low, -at_low), np.where(no, -at_high, at_high)])
    second = np.empty((2, 2, len(node)))
    second[0, 0] = first[0] ** 2 + low * first[0]
    second[1, 1] = first[1] ** 2 + high * first[1]
    second[0, 1] = second[1, 0] = first[0] * first[1]
    # How (low, high) change with b, m and g.
    ones = np.ones((len(node), 1))
    by_item = np.stack([np.hstack([-x, ones, side * ones]) for side in (-0.5, 0.5)])
    slope = np.einsum("ak,aki->ki", first, by_item)
    curve = np.einsum("aki,abk,bkj->kij", by_item, second, by_item)
    both = first.sum(axis=0)
    cross[:, 0] = both if curved else 0.0
    cross[:, 1] = second.sum(axis=(0, 1))
    cross[:, 2] = 0.0 if still else 0.5 * (second[1, 1] - second[0, 0])
    upper = np.triu_indices(dims)
    node_slope[:], node_curve[:] = 0.0, 0.0
    np.subtract.at(node_slope, node, b * both[:, None])
    np.add.at(node_curve, node, cross[:, 1, None] * b[:, upper[0]] * b[:, upper[1]])
    item_slope[:], item_curve[:] = 0.0, 0.0
    np.add.at(item_slope, item_of, slope)
    np.add.at(item_curve, item_of, curve)
    b, middle, gap = items[:, :dims], items[:, dims], items[:, dims + 1]
    place = np.arange(dims)
    item_slope[:, :dims] -= prior[0] * b
    item_slope[:, dims] -= prior[1] * middle
    item_curve[:, place, place] += prior[0]
    item_curve[:, dims, dims] += prior[1]
    value = log_p.sum() - 0.5 * (prior[0] * (b**2).sum() + prior[1] * (middle**2).sum())
    if still:
        item_slope[:, dims + 1] = 0.0
        item_curve[:, dims + 1], item_curve[:, :, dims + 1] = 0.0, 0.0
        item_curve[:, dims + 1, dims + 1] = 1.0
        return float(value)
    item_slope[:, dims + 1] += (prior[2] - 1.0) / gap - prior[3]
    item_curve[:, dims + 1, dims + 1] += (prior[2] - 1.0) / gap**2
    return float(value + ((prior[2] - 1.0) * np.log(gap) - prior[3] * gap).sum())


def crossed(ptr: Array, node: Array, cross: Array, theta: Array, items: Array) -> Array:
    """Return the cross derivatives of every cell, cells x dimensions x parameters."""
    x, dims = theta[node], theta.shape[1]
    b = items[_item_of(ptr), :dims]
    along = np.concatenate([cross[:, 1, None] * x, -cross[:, 1:]], axis=1)
    out = b[:, :, None] * along[:, None, :]
    place = np.arange(dims)
    out[:, place, place] += cross[:, 0, None]
    return np.asarray(out)


def item_products(
    ptr: Array, node: Array, cross: Array, theta: Array, items: Array, x: Array, out: Array
) -> None:
    """Fill per item the sum over its cells of the cross derivatives times ``x`` at the cell's node."""
    full = crossed(ptr, node, cross, theta, items)
    out[:] = 0.0
    np.add.at(out, _item_of(ptr), np.einsum("kdi,kd->ki", full, x[node]))


def node_products(
    ptr: Array, node: Array, cross: Array, theta: Array, items: Array, y: Array, out: Array
) -> None:
    """Subtract from ``out`` per node the cross derivatives times ``y`` of the items it voted on."""
    full = crossed(ptr, node, cross, theta, items)
    np.subtract.at(out, node, np.einsum("kdi,ki->kd", full, y[_item_of(ptr)]))


def without_items(
    ptr: Array,
    node: Array,
    cross: Array,
    theta: Array,
    items: Array,
    inverse: Array,
    x: Array,
    out: Array,
) -> None:
    """Subtract from ``out`` what eliminating the items takes from the curvature, times ``x``."""
    along = np.zeros(items.shape)
    item_products(ptr, node, cross, theta, items, x, along)
    turned = np.einsum("vij,vj->vi", inverse, along)
    node_products(ptr, node, cross, theta, items, turned, out)


def spread(
    chosen: Array,
    ptr: Array,
    node: Array,
    begin: int,
    end: int,
    cross: Array,
    theta: Array,
    items: Array,
    root: Array,
    rooted: bool,
    into: Array,
) -> None:
    """Write the cross derivatives of items with the nodes of one period into a dense matrix."""
    full = crossed(ptr, node, cross, theta, items)
    dims, width = full.shape[1:]
    for j, v in enumerate(chosen):
        for k in range(ptr[v], ptr[v + 1]):
            if begin <= node[k] < end:
                here = full[k] @ root[v] if rooted else full[k]
                column = dims * (node[k] - begin)
                into[width * j : width * (j + 1), column : column + dims] += here.T


def probabilities(item: Array, node: Array, theta: Array, items: Array, out: Array) -> None:
    """Fill the probabilities of yes, abstain and no of cells (cells x 3)."""
    dims = theta.shape[1]
    at = (items[item, :dims] * theta[node]).sum(axis=1)
    middle, gap = items[item, dims], items[item, dims + 1]
    low, high = middle - 0.5 * gap - at, middle + 0.5 * gap - at
    out[:, 0], out[:, 2] = ndtr(low), ndtr(-high)
    open_ = gap > 0
    out[:, 1] = 0.0
    out[open_, 1] = np.exp(_log_between(low[open_], high[open_]))
