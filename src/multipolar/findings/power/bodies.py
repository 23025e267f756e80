"""The power in a body's decisions, from the rules, members and weights on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ...errors import BadInput, OutOfCoverage
from ...record.store import Record
from ...rules.bodies import BodyRule, Roll, members_of, rule_of, rules_of
from ...rules.game import Game
from ..view import check_day
from .choices import Choices
from .decide import Note, Subject, decided
from .result import PowerResult


def power_in_body(
    record: Record, body: str, decision: str | None, as_of: date, choices: Choices
) -> list[PowerResult]:
    """Return the power in one decision of a body, or in all that a vote decides.

    Raises
    ------
    BadInput
        The body has no such decision, or no rule on record; a choice names no member.
    OutOfCoverage
        The day is outside the record, or the members on it are not known.
    """
    check_day(record, as_of)
    if decision:
        chosen = [_voted(rule_of(record, body, decision, as_of))]
    else:
        chosen = [r for r in rules_of(record, body, as_of) if r.rule and r.form == "vote"]
        if not chosen:
            raise BadInput(
                f"the record holds no decision rule of {body} on {as_of}.",
                candidates=_with_rules(record, as_of)[:12],
            )
    roll = members_of(record, body, as_of)
    if roll.members is None or (not roll.members.ids and not roll.members.unnamed):
        raise OutOfCoverage(
            f"the record does not hold the members of {body} on {as_of}.",
            hint="`multipolar data list` shows what it holds.",
        )
    results = [_of(record, rule, roll, as_of, choices, single=bool(decision)) for rule in chosen]
    if not any(result.members for result in results):
        raise OutOfCoverage(
            f"the record names no member of {body} and holds no weights on {as_of}.",
            hint="`multipolar data list` shows what it holds.",
        )
    return results


def _voted(rule: BodyRule) -> BodyRule:
    if rule.rule is None or rule.form != "vote":
        raise BadInput(f"{rule.body_id} does not decide {rule.decision!r} by a vote on record.")
    return rule


def _with_rules(record: Record, as_of: date) -> list[str]:
    return sorted(
        {
            row["body_id"]
            for row in record.rows("decision_rules")
            if row["form"] == "vote" and row["rule"]
        }
    )


def _of(
    record: Record, rule: BodyRule, roll: Roll, as_of: date, choices: Choices, *, single: bool
) -> PowerResult:
    assert rule.rule is not None
    assert roll.members is not None
    subject = subject_of(record, rule, roll, as_of, choices)
    subject = replace(subject, ranked=roll.ranked and single)
    game = Game(roll.members, rule.rule)
    if choices.minimal and not single:
        raise BadInput("the indices over minimal winning coalitions need one decision.")
    if choices.concerned and "concerned" not in str(rule.rule):
        if single:
            raise BadInput(f"the rule of {rule.decision!r} leaves nobody out as concerned.")
        choices = replace(choices, concerned="")
    return decided(game, subject, choices)


def subject_of(
    record: Record, rule: BodyRule, roll: Roll, as_of: date, choices: Choices | None = None
) -> Subject:
    """Return what a result on a rule says of itself: labels, sources, names, edition of weights."""
    cited = [*rule.row["source_id"], *roll.sources]
    ids = roll.members.ids if roll.members else ()
    joining = tuple(choices.joining) if choices else ()
    names: dict[str, Note] = {
        code: (record.names.name(code, "en"), record.names.name(code, "zh"))
        for code in (*ids, *joining)
    }
    unnamed = roll.members.unnamed if roll.members else 0
    for k in range(unnamed or 0):
        names[f"?{k + 1}"] = (f"member not known by name ({k + 1})", f"未具名成员（{k + 1}）")
    return Subject(
        rule.body_id,
        rule.decision,
        (rule.text("label", "en"), rule.text("label", "zh")),
        (rule.text("article", "en"), rule.text("article", "zh")),
        as_of,
        tuple(_notes(rule, roll, as_of)),
        tuple(_source(record, each) for each in dict.fromkeys(cited)),
        names,
    )


def _notes(rule: BodyRule, roll: Roll, as_of: date) -> list[Note]:
    notes = []
    if roll.edition is not None and roll.edition < as_of and roll.members and roll.members.weights:
        notes.append(
            (
                f"Weights as of {roll.edition}, the latest on record for {as_of}.",
                f"权重截至{roll.edition}，为{as_of}可得的最新记录。",
            )
        )
    if remark := rule.text("remark", "en"):
        notes.append((remark, rule.text("remark", "zh") or remark))
    return notes


def _source(record: Record, source_id: str) -> Mapping[str, Any]:
    row = record.keyed("sources").get(source_id)
    if row is None:
        return {
            "source_id": source_id,
            "publisher": "",
            "title": source_id,
            "url": "",
            "retrieved": "",
        }
    return {
        "source_id": source_id,
        **{k: row[k] for k in ("publisher", "title", "url", "retrieved")},
    }
