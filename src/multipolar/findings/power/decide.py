"""From a game and choices to a power result; the same steps for a body and for a user's game."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ...errors import BadInput
from ...measures.power import coalitions
from ...measures.power.bounds import PlayerBounds, bounds_of
from ...measures.power.indices import Indices, indices
from ...measures.power.minimal import deegan_packel, holler, minimal_winning
from ...rules.ballot import Ballot
from ...rules.form import Form
from ...rules.game import Game
from ...rules.legs import Consensus, Count, Quorum, Unanimity, Weighted
from ...rules.partial import partial_of
from .cache import kept_indices
from .choices import MODES, Choices
from .result import PowerResult, Row, rows_of

Note = tuple[str, str]
BEFORE = ("banzhaf_absolute", "banzhaf_normalised", "shapley_shubik", "veto")
_FLAT = 0.5
"""A veto holder whose Banzhaf share is below this part of its share of votes calls for a note."""


@dataclass(frozen=True)
class Subject:
    """What a result is about: the body's decision, or nothing for a user's game."""

    body: str | None = None
    decision: str | None = None
    label: Note = ("", "")
    article: Note = ("", "")
    as_of: date | None = None
    notes: tuple[Note, ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    names: Mapping[str, Note] | None = None
    ranked: bool = False


def decided(game: Game, subject: Subject, choices: Choices) -> PowerResult:
    """Return the power of every member, with the choices applied.

    Raises
    ------
    BadInput
        A choice names no member, or two choices exclude each other.
    """
    _check(game, choices)
    game = replace(game, concerned=choices.concerned) if choices.concerned else game
    plain = replace(
        choices, without="", joining={}, blocs=(), containing=(), excluding=(), minimal=False
    )
    changed = game
    for state, weights in choices.joining.items():
        changed = changed.joined(state, weights)
    if choices.without:
        left = choices.mode == "exit"
        changed = changed.left(choices.without) if left else changed.absent(choices.without)
    result = _settled(changed, subject, choices)
    if changed is game:
        return result
    return _compared(result, _settled(game, subject, plain))


def _check(game: Game, choices: Choices) -> None:
    members = game.members
    if choices.mode not in MODES:
        raise BadInput(f"{choices.mode!r} is not a mode.", candidates=MODES)
    if choices.blocs and choices.abstention:
        raise BadInput("blocs and abstention cannot be combined.")
    named = (choices.without, choices.concerned, *choices.containing, *choices.excluding)
    for state in (*named, *(s for bloc in choices.blocs for s in bloc)):
        if state and state not in members.ids and state not in choices.joining:
            raise BadInput(f"{state} is not a member.", candidates=members.ids[:5])
    if choices.without and choices.without in (*choices.containing, *choices.excluding):
        raise BadInput(f"{choices.without} is away and in no coalition.")


def _settled(game: Game, subject: Subject, choices: Choices) -> PowerResult:
    """Count where the weights are known, else bound, else say that nothing can be said."""
    if not _complete(game):
        return _bounded(game, subject, choices)
    form = game.form(abstention=choices.abstention)
    states = [s for s in form.players if s not in game.fixed]
    if isinstance(form.formula, bool):
        return _constant(game, subject, choices, states, form.formula)
    usual = choices.method == "auto" and choices.draws is None and choices.seed == 0
    if usual and not choices.abstention:
        made = kept_indices(form)
    else:
        made = indices(
            form,
            method=choices.method,
            draws=choices.draws,
            rng=np.random.default_rng(choices.seed),
            abstention=choices.abstention,
        )
    plain = game.form() if choices.abstention else form
    alone = set(coalitions.blockers(plain)) if not isinstance(plain.formula, bool) else set()
    vetoes = {state: i in alone for i, state in enumerate(plain.players)}
    rows = rows_of(game, states, made, vetoes, True)
    result = _result(game, subject, choices, rows, made, True)
    result = replace(result, coalitions=_coalitions(plain, vetoes, choices))
    result = replace(result, notes=(*result.notes, *_warnings(result)))
    if choices.minimal:
        result = _with_minimal(result, form)
    if choices.blocs:
        from .unions import in_blocs

        result = in_blocs(result, form, choices)
    return result


def _complete(game: Game) -> bool:
    """Say whether everything that the rule asks of the members is known."""
    members = game.members
    if members.unnamed is None:
        return False
    names = {getattr(leg, "weight", "") for leg in game.rule.legs()} - {""}
    known = all(name in members.weights and not members.lacking(name) for name in names)
    return known and not (names and members.unnamed)


def _constant(
    game: Game, subject: Subject, choices: Choices, states: Sequence[str], passes: bool
) -> PowerResult:
    """Nobody has power over an outcome that is certain."""
    vetoes = dict.fromkeys(states, False)
    rows = rows_of(game, states, None, vetoes, False)
    result = _result(game, subject, choices, rows, None, passes)
    said = _ALWAYS if passes else _NEVER
    return replace(
        result,
        can_decide=passes,
        coalitions={"can_block_alone": [], "smallest_blocking": None, "smallest_winning": None},
        notes=(*result.notes, said),
    )


_NEVER = (
    (
        "These members cannot decide: the rule is not met even when all of them vote yes. Nobody's vote "
        "makes a difference."
    ),
    "这些成员无法作出决定：即使全体投赞成票，规则亦不能满足，任何成员的投票均不改变结果。",
)
_ALWAYS = (
    "The rule is met whatever these members do. Nobody's vote makes a difference.",
    "无论这些成员如何投票，规则均已满足，任何成员的投票均不改变结果。",
)


def _bounded(game: Game, subject: Subject, choices: Choices) -> PowerResult:
    """Give bounds that hold for every way in which the rest of the votes could be spread."""
    special = game.fixed or choices.joining or choices.blocs or choices.abstention
    partial = None if special else partial_of(game.members, game.rule)
    vetoes = _vetoes(game)
    alone = [state for state, blocks in vetoes.items() if blocks]
    if partial is None:
        rows = rows_of(game, game.members.ids, None, vetoes, None)
        result = _result(game, subject, choices, rows, None, None)
        return replace(
            result,
            coverage=_coverage(game),
            coalitions={"can_block_alone": alone},
            notes=(*result.notes, _UNKNOWN),
        )
    found = bounds_of(partial)
    ranked = partial_of(game.members, game.rule, ranked=True) if subject.ranked else None
    largest = bounds_of(ranked) if ranked is not None else None
    bounded = []
    for row in rows_of(game, game.members.ids, None, vetoes, None):
        if row["state"] in found.players:
            row["bounds"] = _pairs(found.players[row["state"]])
        if largest is not None and row["state"] in largest.players:
            row["bounds_if_largest"] = _pairs(largest.players[row["state"]])
        bounded.append(row)
    result = _result(game, subject, choices, tuple(bounded), None, None)
    share = float(found.coverage)
    return replace(
        result,
        coverage=share,
        coalitions={"can_block_alone": alone, "coleman_act_bounds": list(found.winning)},
        notes=(*result.notes, _partly(share), *((_LARGEST,) if largest else ())),
    )


def _vetoes(game: Game) -> dict[str, bool | None]:
    """Say who can block alone, where that holds for every way to spread the missing weights."""
    found: dict[str, bool | None] = {}
    for state in game.members.ids:
        if state not in game.fixed:
            ballot = Ballot.of({**game.fixed, state: "no"}, game.members, "yes")
            passed = game.rule.judge(ballot, game.concerned).passed
            found[state] = None if passed is None else not passed
    return found


_LARGEST = (
    (
        "The table names the largest members. On screen the bounds use that no other member has more votes "
        "than the least of them; without that they are wider (`bounds` in JSON)."
    ),
    "该表列出最大的成员。屏幕所示上下界以其他成员的票数均不超过表中最少者为前提；不作此假定则范围更宽（见JSON中的 `bounds`）。",
)


def _pairs(own: PlayerBounds) -> dict[str, list[float]]:
    return {
        "banzhaf_absolute": list(own.banzhaf_absolute),
        "banzhaf_normalised": list(own.banzhaf_normalised),
        "shapley_shubik": list(own.shapley_shubik),
        "coleman_prevent": list(own.prevent),
        "coleman_initiate": list(own.initiate),
    }


def _partly(share: float) -> Note:
    return (
        (
            f"The record holds the weights of members with {share:.1%} of the votes. The bounds hold for "
            "every way in which the rest could be spread; no single value is given."
        ),
        f"现有记录载明的成员权重占总票数的{share:.1%}。所列上下界对其余票数的任何分布均成立，不给出单一数值。",
    )


_UNKNOWN = (
    "The record does not hold the members or weights on which the power in this decision rests.",
    "现有记录未载明该项决定所依据的成员或权重。",
)


def _coverage(game: Game) -> float:
    for leg in game.rule.legs():
        if isinstance(leg, Weighted):
            total = game.members.total(leg.weight)
            known = game.members.known(leg.weight)
            return min(float(known / total), 1.0) if total else 0.0
    return 0.0


def _result(
    game: Game,
    subject: Subject,
    choices: Choices,
    rows: tuple[Row, ...],
    made: Indices | None,
    can_decide: bool | None,
) -> PowerResult:
    names = dict(subject.names or {})
    return PowerResult(
        subject.body,
        subject.decision,
        *subject.label,
        *subject.article,
        subject.as_of,
        game,
        rows,
        made,
        can_decide,
        1.0,
        {},
        (*subject.notes, *_readings(game, choices)),
        subject.sources,
        choices.without or None,
        choices.mode if choices.without else None,
        _options(choices),
        names,
    )


def _options(choices: Choices) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if choices.joining:
        said["joining"] = list(choices.joining)
    if choices.abstention:
        said["abstention"] = True
    if choices.concerned:
        said["concerned"] = choices.concerned
    return said


def _readings(game: Game, choices: Choices) -> Iterable[Note]:
    """Say how the rule was read where that is not plain from its text."""
    legs = list(game.rule.legs())
    if choices.abstention:
        yield (
            (
                "Yes, abstain and no are equally likely; a swing is a vote whose change from no to yes "
                "adopts the text."
            ),
            "赞成、弃权、反对概率相等；一次摇摆指由反对改为赞成即令案文通过。",
        )
    elif any(getattr(leg, "of", "") in _VOTING for leg in legs):
        yield (
            "All members vote yes or no; who abstains is not counted in the base of this rule.",
            "假定全体成员投赞成或反对票；弃权者不计入该规则的基数。",
        )
    if any(isinstance(leg, Quorum) for leg in legs):
        yield (
            "All members that are not absent are taken to be present.",
            "假定未缺席的成员全部到场。",
        )
    if any(isinstance(leg, Consensus | Unanimity) for leg in legs):
        yield ("Every member can stop a text alone.", "每个成员均可单独阻止。")
    if any(getattr(leg, "except_", "") for leg in legs) and not choices.concerned:
        yield (
            "The rule leaves out the member concerned; none was named, so that all count.",
            "该规则将当事成员排除在外；此处未指明当事成员，故全体计入。",
        )


_VOTING = ("present_and_voting", "votes_cast")


def _warnings(result: PowerResult) -> Iterable[Note]:
    """Warn of an even Banzhaf index where one member alone can block."""
    shares = [
        r["banzhaf_normalised"] for r in result.members if r["banzhaf_normalised"] is not None
    ]
    if result.indices is None or not shares or all(r["veto"] for r in result.members):
        return
    if not result.indices.exact:
        yield (
            (
                "The game is too large to be counted; the values were drawn, with intervals at the 95 "
                "per cent level."
            ),
            "该博弈规模过大，无法精确计数；数值由抽样估计，区间置信水平为95%。",
        )
    low = [
        r
        for r in result.members
        if r["veto"] and r["weight_share"] and r["banzhaf_normalised"] is not None
        if r["banzhaf_normalised"] < _FLAT * r["weight_share"]
    ]
    if low:
        yield _EVEN


_EVEN = (
    (
        "Banzhaf shares are much more even here than votes: the threshold is so high that a coalition "
        "can spare few of its larger members. Who can block alone shows in Coleman's power to prevent, "
        "which is 1 for it and less than 1 for all others."
    ),
    (
        "在此规则下，班扎夫份额远比票数均等：门槛甚高，联盟几乎不能缺少任何较大的成员。"
        "能否单独阻止应看科尔曼阻止力：可单独阻止者恰为1，其他成员均小于1。"
    ),
)


def _coalitions(form: Form, vetoes: Mapping[str, bool], choices: Choices) -> dict[str, Any]:
    """Return who can block alone, and the fewest that block or decide."""
    place = {state: i for i, state in enumerate(form.players)}
    wanted: dict[str, Any] = {
        "containing": [place[s] for s in choices.containing if s in place],
        "excluding": [place[s] for s in choices.excluding if s in place],
    }
    found = {"can_block_alone": [state for state, blocks in vetoes.items() if blocks]}
    if isinstance(form.formula, bool):
        return found
    return {
        **found,
        "smallest_blocking": _named(coalitions.smallest_blocking(form, **wanted), form),
        "smallest_winning": _named(coalitions.smallest_winning(form, **wanted), form),
    }


def _named(found: coalitions.Coalition, form: Form) -> dict[str, Any] | None:
    if found.players is None and found.smallest:
        return None
    adds = [
        sum(row[i] / total for row, total in zip(form.yes, form.totals, strict=True))
        for i in range(len(form.players))
    ]
    heaviest = sorted(found.players or (), key=lambda i: (-adds[i], i))
    members = [form.players[i] for i in heaviest]
    return {
        "members": members,
        "n": len(members) if found.players is not None else None,
        "smallest": found.smallest,
        "at_least": found.lower,
    }


def _with_minimal(result: PowerResult, form: Form) -> PowerResult:
    """Add the indices over minimal winning coalitions, where these can be listed."""
    found = minimal_winning(form)
    if found is None:
        raise BadInput(
            f"{len(form.players)} members are too many for the indices over minimal winning coalitions."
        )
    values = {"deegan_packel": deegan_packel(found), "holler": holler(found)}
    rows = [dict(row) for row in result.members]
    for i, row in enumerate(rows):
        row.update({name: float(own[i]) for name, own in values.items()})
    options = {**result.options, "minimal_winning": found.count}
    return replace(result, members=tuple(rows), options=options)


def _compared(result: PowerResult, before: PowerResult) -> PowerResult:
    """Put beside each value the one before the change, and name who can block alone now only."""
    old = {row["state"]: row for row in before.members}
    rows = []
    for row in result.members:
        own = old.get(row["state"])
        rows.append({**row, **{f"{k}_before": own[k] if own else None for k in BEFORE}})
    could = set(before.coalitions.get("can_block_alone", ()))
    now = [s for s in result.coalitions.get("can_block_alone", ()) if s not in could]
    return replace(
        result, members=tuple(rows), coalitions={**result.coalitions, "newly_blocking": now}
    )


def counted(rule: Any) -> bool:
    """Say whether a rule rests on heads alone, so that its power is the same for all."""
    return all(isinstance(leg, Count | Quorum | Consensus | Unanimity) for leg in rule.legs())
