"""Hot loops of `gibbs`, compiled by numba; its tests hold plain twins.

Randomness comes in from outside, as arrays of uniform and standard normal numbers, so that a loop is a
function of its arguments. Importing this module loads the compiler.
"""

from __future__ import annotations

import math

import numpy as np

from .kernels import _CHUNK, _ROOM, Array, _compiled, _logarithm, _middle, _Place, _sides, _sums
from .truncated import _inside, _log, below

# -- latent responses and positions ----------------------------------------------------------------


@_compiled
def latent(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    u: Array,
    weight: Array,
    pushed: Array,
) -> None:
    """Draw the latent response of every vote, and fill what it says of the positions.

    Parameters
    ----------
    u : array, cells
        Uniform numbers above 0.
    weight, pushed : arrays, one per node
        Given the responses, the position has precision ``weight`` and mean theta + pushed / weight, apart from its
        prior.
    """
    weight[:], pushed[:] = 0.0, 0.0
    high, drawn = np.zeros(_ROOM), np.zeros(_ROOM)
    for v in range(items.shape[0]):
        beta, middle, gap = items[v, 0], items[v, 1], items[v, 2]
        low, top, square = middle - 0.5 * gap, middle + 0.5 * gap, beta * beta
        abstained, against = _bounds(ptr[v], ptr[v + 1], category)
        for first in range(ptr[v], ptr[v + 1], _CHUNK):
            size, start = min(_CHUNK, ptr[v + 1] - first), _Place(first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            # A no is a yes seen from the other side.
            for i in range(p):
                high[i] = low - beta * theta[_Place(node[start + _Place(i)])]
            for i in range(p, q):
                high[i] = 0.0
            for i in range(q, size):
                high[i] = beta * theta[_Place(node[start + _Place(i)])] - top
            below(size, u[first : first + size], high, drawn)
            for i in range(p, q):
                mean = beta * theta[_Place(node[start + _Place(i)])]
                drawn[i] = _inside(u[first + i], low - mean, top - mean)
            for i in range(q, size):
                drawn[i] = -drawn[i]
            for i in range(size):
                n = _Place(node[start + _Place(i)])
                weight[n] += square
                pushed[n] += beta * drawn[i]


@_compiled
def chains(
    diagonal: Array, off: Array, prev: Array, linear: Array, noise: Array, gain: Array, out: Array
) -> None:
    """Draw positions along each state's chain of nodes: from the last back to the first, then forward.

    The density is normal with precision ``diagonal``, and ``off`` between a node and the one before, and with mean
    the inverse of the precision times ``linear``.

    Parameters
    ----------
    noise : array, one per node
        Standard normal numbers; zeros give the mean.
    gain : array, one per node
        Filled with the precision of a node given those before it.
    """
    for n in range(out.shape[0]):
        gain[n], out[n] = diagonal[n], linear[n]
    for n in range(out.shape[0] - 1, -1, -1):
        p = prev[n]
        if p >= 0:
            ratio = off[n] / gain[n]
            gain[p] -= ratio * off[n]
            out[p] -= ratio * out[n]
    for n in range(out.shape[0]):
        p = prev[n]
        if p >= 0:
            out[n] -= off[n] * out[p]
        out[n] = out[n] / gain[n] + noise[n] / math.sqrt(gain[n])


# -- likelihood, slope and curvature by item and by node -------------------------------------------


@_compiled
def _filled(
    first: int,
    size: int,
    p: int,
    q: int,
    beta: float,
    middle: float,
    gap: float,
    node: Array,
    theta: Array,
    lines: Array,
    room: Array,
    aside: Array,
) -> float:
    """Fill ``room`` for a chunk of votes (see `kernels`); return the sum of the products at both ends."""
    t, z, sign = lines[0], lines[1], lines[2]
    low, high, product = middle - 0.5 * gap, middle + 0.5 * gap, 0.0
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
    return product


@_compiled
def _log_likelihood(size: int, room: Array) -> float:
    """Return the log likelihood of a chunk."""
    total = 0.0
    for i in range(size):
        total += room[5, i]
    return total + _logarithm(size, room)


@_compiled
def _bounds(begin: int, end: int, category: Array) -> tuple[int, int]:
    """Return where abstentions, and noes, begin among the cells of an item."""
    abstained = begin
    while abstained < end and category[abstained] < 1:
        abstained += 1
    against = abstained
    while against < end and category[against] < 2:
        against += 1
    return abstained, against


@_compiled
def by_item(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    middle_at: Array,
    prior: Array,
    binary: bool,
    value: Array,
    slope: Array,
    root: Array,
) -> None:
    """Fill the log density of each item given the positions, its slope, and a root of its curvature.

    The density is that of (beta, c, log g) with c = m + a g; with a binary response, of (beta, m).

    Parameters
    ----------
    middle_at : array, items
        a, between -1/2 and 1/2.
    prior : array of 4
        Precision of beta and of m; shape and rate of g.
    value : array, items
    slope : array, items x 3
    root : array, items x 6
        Lower Cholesky factor (00, 10, 11, 20, 21, 22) of the negative second derivatives, of which
        the part that can make them indefinite is bounded.
    """
    lines, room, aside = np.zeros((3, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    for v in range(items.shape[0]):
        beta, middle, gap = items[v, 0], items[v, 1], items[v, 2]
        s0 = s1 = d0 = k0 = k1 = k2 = g0 = g1 = product = total = 0.0
        abstained, against = _bounds(ptr[v], ptr[v + 1], category)
        for first in range(ptr[v], ptr[v + 1], _CHUNK):
            size = min(_CHUNK, ptr[v + 1] - first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            product += _filled(
                first, size, p, q, beta, middle, gap, node, theta, lines, room, aside
            )
            sums = _sums(size, lines[0], room)
            s0 += sums[0]
            s1 += sums[1]
            d0 += sums[2]
            k0 += sums[3]
            k1 += sums[4]
            k2 += sums[5]
            g0 += sums[6]
            g1 += sums[7]
            total += sums[8] + _logarithm(size, room)
        total -= 0.5 * (prior[0] * beta * beta + prior[1] * middle * middle)
        a, s2 = middle_at[v], 0.5 * d0
        slope[v, 0], slope[v, 1] = -s1 - prior[0] * beta, s0 - prior[1] * middle
        c00, c10, c11 = k2 + prior[0], -k1, k0 + prior[1]
        if binary:
            slope[v, 2] = c20 = c21 = 0.0
            c22 = 1.0
        else:
            total += prior[2] * math.log(gap) - prior[3] * gap
            s2 = gap * (s2 - a * slope[v, 1] - prior[3])
            slope[v, 2] = s2 + prior[2]
            c20, c21 = gap * (-0.5 * g1 + a * k1), gap * (0.5 * g0 - a * c11)
            c22 = gap * gap * (0.25 * k0 + product - a * g0 + a * a * c11)
            c22 += max(-s2, 0.5 * prior[2])
        value[v] = total
        r00 = math.sqrt(c00)
        r10, r20 = c10 / r00, c20 / r00
        r11 = math.sqrt(max(c11 - r10 * r10, 1e-12))
        r21 = (c21 - r20 * r10) / r11
        root[v, 0], root[v, 1], root[v, 2] = r00, r10, r11
        root[v, 3], root[v, 4] = r20, r21
        root[v, 5] = math.sqrt(max(c22 - r20 * r20 - r21 * r21, 1e-12))


@_compiled
def by_node(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    value: Array,
    slope: Array,
    curve: Array,
) -> None:
    """Fill the log likelihood of each node given the items, its slope and negative second derivative."""
    value[:], slope[:], curve[:] = 0.0, 0.0, 0.0
    lines, room, aside = np.zeros((3, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    for v in range(items.shape[0]):
        beta, middle, gap = items[v, 0], items[v, 1], items[v, 2]
        square = beta * beta
        abstained, against = _bounds(ptr[v], ptr[v + 1], category)
        for first in range(ptr[v], ptr[v + 1], _CHUNK):
            size = min(_CHUNK, ptr[v + 1] - first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            _filled(first, size, p, q, beta, middle, gap, node, theta, lines, room, aside)
            for i in range(size):
                room[5, i] += _log(room[4, i])
            for i in range(size):
                n = _Place(node[_Place(first) + _Place(i)])
                value[n] += room[5, i]
                slope[n] -= beta * room[0, i]
                curve[n] += square * room[2, i]


# -- proposals -------------------------------------------------------------------------------------


@_compiled
def items_towards(
    items: Array,
    middle_at: Array,
    slope: Array,
    root: Array,
    size: Array,
    noise: Array,
    binary: bool,
    out: Array,
) -> None:
    """Propose items: part of a Newton step, and noise with the inverse curvature as covariance.

    Parameters
    ----------
    size : array, items
        Above 0, up to 1: how far the noise reaches; 1 forgets where the item was.
    noise : array, items x 3
    """
    for v in range(items.shape[0]):
        r00, r10, r11, r20, r21, r22 = root[v]
        kept = 1.0 - math.sqrt(1.0 - size[v] * size[v])
        # Half of the solution, with the noise added before the other half.
        a = slope[v, 0] / r00
        b = (slope[v, 1] - r10 * a) / r11
        c = (slope[v, 2] - r20 * a - r21 * b) / r22
        a = kept * a + size[v] * noise[v, 0]
        b = kept * b + size[v] * noise[v, 1]
        c = kept * c + size[v] * noise[v, 2]
        c /= r22
        b = (b - r21 * c) / r11
        a = (a - r10 * b - r20 * c) / r00
        gap = items[v, 2]
        out[v, 2] = gap if binary else gap * math.exp(min(max(c, -30.0), 30.0))
        out[v, 0] = items[v, 0] + a
        out[v, 1] = items[v, 1] + b - middle_at[v] * (out[v, 2] - gap)


@_compiled
def items_log_proposal(
    items: Array,
    middle_at: Array,
    slope: Array,
    root: Array,
    size: Array,
    binary: bool,
    to: Array,
    out: Array,
) -> None:
    """Fill the log density with which `items_towards` proposes other items, up to a constant of the size."""
    for v in range(items.shape[0]):
        r00, r10, r11, r20, r21, r22 = root[v]
        kept = 1.0 - math.sqrt(1.0 - size[v] * size[v])
        x = to[v, 0] - items[v, 0]
        y = to[v, 1] - items[v, 1] + middle_at[v] * (to[v, 2] - items[v, 2])
        z = 0.0 if binary else math.log(to[v, 2] / items[v, 2])
        a = slope[v, 0] / r00
        b = (slope[v, 1] - r10 * a) / r11
        c = (slope[v, 2] - r20 * a - r21 * b) / r22
        a = (r00 * x + r10 * y + r20 * z - kept * a) / size[v]
        b = (r11 * y + r21 * z - kept * b) / size[v]
        c = 0.0 if binary else (r22 * z - kept * c) / size[v]
        out[v] = math.log(r00 * r11 * r22) - 0.5 * (a * a + b * b + c * c)


@_compiled
def chain_log_density(
    state: Array, prev: Array, diagonal: Array, off: Array, x: Array, gain: Array, out: Array
) -> None:
    """Fill per state the log density of normal numbers of mean 0 along its chain, up to a constant.

    ``gain`` as `chains` fills it; with ones there, the half determinant is left out.
    """
    out[:] = 0.0
    for n in range(x.shape[0]):
        p = prev[n]
        value = diagonal[n] * x[n] * x[n]
        if p >= 0:
            value += 2.0 * off[n] * x[n] * x[p]
        out[state[n]] += 0.5 * (math.log(gain[n]) - value)


# -- shifts and stretches of some periods ----------------------------------------------------------


@_compiled
def moved(
    begin: int,
    end: int,
    next_end: int,
    theta: Array,
    items: Array,
    inside: Array,
    reach: Array,
    ptr: Array,
    node: Array,
    category: Array,
    diagonal: Array,
    off: Array,
    prev: Array,
    prior: Array,
    shift: float,
    stretch: float,
    centre: float,
    log_u: float,
) -> tuple[float, bool]:
    """Shift or stretch all positions of some periods, and their items so that no vote there tells.

    theta becomes centre + shift + exp(stretch) (theta - centre); for items of these periods only, beta and m change so that
    m - beta theta does not. Those that are voted on elsewhere too (``reach``) stay, and their votes here count.

    Parameters
    ----------
    begin, end, next_end : int
        Nodes of the periods, and the end of those of the period after.
    inside : array of int
        Items of these periods only.
    reach, ptr : arrays of int
        Items that reach further; of each, where its cells in these periods begin.
    node, category : arrays of int
        Of these cells.
    log_u : float
        The move is made when its log ratio is above this.

    Returns
    -------
    float
        Log ratio of the densities, with the determinant of the move.
    bool
        Whether it was made.
    """
    factor = math.exp(stretch)
    ratio = stretch * (end - begin - inside.shape[0])
    for n in range(begin, end):
        x = theta[n]
        y = centre + shift + factor * (x - centre)
        change = 0.5 * diagonal[n] * (y * y - x * x)
        p = prev[n]
        if p >= 0:
            z = theta[p]
            w = centre + shift + factor * (z - centre) if p >= begin else z
            change += off[n] * (y * w - x * z)
        ratio -= change
    for n in range(end, next_end):
        p = prev[n]
        if p >= 0:
            ratio -= off[n] * theta[n] * (shift + (factor - 1.0) * (theta[p] - centre))
    for j in range(inside.shape[0]):
        v = inside[j]
        beta, middle = items[v, 0], items[v, 1]
        new = beta / factor
        other = middle + new * (centre + shift) - beta * centre
        ratio -= 0.5 * prior[0] * (new * new - beta * beta)
        ratio -= 0.5 * prior[1] * (other * other - middle * middle)
    lines, room, aside = np.zeros((3, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    for j in range(reach.shape[0]):
        beta, middle, gap = items[reach[j], 0], items[reach[j], 1], items[reach[j], 2]
        # The item as it would have to be for the positions as they were to vote as moved.
        new, other = beta * factor, middle - beta * (centre + shift - factor * centre)
        abstained, against = _bounds(ptr[j], ptr[j + 1], category)
        for first in range(ptr[j], ptr[j + 1], _CHUNK):
            size = min(_CHUNK, ptr[j + 1] - first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            _filled(first, size, p, q, new, other, gap, node, theta, lines, room, aside)
            ratio += _log_likelihood(size, room)
            _filled(first, size, p, q, beta, middle, gap, node, theta, lines, room, aside)
            ratio -= _log_likelihood(size, room)
    made = log_u < ratio
    if made:
        for n in range(begin, end):
            theta[n] = centre + shift + factor * (theta[n] - centre)
        for j in range(inside.shape[0]):
            v = inside[j]
            beta = items[v, 0]
            items[v, 0] = beta / factor
            items[v, 1] += items[v, 0] * (centre + shift) - beta * centre
    return ratio, made


@_compiled
def slopes(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    items: Array,
    middle_at: Array,
    prior: Array,
    binary: bool,
    by_node: Array,
    slope: Array,
) -> float:
    """Fill the slopes by positions and items, and return the log density; the prior of positions is left out.

    Items as in `by_item`.
    """
    by_node[:] = 0.0
    lines, room, aside = np.zeros((3, _ROOM)), np.zeros((7, _ROOM)), np.zeros((7, _ROOM))
    value = 0.0
    for v in range(items.shape[0]):
        beta, middle, gap = items[v, 0], items[v, 1], items[v, 2]
        s0 = s1 = d0 = 0.0
        abstained, against = _bounds(ptr[v], ptr[v + 1], category)
        for first in range(ptr[v], ptr[v + 1], _CHUNK):
            size = min(_CHUNK, ptr[v + 1] - first)
            p, q = min(max(abstained - first, 0), size), min(max(against - first, 0), size)
            _filled(first, size, p, q, beta, middle, gap, node, theta, lines, room, aside)
            sums = _sums(size, lines[0], room)
            s0 += sums[0]
            s1 += sums[1]
            d0 += sums[2]
            for i in range(size):
                by_node[_Place(node[_Place(first) + _Place(i)])] -= beta * room[0, i]
            value += sums[8] + _logarithm(size, room)
        value -= 0.5 * (prior[0] * beta * beta + prior[1] * middle * middle)
        slope[v, 0], slope[v, 1] = -s1 - prior[0] * beta, s0 - prior[1] * middle
        slope[v, 2] = 0.0
        if not binary:
            value += prior[2] * math.log(gap) - prior[3] * gap
            slope[v, 2] = gap * (0.5 * d0 - middle_at[v] * slope[v, 1] - prior[3]) + prior[2]
    return value
