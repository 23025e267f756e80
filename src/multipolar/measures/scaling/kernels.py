"""Hot loops over votes, compiled by numba; `plain` holds the same in NumPy.

Votes of an item stand together, sorted by category. Votes are taken in chunks through small arrays, by
loops without branches, so that the compiler makes them work on several votes at once. Importing this module
loads the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

Array = np.ndarray[Any, Any]
Loop = TypeVar("Loop", bound=Callable[..., Any])
_ROOT2 = math.sqrt(2.0)
_PHI0 = 1.0 / math.sqrt(2.0 * math.pi)
_CHUNK = 256
_ROOM = _CHUNK + 8
_Place = np.uint64
"""Type of places in arrays: the compiler need not ask whether one is negative, counted from the end."""
_NARROW = 0.05
_POINTS = 0.5 + 0.5 * np.polynomial.legendre.leggauss(10)[0]
_WEIGHTS = 0.5 * np.polynomial.legendre.leggauss(10)[1]


def _compiled(loop: Loop, fast: tuple[str, ...] = ("contract",), **more: Any) -> Loop:
    """Compile a loop, and keep the result for the next process where a directory can be written."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": set(fast), **more}
    try:
        made: Loop = numba.njit(cache=True, **options)(loop)
    except RuntimeError:
        made = numba.njit(**options)(loop)
    return made


def _inlined(loop: Loop) -> Loop:
    """Compile as a part of the loops that call it."""
    return _compiled(loop, forceinline=True)


def _any_order(loop: Loop) -> Loop:
    """Compile; sums may be taken in any order, so that several terms are added at once."""
    return _compiled(loop, ("contract", "reassoc", "nsz"))


@_inlined
def _tail(w: float) -> float:
    """Return (1 - Phi(w)) exp(w²/2) for w >= 0, to 4e-16.

    Times 1 + w it is a smooth function of (w - 5) / (w + 5); the polynomial is its Chebyshev expansion, made
    in 60 digits. After Shepherd and Laframboise 1981 (Mathematics of Computation 36, 249-253).
    """
    t = (w - 5.0) / (w + 5.0)
    u = t * t
    even = -2.8220772290629865e-10
    even = even * u + 3.627373163401201e-09
    even = even * u - 2.6286205089898754e-08
    even = even * u + 1.27878221820937e-07
    even = even * u - 7.034644683537101e-08
    even = even * u - 9.896097759279782e-06
    even = even * u + 0.00018233414511643843
    even = even * u - 0.00167607234455447
    even = even * u - 0.015170415402514863
    even = even * u - 0.026401042966308307
    even = even * u + 0.031030368425963708
    even = even * u + 0.46151582985003775
    odd = -3.815816262632953e-10
    odd = odd * u + 4.4011596227599254e-09
    odd = odd * u - 3.095201755804207e-08
    odd = odd * u + 1.9627809920091187e-07
    odd = odd * u - 1.3074486019237587e-06
    odd = odd * u + 9.05982468125664e-06
    odd = odd * u - 5.36075811148722e-05
    odd = odd * u + 7.791597409338999e-06
    odd = odd * u + 0.006522000667783896
    odd = odd * u + 0.024536963243678652
    odd = odd * u + 0.010002352385229382
    odd = odd * u - 0.09155228183400904
    return (even + odd * t) / (1.0 + w)


@_inlined
def _exp(x: float) -> float:
    """Return exp(x) for x <= 0, to 3e-16; below -690 what it is there.

    The lower end leaves room for factors before numbers lose digits, which makes arithmetic slow.
    """
    x = max(x, -690.0)
    # The sum with 1.5 * 2**52 ends in the nearest whole number, in binary.
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    whole = shifted - 6755399441055744.0
    r = (x - whole * 0.6931471803691238) - whole * 1.9082149292705877e-10
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)


@_compiled
def log_normal(z: float) -> float:
    """Return log Phi(z), accurate far into the lower tail."""
    tail = _tail(abs(z))
    if z > 0.0:
        return math.log1p(-_exp(-0.5 * z * z) * tail)
    return math.log(tail) - 0.5 * z * z


@_compiled
def _between(low: float, high: float) -> float:
    """Return Phi(high) - Phi(low) from the tail in which it does not cancel."""
    if low > 0.0:
        return 0.5 * (math.erfc(low / _ROOT2) - math.erfc(high / _ROOT2))
    return 0.5 * (math.erfc(-high / _ROOT2) - math.erfc(-low / _ROOT2))


@_compiled
def _sides(size: int, z: Array, sign: Array, room: Array) -> None:
    """Fill what yes and no votes give, as functions of z with P = Phi(z).

    Rows of ``room``: the derivative of log P by the middle of the cutpoints, and by their distance (twice);
    the negative second derivatives by the middle, and by both (twice); P is row 4 times exp(row 5).
    """
    for i in range(size):
        x = z[i]
        tail = _tail(abs(x))
        square = -0.5 * x * x
        density = _exp(square)
        low = x <= 0.0
        share = tail if low else 1.0 - density * tail
        ratio = (_PHI0 if low else _PHI0 * density) / share
        curve = ratio * (ratio + x)
        room[0, i] = sign[i] * ratio
        room[1, i] = -ratio
        room[2, i] = curve
        room[3, i] = -sign[i] * curve
        room[4, i] = share
        room[5, i] = square if low else 0.0


@_compiled
def _middle(size: int, gap: float, z: Array, room: Array) -> None:
    """Fill what abstentions give, whose latent response lies within ``gap`` about z.

    They are seen from the tail in which nothing cancels. Rows of ``room`` as in `_sides`; row 6 is the
    product of the densities at the two ends, divided by P².
    """
    half = 0.5 * gap
    for i in range(size):
        away = abs(z[i])
        high = half - away
        inner, outer = _tail(abs(high)), _tail(half + away)
        fall = _exp(-gap * away)
        square = -0.5 * high * high
        density = _exp(square)
        low = high <= 0.0
        room[1, i] = fall
        room[2, i] = 1.0 - fall
        room[3, i] = _PHI0 if low else _PHI0 * density
        room[4, i] = inner - fall * outer if low else 1.0 - density * (inner + fall * outer)
        room[5, i] = square if low else 0.0
    if gap < _NARROW:
        _narrow(size, gap, z, room)
    for i in range(size):
        away = abs(z[i])
        sign = 1.0 if z[i] <= 0.0 else -1.0
        near = room[3, i] / room[4, i]
        far = near * room[1, i]
        between = near * room[2, i]
        k_near = near * (between + (half - away))
        k_far = far * ((half + away) - between)
        room[0, i] = sign * between
        room[1, i] = near + far
        room[2, i] = k_near + k_far
        room[3, i] = sign * (k_near - k_far)
        room[6, i] = near * far


@_compiled
def _narrow(size: int, gap: float, z: Array, room: Array) -> None:
    """Replace what cancels when the cutpoints nearly meet: an integral by 10 points of Gauss."""
    for i in range(size):
        away = abs(z[i])
        if gap * away < 2.0:
            high = 0.5 * gap - away
            total = 0.0
            for j in range(10):
                s = gap * _POINTS[j]
                total += _WEIGHTS[j] * math.exp(s * (high - 0.5 * s))
            room[2, i] = -math.expm1(-gap * away)
            room[3, i] = _PHI0
            room[4, i] = max(_PHI0 * gap * total, 1e-15)
            room[5, i] = -0.5 * high * high


@_compiled
def _logarithm(size: int, room: Array) -> float:
    """Return the sum of the logarithms of row 4, of up to 16 factors at once; the row is used up."""
    for _ in range(4):
        half = (size + 1) // 2
        for i in range(size - half):
            room[4, i] *= room[4, half + i]
        size = half
    total = 0.0
    for i in range(size):
        total += math.log(room[4, i])
    return total


@_any_order
def _sums(
    size: int, t: Array, room: Array
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return the sums over a chunk that the derivatives of an item are made of."""
    s0 = s1 = d0 = k0 = k1 = k2 = g0 = g1 = log = 0.0
    for i in range(size):
        x, s, k, g = t[i], room[0, i], room[2, i], room[3, i]
        s0 += s
        s1 += s * x
        d0 += room[1, i]
        k0 += k
        k1 += k * x
        k2 += k * x * x
        g0 += g
        g1 += g * x
        log += room[5, i]
    return s0, s1, d0, k0, k1, k2, g0, g1, log


@_compiled
def _spread(
    first: int,
    size: int,
    beta: float,
    curved: bool,
    node: Array,
    t: Array,
    room: Array,
    node_slope: Array,
    node_curve: Array,
    cross: Array,
) -> None:
    """Write the cross derivatives of a chunk, and add to its nodes."""
    start, keep, half = _Place(first), 1.0 if curved else 0.0, -0.5 * beta
    for i in range(size):
        at = start + _Place(i)
        cross[at, 0] = beta * t[i] * room[2, i] + keep * room[0, i]
        cross[at, 1] = -beta * room[2, i]
        cross[at, 2] = half * room[3, i]
    square = beta * beta
    for i in range(size):
        n = _Place(node[start + _Place(i)])
        node_slope[n] -= beta * room[0, i]
        node_curve[n] += square * room[2, i]


@_compiled
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

    Parameters
    ----------
    items : array, items x 3
        beta, m, g of every item.
    prior : array of 4
        Precision of beta and of m; shape and rate of g.
    curved : bool
        Whether the cross derivatives hold the term of the product beta theta (Newton) or leave it
        out (Gauss–Newton).
    node_slope, node_curve : arrays, one per node
        Gradient, and negative second derivative.
    item_slope : array, items x 3
    item_curve : array, items x 3 x 3
    cross : array, cells x 3
        Negative second derivatives between a cell's node and its item.

    Returns
    -------
    float
        The log likelihood and the log prior of the items.
    """
    node_slope[:] = 0.0
    node_curve[:] = 0.0
    # Loops run on to a multiple of 8, over votes of z = 0 that are not counted.
    lines, room, aside = np.zeros((3, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    t, z, sign = lines[0], lines[1], lines[2]
    value = 0.0
    for v in range(items.shape[0]):
        beta, middle, gap = items[v, 0], items[v, 1], items[v, 2]
        low, high = middle - 0.5 * gap, middle + 0.5 * gap
        s0 = s1 = d0 = k0 = k1 = k2 = g0 = g1 = product = 0.0
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
                t[i] = theta[_Place(node[_Place(first) + _Place(i)])]
            if q > p:
                for i in range(q - p):
                    z[i] = middle - beta * t[p + i]
                for i in range(q - p, q - p + 8):
                    z[i] = 0.0
                _middle((q - p + 7) & -8, gap, z, aside)
            for i in range(p):
                z[i] = low - beta * t[i]
                sign[i] = 1.0
            for i in range(p, q):
                z[i] = 0.0
            for i in range(q, size):
                z[i] = beta * t[i] - high
                sign[i] = -1.0
            for i in range(size, size + 8):
                z[i] = 0.0
            _sides((size + 7) & -8, z, sign, room)
            for j in range(6):
                for i in range(q - p):
                    room[j, p + i] = aside[j, i]
            for i in range(q - p):
                product += aside[6, i]
            sums = _sums(size, t, room)
            s0 += sums[0]
            s1 += sums[1]
            d0 += sums[2]
            k0 += sums[3]
            k1 += sums[4]
            k2 += sums[5]
            g0 += sums[6]
            g1 += sums[7]
            _spread(first, size, beta, curved, node, t, room, node_slope, node_curve, cross)
            value += sums[8] + _logarithm(size, room)
        value -= 0.5 * (prior[0] * beta * beta + prior[1] * middle * middle)
        value += (prior[2] - 1.0) * math.log(gap) - prior[3] * gap
        item_slope[v, 0] = -s1 - prior[0] * beta
        item_slope[v, 1] = s0 - prior[1] * middle
        item_slope[v, 2] = 0.5 * d0 + (prior[2] - 1.0) / gap - prior[3]
        item_curve[v, 0, 0] = k2 + prior[0]
        item_curve[v, 0, 1] = item_curve[v, 1, 0] = -k1
        item_curve[v, 0, 2] = item_curve[v, 2, 0] = -0.5 * g1
        item_curve[v, 1, 1] = k0 + prior[1]
        item_curve[v, 1, 2] = item_curve[v, 2, 1] = 0.5 * g0
        item_curve[v, 2, 2] = 0.25 * k0 + product + (prior[2] - 1.0) / (gap * gap)
    return value


@_any_order
def _gathered(
    first: int, end: int, node: Array, cross: Array, x: Array, y: Array
) -> tuple[float, float, float]:
    """Return the sums of an item's cross derivatives times ``x`` at its nodes."""
    a0 = a1 = a2 = 0.0
    for begin in range(first, end, _CHUNK):
        size, start = min(_CHUNK, end - begin), _Place(begin)
        for i in range(size):
            y[i] = x[_Place(node[start + _Place(i)])]
        for i in range(size):
            at = start + _Place(i)
            a0 += cross[at, 0] * y[i]
            a1 += cross[at, 1] * y[i]
            a2 += cross[at, 2] * y[i]
    return a0, a1, a2


@_compiled
def _taken(
    first: int,
    end: int,
    node: Array,
    cross: Array,
    b0: float,
    b1: float,
    b2: float,
    y: Array,
    out: Array,
) -> None:
    """Subtract an item's cross derivatives times three numbers from its nodes."""
    for begin in range(first, end, _CHUNK):
        size, start = min(_CHUNK, end - begin), _Place(begin)
        for i in range(size):
            at = start + _Place(i)
            y[i] = cross[at, 0] * b0 + cross[at, 1] * b1 + cross[at, 2] * b2
        for i in range(size):
            out[_Place(node[start + _Place(i)])] -= y[i]


@_compiled
def without_items(
    ptr: Array, node: Array, cross: Array, inverse: Array, x: Array, out: Array
) -> None:
    """Subtract from ``out`` what eliminating the items takes from the curvature, times ``x``."""
    y = np.zeros(_ROOM)
    for v in range(inverse.shape[0]):
        a0, a1, a2 = _gathered(ptr[v], ptr[v + 1], node, cross, x, y)
        b0 = inverse[v, 0, 0] * a0 + inverse[v, 0, 1] * a1 + inverse[v, 0, 2] * a2
        b1 = inverse[v, 1, 0] * a0 + inverse[v, 1, 1] * a1 + inverse[v, 1, 2] * a2
        b2 = inverse[v, 2, 0] * a0 + inverse[v, 2, 1] * a1 + inverse[v, 2, 2] * a2
        _taken(ptr[v], ptr[v + 1], node, cross, b0, b1, b2, y, out)


@_compiled
def item_products(ptr: Array, node: Array, cross: Array, x: Array, out: Array) -> None:
    """Fill per item the sum over its cells of the cross derivatives times ``x`` at the cell's node."""
    y = np.zeros(_ROOM)
    for v in range(out.shape[0]):
        out[v, 0], out[v, 1], out[v, 2] = _gathered(ptr[v], ptr[v + 1], node, cross, x, y)


@_compiled
def node_products(ptr: Array, node: Array, cross: Array, y: Array, out: Array) -> None:
    """Subtract from ``out`` per node the cross derivatives times ``y`` of the items it voted on."""
    room = np.zeros(_ROOM)
    for v in range(y.shape[0]):
        _taken(ptr[v], ptr[v + 1], node, cross, y[v, 0], y[v, 1], y[v, 2], room, out)


@_compiled
def scatter(
    cells: Array, row: Array, column: Array, cross: Array, root: Array, item: Array, into: Array
) -> None:
    """Add cross derivatives times the root of the items' inverse curvature to a dense matrix.

    The matrix has three rows per item of a period and one column per node of the period.
    """
    for j in range(cells.shape[0]):
        k, v, r, n = cells[j], item[j], row[j], column[j]
        c0, c1, c2 = cross[k, 0], cross[k, 1], cross[k, 2]
        into[r, n] += c0 * root[v, 0, 0] + c1 * root[v, 1, 0] + c2 * root[v, 2, 0]
        into[r + 1, n] += c1 * root[v, 1, 1] + c2 * root[v, 2, 1]
        into[r + 2, n] += c2 * root[v, 2, 2]


@_compiled
def probabilities(item: Array, node: Array, theta: Array, items: Array, out: Array) -> None:
    """Fill the probabilities of yes, abstain and no of cells (cells x 3)."""
    for k in range(item.shape[0]):
        beta, middle, gap = items[item[k], 0], items[item[k], 1], items[item[k], 2]
        x = beta * theta[node[k]]
        low, high = middle - 0.5 * gap - x, middle + 0.5 * gap - x
        out[k, 0] = 0.5 * math.erfc(-low / _ROOT2)
        out[k, 2] = 0.5 * math.erfc(high / _ROOT2)
        out[k, 1] = max(_between(low, high), 0.0)
