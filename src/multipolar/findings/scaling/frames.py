"""Votes in a frame of the user's, checked and coded.

Every check works on whole columns, so that ten million rows of rubbish are refused at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ...errors import BadInput
from .cells import NO_VOTE, READ, Array, Cells, first_row

COLUMNS = ("roll_call", "state", "period", "position")
_PART = re.compile(r"(\d+)")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_SPELLINGS = "yes, abstain, no, absent (or 1, 2, 3, 8), not_member (9), in any case"
_MANY = 100_000
"""Rows from which on labels are counted before they are sorted."""
_PEEK = 10_000
"""Rows in which a position that cannot be read is looked for first."""


def as_frame(votes: Any, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
    """Return a polars, pandas or Arrow frame as a polars frame.

    Parameters
    ----------
    votes : frame
        polars (also lazy), pandas, anything with the Arrow stream interface, or a mapping of columns.
    columns : sequence of str
        Columns that must be there; of a pandas frame only these and ``item`` are read.

    Raises
    ------
    BadInput
        It is no frame, or a column is missing or cannot be read.
    """
    try:
        frame = _converted(votes, columns)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, BadInput):
            raise
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"the votes cannot be read as a frame: {said}.") from None
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise BadInput(
            f"the votes have no column {missing[0]!r}; they have {_some(frame.columns)}.",
            hint=f"Columns: {', '.join(columns)}, and item if roll calls share a text.",
            candidates=difflib.get_close_matches(missing[0], frame.columns, 3),
        )
    if not frame.height:
        raise BadInput("the votes have no rows.")
    return frame


def _converted(votes: Any, columns: Sequence[str]) -> pl.DataFrame:
    if isinstance(votes, pl.DataFrame):
        return votes
    if isinstance(votes, pl.LazyFrame):
        return votes.collect()
    if type(votes).__module__.split(".")[0] == "pandas" and hasattr(votes, "columns"):
        repeated = [c for c in columns if list(votes.columns).count(c) > 1]
        if repeated:
            raise BadInput(f"the column {repeated[0]!r} stands twice.")
        wanted = [c for c in (*columns, "item") if c in votes.columns]
        return pl.DataFrame([_of_pandas(name, votes[name]) for name in wanted])
    if hasattr(votes, "__arrow_c_stream__") or isinstance(votes, Mapping):
        return pl.DataFrame(votes)
    raise BadInput(
        f"votes are a polars, pandas or Arrow frame, not {type(votes).__name__}.",
        hint="Or name a record and a body: mp.scale(record, body=...).",
    )


def _of_pandas(name: str, column: Any) -> pl.Series:
    """Return a pandas column by its distinct values; a missing value is null."""
    codes, values = column.factorize()
    values = [v.item() if isinstance(v, np.generic) else v for v in values]
    distinct = pl.Series(name, values)
    if len(values) == 0:
        return pl.Series(name, [None] * len(codes), dtype=pl.String)
    places = pl.Series(codes.astype(np.int64)).replace(-1, None)
    return distinct.gather(places)


def cells_of_frame(votes: Any) -> Cells:
    """Return the votes of a frame, checked and coded.

    Parameters
    ----------
    votes : frame
        Columns ``roll_call, state, period, position`` and optionally ``item``; one row per state
        and roll call. Roll calls of the same item share its parameters; where ``item`` is empty, a
        roll call is an item of its own.

    Raises
    ------
    BadInput
        A column is missing or of a kind that cannot be labels; a cell is empty; a position is not
        known; a state stands twice in a roll call; a roll call stands in two periods or on two
        items.
    """
    frame = as_frame(votes)
    category = _categories(frame["position"])
    frame = frame.select(*COLUMNS[:3], *(c for c in ("item",) if c in frame.columns))
    if (category == NO_VOTE).any():
        frame = frame.filter(pl.Series(category != NO_VOTE))
        category = category[category != NO_VOTE]
        if not frame.height:
            raise BadInput("no row of the votes is of a member of the body.")
    for name, in_each in (("roll_call", "in each"), ("state", "by each")):
        _not_too_many(frame[name], in_each)
    calls, call = _coded(frame["roll_call"])
    states, state = _coded(frame["state"])
    _once(calls, states, call, state)
    if (n := frame["period"].n_unique()) > len(calls):
        raise BadInput(
            f"{len(calls):,} roll calls stand in {n:,} different periods.",
            hint="A roll call is in one period, the same in all of its rows.",
        )
    periods, period = _in_order(frame["period"])
    call_period = _of_call(call, period, len(calls), calls, "period", periods)
    items, call_item = _items(frame, calls, call)
    return Cells(
        tuple(states),
        tuple(calls),
        tuple(items),
        tuple(periods),
        (None,) * len(calls),
        call_item,
        call_period,
        state,
        call,
        category,
    )


def _categories(column: pl.Series) -> Array:
    """Return the code of every position."""
    _none_empty(column, "Write absent where a state cast no vote.")
    _read(column.head(_PEEK))
    return _read(column)


def _not_too_many(column: pl.Series, in_each: str) -> None:
    """Refuse labels that hardly ever repeat, before they are sorted."""
    if len(column) <= _MANY:
        return
    distinct = column.n_unique()
    if len(column) < 2 * distinct:
        raise BadInput(
            f"{len(column):,} rows have {distinct:,} different {column.name} labels: fewer than two "
            f"votes {in_each}."
        )


def _read(column: pl.Series) -> Array:
    kind = column.dtype
    if kind.is_float():
        whole = (column == column.floor()).fill_null(False) & column.is_finite()
        if not whole.all():
            at = first_row(~whole.to_numpy())
            raise _unread(column[at - 1], at)
        column = column.cast(pl.Int64)
    elif not (kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum)):
        raise BadInput(f"the positions are of type {kind}.", hint=f"Write them as {_SPELLINGS}.")
    distinct = column.unique()
    if distinct.len() > 200:
        texts = column.cast(pl.String)
        known = texts.str.strip_chars().str.to_lowercase().is_in(list(READ))
        at = first_row(~known.to_numpy())
        raise _unread(column[at - 1], at)
    codes = {v: READ.get(str(v).strip().lower(), -1) for v in distinct.to_list()}
    unknown = [v for v, code in codes.items() if code < 0]
    if unknown:
        text = column.cast(pl.String)
        at = first_row(text.is_in([str(v) for v in unknown]).to_numpy())
        raise _unread(column[at - 1], at)
    if kind in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    made: Array = column.replace_strict(codes, return_dtype=pl.Int8).to_numpy()
    return made


def _unread(value: Any, row: int) -> BadInput:
    return BadInput(
        f"the position {value!r} in row {row:,} is not known.", hint=f"Write {_SPELLINGS}."
    )


def _none_empty(column: pl.Series, hint: str = "") -> None:
    empty = column.is_null()
    if column.dtype.is_float():
        empty |= column.is_nan()
    elif column.dtype == pl.String:
        empty |= column == ""
    if empty.any():
        n, at = int(empty.sum()), first_row(empty.to_numpy())
        more = f" and {n - 1:,} more" if n > 1 else ""
        raise BadInput(f"{column.name} is empty in row {at:,}{more}.", hint=hint)


def _whole(column: pl.Series) -> pl.Series:
    """Return floats that are whole numbers as such, and categories as texts."""
    if column.dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if column.dtype.is_float() and bool((column == column.floor()).all()):
        return column.cast(pl.Int64) if bool((column.abs() < 2**53).all()) else column
    return column


def _coded(column: pl.Series) -> tuple[list[str], Array]:
    """Return the labels of a column of texts or numbers in their order, and every row's place."""
    _none_empty(column)
    column = _whole(column)
    if column.dtype.is_integer():
        distinct = column.unique().sort()
        return [str(v) for v in distinct.to_list()], _places(distinct, column)
    if column.dtype != pl.String:
        raise BadInput(f"{column.name} is of type {column.dtype}; labels are texts or numbers.")
    distinct = column.unique().sort()
    return distinct.to_list(), _text_places(distinct, column)


def _text_places(distinct: pl.Series, column: pl.Series) -> Array:
    made: Array = column.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return made.astype(np.int64)


def _places(distinct: pl.Series, column: pl.Series) -> Array:
    made: Array = distinct.search_sorted(column).to_numpy()
    return made.astype(np.int64)


def _in_order(column: pl.Series) -> tuple[list[Any], Array]:
    """Return the periods in the order of time: numbers and days by value, texts by their numbers."""
    _none_empty(column)
    column = _whole(column)
    kind = column.dtype
    if kind == pl.String:
        distinct = column.unique()
        texts = distinct.to_list()
        if all(_WHOLE.fullmatch(t.strip()) for t in texts):
            return _in_order(column.str.strip_chars().cast(pl.Int64).alias(column.name))
        ordered = pl.Series(sorted(texts, key=natural))
        return ordered.to_list(), _text_places(ordered, column)
    if not (kind.is_numeric() or kind in (pl.Date, pl.Datetime)):
        raise BadInput(f"period is of type {kind}; periods are numbers, days or texts.")
    if kind.is_float() and not column.is_finite().all():
        raise BadInput("period is infinite in some row.")
    distinct = column.unique().sort()
    return distinct.to_list(), _places(distinct, column)


def places_of(column: pl.Series, *, in_order: bool = False) -> tuple[list[Any], Array]:
    """Return the distinct labels of a column, and every row's place in them.

    Parameters
    ----------
    column : series
        Texts or numbers; of periods also days.
    in_order : bool
        Whether the labels are periods.

    Raises
    ------
    BadInput
        A cell is empty, or the labels are of another kind.
    """
    return _in_order(column) if in_order else _coded(column)


def natural(text: str) -> tuple[Any, ...]:
    """Return a key by which texts with numbers in them are in order.

    >>> sorted(["S-10", "S-9", "ES-1"], key=natural)
    ['ES-1', 'S-9', 'S-10']
    """
    parts = _PART.split(text)
    return tuple((int(p), "") if k % 2 else (-1, p) for k, p in enumerate(parts))


def _once(calls: Sequence[str], states: Sequence[str], call: Array, state: Array) -> None:
    key = pl.Series(call * len(states) + state)
    if key.n_unique() < len(key):
        at = first_row(key.is_duplicated().to_numpy()) - 1
        raise BadInput(
            f"{states[state[at]]!r} stands twice in roll call {calls[call[at]]!r}.",
            hint="One row per state and roll call; number roll calls through all periods.",
        )


def _of_call(
    call: Array, place: Array, n: int, calls: Sequence[str], name: str, labels: Sequence[Any]
) -> Array:
    """Return the period or item of every roll call; it must be the same in all of its rows."""
    out = np.full(n, -1, dtype=np.int64)
    out[call] = place
    wrong = out[call] != place
    if wrong.any():
        at = int(np.argmax(wrong))
        a, b = labels[place[at]], labels[out[call[at]]]
        raise BadInput(
            f"roll call {calls[call[at]]!r} stands in {name} {a} and in {name} {b}.",
            hint="Number roll calls through all periods." if name == "period" else "",
        )
    return out


def _items(frame: pl.DataFrame, calls: list[str], call: Array) -> tuple[list[str], Array]:
    """Return items and the item of every roll call; without one a roll call is its own item."""
    if "item" not in frame.columns or frame["item"].dtype == pl.Null:
        return calls, np.arange(len(calls))
    column = _whole(frame["item"])
    if column.dtype.is_float():
        column = column.fill_nan(None)
    empty = column.is_null()
    if column.dtype == pl.String:
        empty |= column == ""
    named = ~empty.to_numpy()
    of_call = np.full(len(calls), -1, dtype=np.int64)
    labels: list[str] = []
    if named.any():
        labels, place = _coded(column if named.all() else column.filter(~empty))
        full = np.full(len(call), -1, dtype=np.int64)
        full[named] = place
        of_call = _of_call(call, full, len(calls), calls, "item", [*labels, "(empty)"])
    own = np.flatnonzero(of_call < 0)
    taken = set(labels)
    of_call[own] = len(labels) + np.arange(len(own))
    own_labels = [c if c not in taken else f"roll call {c}" for c in (calls[k] for k in own)]
    return [*labels, *own_labels], of_call


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:8]))
    return (shown or "none") + (f" and {len(names) - 8} more" if len(names) > 8 else "")
