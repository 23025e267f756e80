"""Facet nod: can the bodies in which the state sits decide without its consent?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from ..record.load import Row
from ..record.store import Record
from ..rules import All, Members, Rule, can_pass_without, margin, sure_holders
from ..rules.bodies import BodyRule, Roll, members_of, rules_of
from ..rules.legs import Consensus, Unanimity, Weighted
from . import nod_power
from . import phrases as p
from .finding import Exhibit, Finding
from .view import View, sources_of


@dataclass(frozen=True)
class Decision:
    """One rule of one body on a day, with its members, who can block alone, and their power."""

    rule: BodyRule
    roll: Roll
    any_member: bool
    holders: tuple[str, ...] | None

    @property
    def members(self) -> Members | None:
        """Return the members, if they are known."""
        return self.roll.members

    @cached_property
    def power(self) -> nod_power.Power | None:
        """Return the voting power of the members where it is known and not the same for all."""
        rule = self.rule.rule
        return None if rule is None or self.any_member else nod_power.power_of(rule, self.members)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one decision means for the state: does it block, why, and by what margin."""

    decision: Decision
    blocks: bool | None
    why: p.Say
    needed: Fraction | None = None
    rest: Fraction | None = None

    @property
    def any_member(self) -> bool:
        """Return whether every member can block, so that the state is nothing special."""
        return self.decision.any_member


@lru_cache(maxsize=32)
def decisions(record: Record, as_of: date) -> tuple[Decision, ...]:
    """Return every decision of every body that a vote decides, on a day."""
    out = []
    for body in sorted({row["body_id"] for row in record.rows("decision_rules")}):
        roll = members_of(record, body, as_of)
        for rule in rules_of(record, body, as_of):
            if rule.rule is not None and rule.form == "vote":
                out.append(_decision(rule, roll))
    return tuple(out)


def _decision(rule: BodyRule, roll: Roll) -> Decision:
    assert rule.rule is not None
    anyone = _needs_all(rule.rule)
    if roll.members is None or anyone:
        return Decision(rule, roll, anyone, None)
    return Decision(rule, roll, False, sure_holders(rule.rule, roll.members))


def _needs_all(rule: Rule) -> bool:
    """Say whether the rule asks that no member at all objects."""
    if isinstance(rule, All):
        return any(_needs_all(part) for part in rule.parts)
    return isinstance(rule, Consensus | Unanimity)


def answers(view: View) -> list[Answer]:
    """Return the answers for all decisions of bodies in which the state sits."""
    if "answers" not in view.memo:
        view.memo["answers"] = [
            _answer(view, decision)
            for decision in decisions(view.record, view.as_of)
            if sits(view, decision)
        ]
    found: list[Answer] = view.memo["answers"]
    return found


def sits(view: View, decision: Decision) -> bool:
    """Say whether the record shows the state as a member of the body on the day."""
    body = decision.rule.body_id
    if body in view.left:
        return False
    return body in view.seats or (
        decision.members is not None and view.state in decision.members.ids
    )


def _answer(view: View, decision: Decision) -> Answer:
    rule, members = decision.rule.rule, decision.members
    assert rule is not None
    if decision.any_member:
        return Answer(decision, True, p.Say("why_consensus", {}))
    if members is None:
        return Answer(decision, None, p.Say("why_members", {}))
    found = can_pass_without(rule, members, view.state, "opposed").value
    margins = [
        m
        for m in margin(rule, members, view.state)
        if m.have is not None and max(m.have, m.need) <= 1
    ]
    tight = min(margins, key=lambda m: (m.have or 0) - m.need, default=None)
    needed, rest = (tight.need, tight.have) if tight else (None, None)
    if found is None:
        return Answer(decision, None, p.Say("why_partial", {}), needed, rest)
    weighed = tight is not None and isinstance(tight.leg, Weighted)
    short = tight is not None and tight.have is not None and not tight.reached
    if not found and not short:
        why = p.Say("why_veto", {})
    elif weighed and tight is not None and tight.have is not None:
        why = p.Say(
            "why_weight", {"rest": p.Share(float(tight.have)), "needed": p.Share(float(tight.need))}
        )
    else:
        why = p.Say("why_count", {})
    return Answer(decision, not found, why, needed, rest)


def partial_bodies(view: View) -> list[str]:
    """Return bodies in which the state sits and whose weights are incomplete."""
    found = {
        a.decision.rule.body_id
        for a in answers(view)
        if a.decision.members is not None
        and a.decision.members.weights
        and a.decision.members.unnamed != 0
    }
    return sorted(found)


def findings(view: View) -> Iterator[Finding]:
    """Yield the count over all rules, the weights, one finding per decision, and its power."""
    seats = answers(view)
    if not seats:
        yield view.finding(
            "nod",
            "all",
            "blocked",
            None,
            "count",
            [("states", view.info)],
            view.say("blocked_no_seat", state=p.State(view.state)),
            coverage="none",
        )
        return
    yield from _counts(view, seats)
    yield from _weights(view)
    for answer in seats:
        rule = answer.decision.rule
        key = {True: "can_block", False: "cannot_block", None: "block_unknown"}[answer.blocks]
        value = {True: "no", False: "yes", None: None}[answer.blocks]
        direction = "context"
        if answer.blocks is not None and not answer.any_member:
            direction = "depends" if answer.blocks else "works_without"
        yield view.finding(
            "nod",
            rule.body_id,
            f"decision-{rule.decision}",
            value,
            "yes_no",
            [("decision_rules", rule.row), *_weight_rows(view, rule.body_id)],
            view.say(
                key,
                state=p.State(view.state),
                body=p.Body(rule.body_id),
                label=p.Text(rule.text("label", "en"), rule.text("label", "zh")),
                why=answer.why,
            ),
            coverage="complete" if answer.blocks is not None else "partial",
            direction=direction,
            n=len(answer.decision.members.ids) if answer.decision.members else None,
        )
    yield from nod_power.findings(view, seats)


def _counts(view: View, seats: list[Answer]) -> Iterator[Finding]:
    own = [a for a in seats if a.blocks and not a.any_member]
    consensus = [a for a in seats if a.any_member]
    free = [a for a in seats if a.blocks is False]
    unknown = [a for a in seats if a.blocks is None]
    rows = [("decision_rules", a.decision.rule.row) for a in seats]
    yield view.finding(
        "nod",
        "all",
        "blocked",
        len(own),
        "count",
        rows,
        view.say(
            "blocked" if own else "blocked_none_known",
            state=p.State(view.state),
            rules=p.Count(len(seats), "rule"),
            own=p.Number(len(own)),
            any=p.Number(len(consensus)),
            free=p.Number(len(free)),
            rest=p.Say("blocked_unknown", {"unknown": p.Number(len(unknown))})
            if unknown
            else p.NOTHING,
        ),
        coverage="partial",
        n=len(seats),
        direction="depends" if own else "works_without",
    )
    known = len(own) + len(consensus) + len(free)
    if known:
        yield view.finding(
            "nod",
            "all",
            "free_share",
            len(free) / known,
            "share",
            rows,
            view.say(
                "free_share",
                state=p.State(view.state),
                free=p.Number(len(free)),
                known=p.Count(known, "rule"),
            ),
            coverage="partial",
            n=known,
            direction="works_without",
        )


def _weight_rows(view: View, body: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        ("weights", r)
        for r in view.own("weights")
        if r["body_id"] == body and view.now(r) and r["weight_name"] != "seat"
    ]


def _weights(view: View) -> Iterator[Finding]:
    newest: dict[str, Row] = {}
    for _, row in sorted(
        (("weights", r) for r in view.own("weights") if view.now(r)), key=lambda x: x[1]["start"]
    ):
        if row["weight_name"] in ("votes", "share"):
            newest[row["body_id"]] = row
    for body, row in sorted(newest.items()):
        if not row["total"]:
            continue
        share = float(row["weight"] / row["total"])
        votes = row["weight_name"] == "votes"
        terms: dict[str, Any] = {
            "state": p.State(view.state),
            "body": p.Body(body),
            "share": p.Share(share),
        }
        if votes:
            terms |= {
                "votes": p.Number(float(row["weight"])),
                "total": p.Number(float(row["total"])),
            }
        yield view.finding(
            "nod",
            body,
            "weight_share",
            share,
            "share",
            [("weights", row)],
            view.say("weight_share" if votes else "weight_share_only", **terms),
            coverage="complete" if votes else "partial",
        )


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield who can block which decision, and the state's power beside its share of votes."""
    every = answers(view)
    own = sum(bool(a.blocks) and not a.any_member for a in every)
    if not every:
        title = view.say("title_blockers_empty", state=p.State(view.state))
    else:
        title = view.say(
            "title_blockers" if own else "title_blockers_none",
            state=p.State(view.state),
            own=p.Number(own),
            rules=p.Count(len(every), "rule"),
        )
    shares = {f.body: f.value for f in _weights(view) if isinstance(f.value, float)}
    names = view.record.names
    rows = [
        {
            "body_id": a.decision.rule.body_id,
            "decision": a.decision.rule.decision,
            "label_en": a.decision.rule.text("label", "en"),
            "label_zh": a.decision.rule.text("label", "zh"),
            "rule_en": _sentence(a, "en", names),
            "rule_zh": _sentence(a, "zh", names),
            "article_en": a.decision.rule.text("article", "en"),
            "article_zh": a.decision.rule.text("article", "zh"),
            "member": True,
            "focal_blocks": a.blocks,
            "blockers": _blockers(a),
            "focal_share": shares.get(a.decision.rule.body_id),
            "needed": _float(a.needed),
            "rest_share": _float(a.rest),
        }
        for a in every
    ]
    yield Exhibit(
        "blockers",
        "nod",
        title,
        view.say("subtitle_blockers"),
        rows,
        sources_of(a.decision.rule.row for a in every),
    )
    yield from nod_power.exhibits(view, every)


def _blockers(answer: Answer) -> list[str] | str | None:
    if answer.any_member:
        return "any_member"
    holders = answer.decision.holders
    return None if holders is None else sorted(holders)


def _sentence(answer: Answer, lang: str, names: p.Names) -> str:
    rule = answer.decision.rule.rule
    assert rule is not None
    return rule.sentence(lang, lambda code: names.name(code, lang))


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
