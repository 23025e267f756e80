"""Rule texts back into rules, without running them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from ..errors import BadInput
from . import constructors
from .algebra import Rule

CONSTRUCTORS: dict[str, Callable[..., Rule]] = {
    "weighted": constructors.weighted,
    "count": constructors.count,
    "veto": constructors.veto,
    "consensus": constructors.consensus,
    "unanimity": constructors.unanimity,
    "negative_consensus": constructors.negative_consensus,
    "quorum": constructors.quorum,
    "blocking_minority": constructors.blocking_minority,
}
_LONGEST = 4000


def parse(text: str) -> Rule:
    """Read a rule from its text.

    Parameters
    ----------
    text : str
        Constructors joined by ``&`` and ``|``, as `str(rule)` writes them.

    Raises
    ------
    BadInput
        The text is not a rule; the message names the part that is not understood.

    Examples
    --------
    >>> str(parse('count("2/3", of="present_and_voting") & quorum("1/3")'))
    'count("2/3", of="present_and_voting") & quorum("1/3")'
    """
    if len(text) > _LONGEST:
        raise BadInput(f"a rule of {len(text)} characters is too long.")
    try:
        return _rule(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{text!r} is not a rule.", hint="Join constructors by & and |.") from None


def _rule(node: ast.expr) -> Rule:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        return _rule(node.left) & _rule(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _rule(node.left) | _rule(node.right)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise BadInput(f"{ast.unparse(node)!r} is not a rule.", candidates=tuple(CONSTRUCTORS))
    word = node.func.id
    if word not in CONSTRUCTORS:
        near = get_close_matches(word, CONSTRUCTORS, 3, 0.4)
        raise BadInput(f"no rule is called {word!r}.", candidates=near or tuple(CONSTRUCTORS))
    options = {keyword.arg: _value(keyword.value) for keyword in node.keywords if keyword.arg}
    if len(options) != len(node.keywords):
        raise BadInput(f"{ast.unparse(node)!r} has options without a name, or twice.")
    try:
        return CONSTRUCTORS[word](*map(_value, node.args), **options)
    except TypeError:
        raise BadInput(f"{ast.unparse(node)!r} does not have the arguments of {word}.") from None


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand)
        if isinstance(inner, int):
            return -inner
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        return frozenset(_value(item) for item in node.elts)
    raise BadInput(f"{ast.unparse(node)!r} is not a text, a whole number or a set of members.")
