"""A power result with blocs: what each bloc holds as one voter, and what its members hold in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...measures.power.blocs import BlocIndices, merged, with_blocs
from ...measures.power.coalitions import blockers
from ...rules.form import Form
from .choices import Choices
from .result import PowerResult, number


def in_blocs(result: PowerResult, form: Form, choices: Choices) -> PowerResult:
    """Add Owen's value and the Banzhaf–Owen index of every member, and the power of every bloc."""
    place = {state: i for i, state in enumerate(form.players)}
    given = [[place[s] for s in bloc if s in place] for bloc in choices.blocs]
    made = with_blocs(
        form,
        [bloc for bloc in given if bloc],
        method=choices.method,
        draws=choices.draws,
        rng=np.random.default_rng(choices.seed),
    )
    of = {i: k for k, bloc in enumerate(made.blocs) for i in bloc if len(bloc) > 1}
    rows = []
    for row in result.members:
        i = place[row["state"]]
        more: dict[str, Any] = {
            "owen": made.owen[i],
            "banzhaf_owen": made.banzhaf_owen[i],
            "bloc": of.get(i),
        }
        if made.owen_exact is not None:
            more["owen_exact"] = str(made.owen_exact[i])
        drawn = {n: [lo[i], hi[i]] for n, (lo, hi) in made.intervals.items() if i in made.drawn[n]}
        if drawn:
            more["bounds"] = {**row.get("bounds", {}), **drawn}
        rows.append({**row, **more})
    options = {
        **result.options,
        "blocs": _blocs(result, form, made),
        "blocs_method": made.method,
        "blocs_exact": made.exact,
    }
    notes = result.notes
    if sum(len(bloc) > 1 for bloc in made.blocs) == 1:
        notes = (*notes, _ALONE)
    return replace(result, members=tuple(rows), options=options, notes=notes)


_ALONE = (
    "With a single bloc, the Banzhaf–Owen index of its members is their Banzhaf index without it.",
    "仅有一个集团时，其成员的班扎夫—欧文值等于无集团时的班扎夫指数。",
)


def _blocs(result: PowerResult, form: Form, made: BlocIndices) -> list[dict[str, Any]]:
    """Return every bloc of more than one member as one voter among the others."""
    alone = set(blockers(merged(form, made.blocs)))
    votes = {row["state"]: row["weight"] for row in result.members}
    out = []
    for k, bloc in enumerate(made.blocs):
        if len(bloc) < 2:
            continue
        states = [form.players[i] for i in bloc]
        weights = [result.game.weight(s) for s in states]
        known = [w for w in weights if w is not None]
        quotient = made.quotient
        row: dict[str, Any] = {
            "members": states,
            "weight": number(sum(known)) if len(known) == len(votes.keys() & set(states)) else None,
            "banzhaf_absolute": quotient.banzhaf_absolute[k],
            "banzhaf_normalised": quotient.banzhaf_normalised[k],
            "shapley_shubik": quotient.shapley_shubik[k] if quotient.shapley_shubik else None,
            "coleman_prevent": quotient.prevent[k] if quotient.prevent else None,
            "veto": k in alone,
        }
        if quotient.intervals:
            row["bounds"] = {n: [lo[k], hi[k]] for n, (lo, hi) in quotient.intervals.items()}
        out.append(row)
    return out
