"""How bodies decide: a small algebra of decision rules, and each body's own rules."""

from .algebra import All, Either, Reason, Rule, Verdict
from .answers import (
    Answer,
    Margin,
    can_pass_without,
    margin,
    quorum_stands,
    sure_holders,
    veto_holders,
)
from .ballot import Position
from .constructors import (
    blocking_minority,
    consensus,
    count,
    negative_consensus,
    quorum,
    unanimity,
    veto,
    weighted,
)
from .members import Members
from .parsing import parse

__all__ = [
    "All",
    "Answer",
    "Either",
    "Margin",
    "Members",
    "Position",
    "Reason",
    "Rule",
    "Verdict",
    "blocking_minority",
    "can_pass_without",
    "consensus",
    "count",
    "margin",
    "negative_consensus",
    "parse",
    "quorum",
    "quorum_stands",
    "sure_holders",
    "unanimity",
    "veto",
    "veto_holders",
    "weighted",
]
