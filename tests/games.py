"""Games for tests: a strategy of random compound games, and counting by trying every coalition."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from multipolar.measures.power.evaluate import holds_each
from multipolar.rules.form import Form
from multipolar.rules.game import Game


def enumerated(form: Form) -> tuple[int, list[list[int]]]:
    """Count winning coalitions, and swings by size, from the outcome of each of 2**n coalitions."""
    n = len(form.players)
    masks = np.arange(2**n)
    yes = (masks[:, None] >> np.arange(n)) & 1
    big = max(form.totals, default=0) >= 2**53
    sums = [
        yes.astype(object if big else np.int64) @ np.array(row, object if big else np.int64)
        for row in form.yes
    ]
    wins = np.broadcast_to(holds_each(form.formula, sums), masks.shape).astype(bool)
    heads = yes.sum(axis=1)
    swings = []
    for i in range(n):
        without = masks[yes[:, i] == 0]
        swing = wins[without | (1 << i)] & ~wins[without]
        swings.append(np.bincount(heads[without][swing], minlength=n).tolist()[:n])
    return int(wins.sum()), swings


def shapley(swings: list[list[int]]) -> list[Fraction]:
    n = len(swings)
    return [
        sum(
            (
                Fraction(c * factorial(s) * factorial(n - 1 - s), factorial(n))
                for s, c in enumerate(own)
            ),
            Fraction(0),
        )
        for own in swings
    ]


NAMES = [f"p{i}" for i in range(40)]


@st.composite
def games(draw: st.DrawFn, least: int = 1, most: int = 12, big: bool = False) -> dict[str, Any]:
    """A game file: up to three weights a member, whole, tied, huge or ratios, any nesting."""
    n = draw(st.integers(least, most))
    names = NAMES[:n]
    top = draw(st.sampled_from([1, 3, 9, 50] + [10**12] * big))
    members: dict[str, dict[str, Any]] = {
        name: {
            "weight": draw(st.integers(0, top)),
            "people": draw(st.integers(0, 6)),
            "ratio": f"{draw(st.integers(0, 5))}/{draw(st.integers(1, 6))}",
        }
        for name in names
    }
    members[names[0]] = {"weight": top, "people": 2, "ratio": "1/2"}
    total = sum(m["weight"] for m in members.values())

    def rule(depth: int) -> dict[str, Any]:
        kinds = ["weighted", "weighted", "count", "veto", "share"] + ["all", "any"] * (depth > 0)
        kind = draw(st.sampled_from(kinds))
        if kind == "weighted":
            return {"weighted": {"quota": draw(st.integers(1, total))}}
        if kind == "share":
            name = draw(st.sampled_from(["weight", "people", "ratio"]))
            quota = draw(st.sampled_from(["1/3", "1/2", "2/3", "85/100", "1/1"]))
            strict = quota != "1/1" and draw(st.booleans())
            return {"weighted": {"quota": quota, "weight": name, "strict": strict}}
        if kind == "count":
            return {"count": {"at_least": draw(st.integers(1, n))}}
        if kind == "veto":
            return {
                "veto": draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
            }
        return {kind: [rule(depth - 1) for _ in range(draw(st.integers(1, 3)))]}

    return {"members": members, "rule": rule(draw(st.integers(0, 3)))}


def form_of(given: dict[str, Any], *, abstention: bool = False) -> Form:
    return Game.of(given["members"], given["rule"]).form(abstention=abstention)
