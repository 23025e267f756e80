"""Hot loops over votes in two dimensions, compiled by numba; `plain` holds the same in NumPy.

An item is b1, b2, m and g; its latent response to a state at x is b1 x1 + b2 x2. Of each vote three numbers are
kept: the slope of its log probability by the middle of the cutpoints, the curvature by it, and the curvature by
the middle and the gap. The cross derivatives of position and item follow from them:

    by x_d and b_e    s [d = e] + b_d x_e k
    by x_d and m      −b_d k
    by x_d and g      −b_d h

Importing this module loads the compiler.
"""

from __future__ import annotations

import math

import numpy as np

from ..kernels import (
    _CHUNK,
    _ROOM,
    _ROOT2,
    Array,
    _any_order,
    _between,
    _compiled,
    _logarithm,
    _middle,
    _Place,
    _sides,
)


@_any_order
def _sums(
    size: int, t: Array, u: Array, room: Array
) -> tuple[
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
    float,
]:
    """Return the sums over a chunk that the derivatives of an item are made of."""
    s0 = s1 = s2 = d0 = k0 = k1 = k2 = k11 = k12 = k22 = g0 = g1 = g2 = log = 0.0
    for i in range(size):
        x, y, s, k, g = t[i], u[i], room[0, i], room[2, i], room[3, i]
        s0 += s
        s1 += s * x
        s2 += s * y
        d0 += room[1, i]
        k0 += k
        k1 += k * x
        k2 += k * y
        k11 += k * x * x
        k12 += k * x * y
        k22 += k * y * y
        g0 += g
        g1 += g * x
        g2 += g * y
        log += room[5, i]
    return s0, s1, s2, d0, k0, k1, k2, k11, k12, k22, g0, g1, g2, log


@_compiled
def _spread(
    first: int,
    size: int,
    b1: float,
    b2: float,
    curved: bool,
    still: bool,
    node: Array,
    room: Array,
    node_slope: Array,
    node_curve: Array,
    cross: Array,
) -> None:
    """Write what is kept of a chunk of votes, and add to its nodes."""
    start, keep, half = _Place(first), 1.0 if curved else 0.0, 0.0 if still else 0.5
    for i in range(size):
        at = start + _Place(i)
        cross[at, 0] = keep * room[0, i]
        cross[at, 1] = room[2, i]
        cross[at, 2] = half * room[3, i]
    b11, b12, b22 = b1 * b1, b1 * b2, b2 * b2
    for i in range(size):
        n, s, k = _Place(node[start + _Place(i)]), room[0, i], room[2, i]
        node_slope[n, 0] -= b1 * s
        node_slope[n, 1] -= b2 * s
        node_curve[n, 0] += b11 * k
        node_curve[n, 1] += b12 * k
        node_curve[n, 2] += b22 * k


@_compiled
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
    """Fill first and second derivatives of the log posterior without the prior of the positions.

    Parameters
    ----------
    theta : array, nodes x 2
        Positions.
    items : array, items x 4
        b1, b2, m, g of every item.
    prior : array of 4
        Precision of each slope and of m; shape and rate of g.
    still : bool
        Whether the gap is held (a binary response): its curvature is then 1, and nothing else.
    curved : bool
        Whether the slope by the middle is kept of each vote (Newton) or zero (Gauss–Newton).
    node_slope : array, nodes x 2
    node_curve : array, nodes x 3
        Negative second derivatives by x1 twice, by both, by x2 twice.
    item_slope : array, items x 4
    item_curve : array, items x 4 x 4
    cross : array, cells x 3
        Of each vote the three numbers from which the cross derivatives follow.

    Returns
    -------
    float
        The log likelihood and the log prior of the items.
    """
    node_slope[:] = 0.0
    node_curve[:] = 0.0
    # Loops run on to a multiple of 8, over votes of z = 0 that are not counted.
    lines, room, aside = np.zeros((4, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    t, u, z, sign = lines[0], lines[1], lines[2], lines[3]
    value = 0.0
    for v in range(items.shape[0]):
        b1, b2, middle, gap = items[v, 0], items[v, 1], items[v, 2], items[v, 3]
        low, high = middle - 0.5 * gap, middle + 0.5 * gap
        s0 = s1 = s2 = d0 = k0 = k1 = k2 = k11 = k12 = k22 = g0 = g1 = g2 = product = 0.0
        abstained = ptr[v]
        while abstained < ptr[v + 1] and category[abstained] < 1:
            abstained += 1
        against = abstained
        while against < ptr[v + 1] and category[against] < 2:
            against += 1
        for first in range(ptr[v], ptr[v + 1], _CHUNK):
            size = min(_CHUNK, ptr[v + 1] - first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            for i in range(size):
                n = _Place(node[_Place(first) + _Place(i)])
                t[i] = theta[n, 0]
                u[i] = theta[n, 1]
            if q > p:
                for i in range(q - p):
                    z[i] = middle - b1 * t[p + i] - b2 * u[p + i]
                for i in range(q - p, q - p + 8):
                    z[i] = 0.0
                _middle((q - p + 7) & -8, gap, z, aside)
            for i in range(p):
                z[i] = low - b1 * t[i] - b2 * u[i]
                sign[i] = 1.0
            for i in range(p, q):
                z[i] = 0.0
            for i in range(q, size):
                z[i] = b1 * t[i] + b2 * u[i] - high
                sign[i] = -1.0
            for i in range(size, size + 8):
                z[i] = 0.0
            _sides((size + 7) & -8, z, sign, room)
            for j in range(6):
                for i in range(q - p):
                    room[j, p + i] = aside[j, i]
            for i in range(q - p):
                product += aside[6, i]
            sums = _sums(size, t, u, room)
            s0 += sums[0]
            s1 += sums[1]
            s2 += sums[2]
            d0 += sums[3]
            k0 += sums[4]
            k1 += sums[5]
            k2 += sums[6]
            k11 += sums[7]
            k12 += sums[8]
            k22 += sums[9]
            g0 += sums[10]
            g1 += sums[11]
            g2 += sums[12]
            _spread(first, size, b1, b2, curved, still, node, room, node_slope, node_curve, cross)
            value += sums[13] + _logarithm(size, room)
        value -= 0.5 * (prior[0] * (b1 * b1 + b2 * b2) + prior[1] * middle * middle)
        item_slope[v, 0] = -s1 - prior[0] * b1
        item_slope[v, 1] = -s2 - prior[0] * b2
        item_slope[v, 2] = s0 - prior[1] * middle
        item_curve[v, 0, 0] = k11 + prior[0]
        item_curve[v, 0, 1] = item_curve[v, 1, 0] = k12
        item_curve[v, 1, 1] = k22 + prior[0]
        item_curve[v, 0, 2] = item_curve[v, 2, 0] = -k1
        item_curve[v, 1, 2] = item_curve[v, 2, 1] = -k2
        item_curve[v, 2, 2] = k0 + prior[1]
        if still:
            item_slope[v, 3] = 0.0
            for i in range(3):
                item_curve[v, i, 3] = item_curve[v, 3, i] = 0.0
            item_curve[v, 3, 3] = 1.0
        else:
            value += (prior[2] - 1.0) * math.log(gap) - prior[3] * gap
            item_slope[v, 3] = 0.5 * d0 + (prior[2] - 1.0) / gap - prior[3]
            item_curve[v, 0, 3] = item_curve[v, 3, 0] = -0.5 * g1
            item_curve[v, 1, 3] = item_curve[v, 3, 1] = -0.5 * g2
            item_curve[v, 2, 3] = item_curve[v, 3, 2] = 0.5 * g0
            item_curve[v, 3, 3] = 0.25 * k0 + product + (prior[2] - 1.0) / (gap * gap)
    return value


@_any_order
def _gathered(
    first: int,
    end: int,
    node: Array,
    cross: Array,
    theta: Array,
    b1: float,
    b2: float,
    x: Array,
    room: Array,
) -> tuple[float, float, float, float]:
    """Return the sums of an item's cross derivatives times ``x`` at its nodes."""
    a0 = a1 = a2 = a3 = 0.0
    for begin in range(first, end, _CHUNK):
        size, start = min(_CHUNK, end - begin), _Place(begin)
        for i in range(size):
            n = _Place(node[start + _Place(i)])
            room[0, i] = theta[n, 0]
            room[1, i] = theta[n, 1]
            room[2, i] = x[n, 0]
            room[3, i] = x[n, 1]
        for i in range(size):
            at = start + _Place(i)
            y1, y2, s = room[2, i], room[3, i], cross[at, 0]
            along = b1 * y1 + b2 * y2
            bent = cross[at, 1] * along
            a0 += s * y1 + bent * room[0, i]
            a1 += s * y2 + bent * room[1, i]
            a2 -= bent
            a3 -= cross[at, 2] * along
    return a0, a1, a2, a3


@_compiled
def _taken(
    first: int,
    end: int,
    node: Array,
    cross: Array,
    theta: Array,
    b1: float,
    b2: float,
    q: tuple[float, float, float, float],
    room: Array,
    out: Array,
) -> None:
    """Subtract an item's cross derivatives times four numbers from its nodes."""
    q0, q1, q2, q3 = q
    for begin in range(first, end, _CHUNK):
        size, start = min(_CHUNK, end - begin), _Place(begin)
        for i in range(size):
            n = _Place(node[start + _Place(i)])
            room[0, i] = theta[n, 0]
            room[1, i] = theta[n, 1]
        for i in range(size):
            at = start + _Place(i)
            s = cross[at, 0]
            bent = cross[at, 1] * (room[0, i] * q0 + room[1, i] * q1 - q2) - cross[at, 2] * q3
            room[2, i] = s * q0 + b1 * bent
            room[3, i] = s * q1 + b2 * bent
        for i in range(size):
            n = _Place(node[start + _Place(i)])
            out[n, 0] -= room[2, i]
            out[n, 1] -= room[3, i]


@_compiled
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
    room = np.zeros((4, _ROOM))
    for v in range(inverse.shape[0]):
        b1, b2 = items[v, 0], items[v, 1]
        a = _gathered(ptr[v], ptr[v + 1], node, cross, theta, b1, b2, x, room)
        i = inverse[v]
        q = (
            i[0, 0] * a[0] + i[0, 1] * a[1] + i[0, 2] * a[2] + i[0, 3] * a[3],
            i[1, 0] * a[0] + i[1, 1] * a[1] + i[1, 2] * a[2] + i[1, 3] * a[3],
            i[2, 0] * a[0] + i[2, 1] * a[1] + i[2, 2] * a[2] + i[2, 3] * a[3],
            i[3, 0] * a[0] + i[3, 1] * a[1] + i[3, 2] * a[2] + i[3, 3] * a[3],
        )
        _taken(ptr[v], ptr[v + 1], node, cross, theta, b1, b2, q, room, out)


@_compiled
def item_products(
    ptr: Array, node: Array, cross: Array, theta: Array, items: Array, x: Array, out: Array
) -> None:
    """Fill per item the sum over its cells of the cross derivatives times ``x`` at the cell's node."""
    room = np.zeros((4, _ROOM))
    for v in range(out.shape[0]):
        b1, b2 = items[v, 0], items[v, 1]
        a = _gathered(ptr[v], ptr[v + 1], node, cross, theta, b1, b2, x, room)
        out[v, 0], out[v, 1], out[v, 2], out[v, 3] = a


@_compiled
def node_products(
    ptr: Array, node: Array, cross: Array, theta: Array, items: Array, y: Array, out: Array
) -> None:
    """Subtract from ``out`` per node the cross derivatives times ``y`` of the items it voted on."""
    room = np.zeros((4, _ROOM))
    for v in range(y.shape[0]):
        q = (y[v, 0], y[v, 1], y[v, 2], y[v, 3])
        b1, b2 = items[v, 0], items[v, 1]
        _taken(ptr[v], ptr[v + 1], node, cross, theta, b1, b2, q, room, out)


@_compiled
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
    """Write the cross derivatives of items with the nodes of one period into a dense matrix.

    Parameters
    ----------
    chosen : array of int
        Items; four rows of the matrix each.
    begin, end : int
        The nodes of the period; two columns each.
    root : array, items x 4 x 4
        Lower Cholesky factors of the items' inverse curvature.
    rooted : bool
        Whether to multiply by the transposed root.
    into : array, 4 items x 2 nodes
        Zero before; what a state has that voted twice on an item in a period is added up.
    """
    c = np.zeros(4)
    for j in range(chosen.shape[0]):
        v, r = chosen[j], 4 * j
        for k in range(ptr[v], ptr[v + 1]):
            n = node[k]
            if n < begin or n >= end:
                continue
            s, bent, lean = cross[k, 0], cross[k, 1], cross[k, 2]
            for d in range(2):
                b = items[v, d]
                c[0], c[1] = b * theta[n, 0] * bent, b * theta[n, 1] * bent
                c[2], c[3] = -b * bent, -b * lean
                c[d] += s
                column = 2 * (n - begin) + d
                for i in range(4):
                    if rooted:
                        for j2 in range(i, 4):
                            into[r + i, column] += c[j2] * root[v, j2, i]
                    else:
                        into[r + i, column] += c[i]


@_compiled
def probabilities(item: Array, node: Array, theta: Array, items: Array, out: Array) -> None:
    """Fill the probabilities of yes, abstain and no of cells (cells x 3)."""
    for k in range(item.shape[0]):
        v, n = item[k], node[k]
        x = items[v, 0] * theta[n, 0] + items[v, 1] * theta[n, 1]
        low, high = items[v, 2] - 0.5 * items[v, 3] - x, items[v, 2] + 0.5 * items[v, 3] - x
        out[k, 0] = 0.5 * math.erfc(-low / _ROOT2)
        out[k, 2] = 0.5 * math.erfc(high / _ROOT2)
        out[k, 1] = max(_between(low, high), 0.0)
