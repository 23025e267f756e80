"""The loops of `kernels` in plain NumPy: slow, and written from the formulas.

Tests hold the compiled ones against these; `Fit` takes either.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr

from .problem import Array

_LOG_ROOT_2PI = 0.5 * np.log(2.0 * np.pi)


def log_normal(z: Array) -> Array:
    """Return log Phi(z)."""
    return np.asarray(log_ndtr(z))


def _log_between(low: Array, high: Array) -> Array:
    """Return log (Phi(high) - Phi(low)), from the lower tail."""
    above = low + high > 0
    low, high = np.where(above, -high, low), np.where(above, -low, high)
    return np.asarray(log_ndtr(high) + np.log(-np.expm1(log_ndtr(low) - log_ndtr(high))))


def _item_of(ptr: Array) -> Array:
    return np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))


def derivatives(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    prior: Array,
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
    item_of = _item_of(ptr)
    beta, middle, gap = items[item_of].T
    t = theta[node]
    low, high = middle - 0.5 * gap - beta * t, middle + 0.5 * gap - beta * t
    yes, no, abstain = category == 0, category == 2, category == 1
    log_p = np.empty(len(node))
    log_p[yes], log_p[no] = log_ndtr(low[yes]), log_ndtr(-high[no])
    log_p[abstain] = _log_between(low[abstain], high[abstain])
    # Density at each cutpoint over P, where the cutpoint bounds the category.
    at_low = np.exp(np.where(no, -np.inf, -0.5 * low**2 - _LOG_ROOT_2PI - log_p))
    at_high = np.exp(np.where(yes, -np.inf, -0.5 * high**2 - _LOG_ROOT_2PI - log_p))
    # First and negative second derivatives of log P by (low, high).
    first = np.stack([np.where(yes, at_low, -at_low), np.where(no, -at_high, at_high)])
    second = np.empty((2, 2, len(node)))
    second[0, 0] = first[0] ** 2 + low * first[0]
    second[1, 1] = first[1] ** 2 + high * first[1]
    second[0, 1] = second[1, 0] = first[0] * first[1]
    # How (low, high) change with beta, m, g and with theta.
    one = np.ones_like(t)
    by_item = np.stack([np.stack([-t, one, -0.5 * one]), np.stack([-t, one, 0.5 * one])])
    slope = np.einsum("ak,aik->ki", first, by_item)
    curve = np.einsum("aik,abk,bjk->kij", by_item, second, by_item)
    both = first.sum(axis=0)
    cross[:] = -beta[:, None] * np.einsum("aik,abk->ki", by_item, second)
    if curved:
        cross[:, 0] += both
    node_slope[:] = np.bincount(node, -beta * both, minlength=len(theta))
    node_curve[:] = np.bincount(node, beta**2 * second.sum(axis=(0, 1)), minlength=len(theta))
    item_slope[:], item_curve[:] = 0.0, 0.0
    np.add.at(item_slope, item_of, slope)
    np.add.at(item_curve, item_of, curve)
    beta, middle, gap = items.T
    item_slope[:, 0] -= prior[0] * beta
    item_slope[:, 1] -= prior[1] * middle
    item_slope[:, 2] += (prior[2] - 1.0) / gap - prior[3]
    item_curve[:, 0, 0] += prior[0]
    item_curve[:, 1, 1] += prior[1]
    item_curve[:, 2, 2] += (prior[2] - 1.0) / gap**2
    value = -0.5 * (prior[0] * beta**2 + prior[1] * middle**2)
    value += (prior[2] - 1.0) * np.log(gap) - prior[3] * gap
    return float(log_p.sum() + value.sum())


def item_products(ptr: Array, node: Array, cross: Array, x: Array, out: Array) -> None:
    """Fill per item the sum over its cells of the cross derivatives times ``x`` at the cell's node."""
    out[:] = 0.0
    np.add.at(out, _item_of(ptr), cross * x[node][:, None])


def node_products(ptr: Array, node: Array, cross: Array, y: Array, out: Array) -> None:
    """Subtract from ``out`` per node the cross derivatives times ``y`` of the items it voted on."""
    np.subtract.at(out, node, (cross * y[_item_of(ptr)]).sum(axis=1))


def without_items(
    ptr: Array, node: Array, cross: Array, inverse: Array, x: Array, out: Array
) -> None:
    """Subtract from ``out`` what eliminating the items takes from the curvature, times ``x``."""
    along = np.zeros((len(inverse), 3))
    item_products(ptr, node, cross, x, along)
    node_products(ptr, node, cross, np.einsum("vij,vj->vi", inverse, along), out)


def scatter(
    cells: Array, row: Array, column: Array, cross: Array, root: Array, item: Array, into: Array
) -> None:
    """Add cross derivatives times the root of the items' inverse curvature to a dense matrix."""
    rooted = np.einsum("kj,kji->ki", cross[cells], root[item])
    for i in range(3):
        np.add.at(into, (row + i, column), rooted[:, i])


def probabilities(item: Array, node: Array, theta: Array, items: Array, out: Array) -> None:
    """Fill the probabilities of yes, abstain and no of cells (cells x 3)."""
    beta, middle, gap = items[item].T
    low, high = middle - 0.5 * gap - beta * theta[node], middle + 0.5 * gap - beta * theta[node]
    out[:, 0], out[:, 2] = ndtr(low), ndtr(-high)
    out[:, 1] = np.exp(_log_between(low, high))
