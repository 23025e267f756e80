"""Choices as people write them: votes of a frame or of a body, names in any spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ...errors import BadInput
from ...measures.scaling.marginal import CROWDED, TOO_FEW, crowding, voters
from ...measures.scaling.settings import MODELS
from ...record.store import Record
from .cells import Cells
from .choices import Choices, Note, Subject
from .estimate import Fitted, fitted
from .frames import cells_of_frame
from .plane import PlaneFitted, PlaneResult, plane_fitted
from .pulled import Pulled, Subset, cells_of_body, chambers
from .result import ScaleResult

Result = ScaleResult | PlaneResult
Say = Callable[[str], None]
Given = Mapping[str, Any]
HELD_OUT = "held-out"


@dataclass(frozen=True)
class Plane:
    """That two dimensions are asked for, and which of two states is above on the second axis.

    Attributes
    ----------
    polarity : tuple of str
        Two states, the one above first; none: by rule.
    """

    polarity: tuple[str, ...] = ()


def scale_frame(votes: Any, given: Given, plane: Plane | None, say: Say) -> Result:
    """Return the ideal points of votes in a frame; names as they stand there."""
    choices = choices_of(given, str)
    return _made(cells_of_frame(votes), Subject(), choices, plane, say)


def scale_body(
    record: Record,
    body: str,
    subset: Subset,
    as_of: date | None,
    given: Given,
    plane: Plane | None,
    say: Say,
) -> Result:
    """Return the ideal points of a body's members."""
    chamber = next((c for c in chambers(record) if c.casefold() == body.casefold()), None)

    def state(text: str) -> str:
        return text if chamber else record.names.state(text, as_of or subset.last)

    choices = choices_of(given, state)
    pulled = cells_of_body(record, chamber or record.names.body(body), subset)
    if choices.absence != "missing" and not pulled.absences:
        raise BadInput(
            f"{pulled.dataset} does not record who was absent.",
            hint="The voting files of the UN Digital Library do: `multipolar data pull unga`.",
        )
    if plane is not None:
        plane = Plane(tuple(state(text) for text in plane.polarity))
    subject = _subject(record, pulled, subset, known=chamber is None)
    return _made(pulled.cells, subject, choices, plane, say)


def _made(
    cells: Cells, subject: Subject, choices: Choices, plane: Plane | None, say: Say
) -> Result:
    if plane is None:
        found = fitted(cells, choices, say)
        return ScaleResult(subject, choices, found, (*subject.notes, *_warned(found)))
    flat = plane_fitted(cells, choices, say, _pair(plane.polarity))
    return PlaneResult(subject, choices, flat, (*subject.notes, *_warned(flat)))


def _pair(names: tuple[str, ...]) -> tuple[str, str] | None:
    if names and len(names) != 2:
        raise BadInput("the polarity of the second axis names two states, the one above first.")
    return (names[0], names[1]) if names else None


def choices_of(given: Given, state: Callable[[str], str]) -> Choices:
    """Read choices as people write them.

    Raises
    ------
    BadInput
        A choice is not known or cannot be meant.
    """
    strange = set(given) - {f.name for f in fields(Choices)}
    if strange:
        raise BadInput(f"scale does not know the option {sorted(strange)[0]!r}.")
    read = {k: v for k, v in given.items() if v is not None}
    polarity = read.get("polarity")
    if polarity is not None:
        if isinstance(polarity, str) or not isinstance(polarity, Sequence) or len(polarity) != 2:
            raise BadInput("polarity names two states, the one above first.")
        read["polarity"] = tuple(state(str(text)) for text in polarity)
    anchors = read.get("anchors")
    if anchors is not None:
        if not isinstance(anchors, Mapping) or len(anchors) != 2 or "" in anchors:
            raise BadInput("anchors are two states with two different numbers.")
        read["anchors"] = {state(str(text)): value for text, value in anchors.items()}
    if read.get("priors") == HELD_OUT:
        read["priors"], read["held_out"] = {}, True
    elif not isinstance(read.get("priors", {}), Mapping):
        raise BadInput(f"priors are {read['priors']!r}, not strengths by name or {HELD_OUT!r}.")
    if model := str(read.get("model", "")).casefold():
        if read.get("dynamics") == "static":
            raise BadInput(f"the model {model} is of ideal points that move: leave static away.")
        dynamics = MODELS[model].dynamics if model in MODELS else "random-walk"
        read.update(model=model, dynamics=dynamics)
    return Choices(**read)


def _subject(record: Record, pulled: Pulled, subset: Subset, *, known: bool) -> Subject:
    names = {}
    if known:
        names = {
            code: (record.names.name(code, "en"), record.names.name(code, "zh"))
            for code in pulled.cells.states
        }
    source = record.keyed("sources").get(pulled.source_id or "")
    told = ("source_id", "publisher", "title", "url", "retrieved")
    title = None
    if known:
        title = record.names.body_name(pulled.body, "en"), record.names.body_name(pulled.body, "zh")
    return Subject(
        pulled.body,
        pulled.dataset,
        pulled.source_id,
        subset.period if known else "term",
        title,
        names,
        tuple(_notes(record, pulled, subset)),
        ({name: source[name] for name in told},) if source else (),
        _members(record, subset.last) if known else None,
    )


def _notes(record: Record, pulled: Pulled, subset: Subset) -> list[Note]:
    notes: list[Note] = []
    if subset.issue:
        notes.append(
            (f"Only roll calls on the issue {subset.issue}.", f"仅限议题{subset.issue}的表决。")
        )
    if subset.important:
        notes.append(
            ("Only roll calls that the source names important.", "仅限资料来源列为重要的表决。")
        )
    if pulled.linked:
        notes.append(
            (
                "Roll calls on the same text were found from titles, dates and how the room divided.",
                "同一案文的多次表决依标题、时间与表决分布识别。",
            )
        )
    return notes


def _members(record: Record, last: date | None) -> Callable[[str], tuple[str, ...]]:
    """Return who belongs to a bloc: states named with commas, or the members of a body."""

    def of(text: str) -> tuple[str, ...]:
        from ...rules.bodies import members_of

        day = last or record.date
        if "," in text:
            return tuple(record.names.state(t.strip(), day) for t in text.split(",") if t.strip())
        roll = members_of(record, record.names.body(text), min(day, record.date))
        return roll.members.ids if roll.members else ()

    return of


def _warned(found: Fitted | PlaneFitted) -> tuple[Note, ...]:
    """Return what a reader must not miss."""
    notes: list[Note] = []
    if found.check is not None and not found.check.converged:
        notes.append(
            (
                "The second search did not converge: it says nothing of the first.",
                "第二次搜索未收敛，不能用于核对第一次的结果。",
            )
        )
    elif found.check is not None and found.mode.converged and not found.check.agrees:
        notes.append(
            (
                "Two searches ended at different places: the posterior has more than one mode.",
                "两次搜索结果不同：后验分布不止一个众数。",
            )
        )
    if int((found.given.votes > 0).sum()) == _TWO:
        notes.append(
            (
                "Two ideal points fix the scale by themselves: their intervals have no width and say nothing.",
                "仅有两个理想点时，尺度即由其自身决定：区间宽度为零，不含信息。",
            )
        )
    few = voters(found.given)
    if found.errors.curvature != "integrated" and crowding(found.given) >= CROWDED:
        notes.append(
            (
                (
                    f"Some {few:.0f} vote on an item, and each votes often: intervals about the joint mode are "
                    "too narrow there."
                ),
                f"每项表决约有{few:.0f}票，而各国投票次数很多：此时联合众数附近的区间偏窄。",
            )
        )
    elif few < TOO_FEW:
        notes.append(
            (
                f"Some {few:.0f} vote on an item: in simulated bodies of this kind intervals are too narrow.",
                f"每项表决约有{few:.0f}票：在此类模拟机构中，区间偏窄。",
            )
        )
    if found.polarity.rule == "room" and abs(found.polarity.value or 0.0) < _WEAK:
        notes.append(
            (
                "The rule for which end is up hardly decides here; name two states with polarity.",
                "判定上下方向的规则在此几乎不起作用；请以polarity指定两国。",
            )
        )
    return tuple(notes)


_TWO = 2
_WEAK = 0.1
"""Correlation below which a few votes more could swap the ends."""
