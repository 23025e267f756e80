"""Game files: members with named weights and a rule of any nesting, in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..errors import BadInput
from . import constructors
from .algebra import All, Either, Rule
from .legs import Count, Weighted, check_number
from .members import Members
from .quota import Quota

DEEPEST = 200
"""Levels to which a rule may be nested."""
MOST = 20_000
"""Members that a game may have."""
_DIGITS = 300


def read_text(data: bytes, name: str) -> Any:
    """Read JSON: decimals exactly, and no name twice.

    Raises
    ------
    BadInput
        It is not JSON, is nested too deeply, or names something twice.
    """
    try:
        text = data.decode("utf-8-sig")
        return json.loads(
            text, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_pairs
        )
    except UnicodeDecodeError:
        raise BadInput(f"{name!r} is not JSON: it is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{name!r} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except (RecursionError, MemoryError):
        raise BadInput(f"{name!r} is nested too deeply.", hint=_FLATTEN) from None
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{name!r} is not JSON: {error}.") from None


_FLATTEN = f"A rule may be nested {DEEPEST} levels deep."


def _constant(word: str) -> Any:
    raise BadInput(f"{word} is not a number that a game can have.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(f"{twice!r} stands twice.")
    return found


def read_members(given: Any) -> Members:
    """Read members: names, names with a weight, or names with several named weights.

    Raises
    ------
    BadInput
        There are none, a name stands twice or is empty, or a weight is negative or no number.
    """
    if isinstance(given, Mapping):
        rows = [(name, own) for name, own in given.items()]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        rows = [(name, {}) for name in given]
    else:
        raise BadInput("the members are neither an object nor a list.")
    if not rows:
        raise BadInput("the game has no members.")
    if len(rows) > MOST:
        raise BadInput(f"{len(rows)} members are too many; a game may have {MOST}.")
    seen: set[str] = set()
    weights: dict[str, dict[str, Fraction]] = {}
    for name, own in rows:
        if not isinstance(name, str) or not name.strip():
            raise BadInput(f"{name!r} is not a name of a member.")
        if name in seen:
            raise BadInput(f"the member {name!r} stands twice.")
        seen.add(name)
        named = own if isinstance(own, Mapping) else {"weight": own}
        for key, value in named.items():
            weights.setdefault(str(key), {})[name] = _weight(value, name)
    return Members(tuple(name for name, _ in rows), weights)


def _weight(value: Any, name: str) -> Fraction:
    try:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal | Fraction | float):
            raise ValueError
        if isinstance(value, str | Decimal) and len(str(value)) > _DIGITS:
            raise ValueError
        if isinstance(value, Decimal) and abs(value.adjusted()) > _DIGITS:
            raise ValueError
        # A float is taken as it is written: 0.1 is one tenth.
        number = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise BadInput(f"the weight {value!r} of {name!r} is not a number.") from None
    if number < 0:
        raise BadInput(f"the weight {value} of {name!r} is negative.")
    return number


def read_rule(given: Any, members: Members, depth: int = 0) -> Rule:
    """Read a rule: ``all``, ``any``, ``weighted``, ``count``, ``veto`` and the other constructors.

    Raises
    ------
    BadInput
        A word is not known, a quota or a member cannot be meant, or it is nested too deeply.
    """
    if depth > DEEPEST:
        raise BadInput("the rule is nested too deeply.", hint=_FLATTEN)
    if not isinstance(given, Mapping) or len(given) != 1:
        raise BadInput(
            f"a rule is an object with one of the words {', '.join(_WORDS)}, not {_shown(given)}."
        )
    ((word, own),) = given.items()
    if word in ("all", "any"):
        if not isinstance(own, Sequence) or isinstance(own, str) or not own:
            raise BadInput(f'"{word}" is followed by a list of rules.')
        parts = [read_rule(each, members, depth + 1) for each in own]
        kind = All if word == "all" else Either
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]
    if word not in _READERS:
        raise BadInput(f"no rule is called {word!r}.", candidates=_WORDS)
    rule = _READERS[word](own, members)
    rule.check(members)
    return rule


def _weighted(own: Any, members: Members) -> Rule:
    options = _options(own, "weighted", ("quota", "weight", "strict"), "quota")
    quota = _quota(options["quota"], options.get("strict", False))
    name = options.get("weight", "weight")
    if name not in members.weights:
        raise BadInput(f"no member has a weight {name!r}.", candidates=sorted(members.weights))
    if lacking := members.lacking(name):
        raise BadInput(f"the member {lacking[0]!r} has no weight {name!r}.")
    total = members.total(name)
    if not total:
        raise BadInput(f"all weights {name!r} are zero.")
    check_number(quota, total)
    return Weighted(quota, "total_votes", name)


def _count(own: Any, members: Members) -> Rule:
    options = _options(own, "count", ("at_least", "among", "strict"), "at_least")
    among = _names(options["among"], members) if "among" in options else frozenset[str]()
    quota = _quota(options["at_least"], options.get("strict", False))
    check_number(quota, Fraction(len(among or members.ids)))
    return Count(quota, "members", among)


def _veto(own: Any, members: Members) -> Rule:
    return constructors.veto(_names(own, members))


def _bare(make: Callable[[], Rule]) -> Callable[[Any, Members], Rule]:
    def read(own: Any, members: Members) -> Rule:
        if own not in ({}, True, None):
            raise BadInput("consensus and unanimity take no options here: write {}.")
        return make()

    return read


def _minority(own: Any, members: Members) -> Rule:
    options = _options(own, "blocking_minority", ("members", "share", "weight"), "members", "share")
    name = options.get("weight", "weight")
    if name not in members.weights or members.lacking(name):
        raise BadInput(
            f"not every member has a weight {name!r}.", candidates=sorted(members.weights)
        )
    heads, share = options["members"], options["share"]
    if not isinstance(heads, int) or isinstance(heads, bool) or not isinstance(share, str):
        raise BadInput('a blocking minority is {"members": 4, "share": "35/100"}.')
    return constructors.blocking_minority(heads, share, weight=name)


_READERS: dict[str, Callable[[Any, Members], Rule]] = {
    "weighted": _weighted,
    "count": _count,
    "veto": _veto,
    "consensus": _bare(constructors.consensus),
    "unanimity": _bare(constructors.unanimity),
    "blocking_minority": _minority,
}
_WORDS = ("all", "any", *_READERS)


def _options(own: Any, word: str, known: Sequence[str], *needed: str) -> Mapping[str, Any]:
    if not isinstance(own, Mapping):
        raise BadInput(f'"{word}" is followed by an object with {needed[0]!r}.')
    if strange := [key for key in own if key not in known]:
        raise BadInput(f'"{word}" does not know {strange[0]!r}.', candidates=tuple(known))
    if missing := [key for key in needed if key not in own]:
        raise BadInput(f'"{word}" has no {missing[0]!r}.')
    if not isinstance(own.get("strict", False), bool):
        raise BadInput(f'"strict" in "{word}" is neither true nor false.')
    return own


def _quota(given: Any, strict: bool) -> Quota:
    if isinstance(given, Decimal | float):
        raise BadInput(
            f"the quota {given} is neither a whole number nor a fraction.",
            hint='Write a share as "65/100".',
        )
    return Quota.read(given, strict)


def _names(own: Any, members: Members) -> frozenset[str]:
    if not isinstance(own, Sequence | frozenset | set) or isinstance(own, str) or not own:
        raise BadInput("a set of members is a list of names.")
    for name in own:
        if name not in members.ids:
            raise BadInput(f"{name!r} is not a member.", candidates=members.ids[:5])
    return frozenset(own)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "…"
