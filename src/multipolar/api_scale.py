"""Ideal points as a Python function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from .errors import BadInput
from .record.dates import parse_date
from .record.store import Record

if TYPE_CHECKING:
    from .findings.scaling.plane import PlaneResult
    from .findings.scaling.result import ScaleResult

Day = date | str | None


def scale(
    source: Any,
    body: str = "",
    *,
    first: Day | int = None,
    last: Day | int = None,
    as_of: Day = None,
    period: str = "year",
    issue: str = "",
    important: bool = False,
    link: bool = True,
    dataset: str = "",
    response: str = "ordinal",
    dynamics: str = "mean-reverting",
    level: float = 0.9,
    polarity: Sequence[str] | None = None,
    anchors: Mapping[str, float] | None = None,
    absence: str = "missing",
    lopsided: float = 0.0,
    check: bool | None = None,
    seed: int = 0,
    steps: int = 100,
    priors: Mapping[str, float] | str | None = None,
    model: str = "",
    dimensions: int = 1,
    polarity2: Sequence[str] | None = None,
    say: Callable[[str], None] | None = None,
) -> ScaleResult | PlaneResult:
    """Return ideal points of states from how they voted, with standard errors.

    Parameters
    ----------
    source : Record or frame
        From `open`, with the body's votes pulled; or votes of your own as a polars, pandas or Arrow
        frame with columns ``roll_call, state, period, position`` and optionally ``item`` (roll calls on
        the same text). Positions are yes, abstain, no, absent, not_member, or 1, 2, 3, 8, 9.
    body : str
        Body of the record, in any spelling, or a chamber of the dataset voteview; none for a frame.
    first, last : date, ISO text or year, optional
        First and last day, both included.
    as_of : date or ISO text, optional
        Nothing later is read; names are read as of this day.
    period : str
        ``year`` or ``session``: what a period is.
    issue : str
        Only roll calls on one issue of the source (``me nu di co hr ec``).
    important : bool
        Only roll calls that the source names important.
    link : bool
        Whether roll calls on the same text, found from their titles, share parameters.
    dataset : str
        Dataset to read; without it the one that speaks for the body.
    response : str
        ``ordinal``: yes, abstain, no; ``binary``: yes, no, abstentions left out.
    dynamics : str
        ``mean-reverting``, ``random-walk`` or ``static``.
    level : float
        Level of the intervals.
    polarity : (str, str), optional
        Two states, the one that is above first; without it by a rule that the result states.
    anchors : mapping of str to float, optional
        Two states and their mean ideal points; without it mean 0 and standard deviation 1 over all
        states and periods with votes.
    absence : str
        ``missing``: an absence says nothing; ``no`` or ``abstain``: it counts as such.
    lopsided : float
        Items with a smaller share of votes outside their largest group are left out.
    check : bool, optional
        Whether the search is repeated from a far start and compared; without a word up to 200,000 votes.
    seed, steps : int
        Seed of the far start; Newton steps at most.
    priors : mapping of str to float, or ``held-out``, optional
        Strengths of priors in place of the defaults: ``step, pull, slope, middle, gap_shape, gap_rate``;
        ``held-out``: step and pull by the likelihood of a tenth of the votes, left out once.
    model : str
        A model of others: ``bailey-strezhnev-voeten``.
    dimensions : int
        1 or 2. The plane is turned so that the votes divide most along its first axis.
    polarity2 : (str, str), optional
        Two states, the one that is above on the second axis first.
    say : function, optional
        Told when loops have to be compiled first.

    Returns
    -------
    ScaleResult, or PlaneResult in two dimensions
        With ``points``, ``items``, ``converged``, ``predict``, ``compare``, ``plot``, ``explain``,
        ``cite``, ``to_dict``. A search that did not converge is returned and marked.

    Raises
    ------
    BadInput
        The votes cannot be read or do not tell states apart, periods share neither a state nor a
        text, or a choice cannot be meant.
    UnknownName, AmbiguousName
        A body or state is not known, or could be several.
    OutOfCoverage
        The votes are not pulled, or do not cover the period.

    Assumptions
    -----------
    Votes independent given ideal points and items; absences say nothing.

    Uncertainty
    -----------
    Standard errors are of the joint posterior of ideal points and items, taken as normal at its mode.
    They do not hold a change of the agenda, nor a dimension more than was asked for.

    Source
    ------
    M. A. Bailey, A. Strezhnev and E. Voeten, Estimating Dynamic State Preferences from United Nations
    Voting Data, Journal of Conflict Resolution 61(2), 2017.
    """
    from .findings.scaling.asked import Plane, scale_body, scale_frame
    from .findings.scaling.pulled import Subset

    given = {
        "response": response,
        "dynamics": dynamics,
        "level": level,
        "polarity": polarity,
        "anchors": anchors,
        "absence": absence,
        "lopsided": lopsided,
        "check": check,
        "seed": seed,
        "steps": steps,
        "priors": priors,
        "model": model or None,
    }
    if dimensions not in (1, 2) or isinstance(dimensions, bool):
        raise BadInput(f"dimensions is {dimensions!r}, not 1 or 2.")
    if isinstance(polarity2, str) or (polarity2 is not None and dimensions == 1):
        raise BadInput("polarity2 names two states, the one above first, in two dimensions.")
    plane = Plane(tuple(str(t) for t in polarity2 or ())) if dimensions == 2 else None
    tell = say or (lambda text: None)
    day = parse_date(as_of) if isinstance(as_of, str) else as_of
    begin, end = _edge(first, (1, 1)), _edge(last, (12, 31))
    if not isinstance(source, Record):
        if body or day or begin or end or issue or important or dataset or period != "year":
            raise BadInput("votes of a frame take no body, day, period, issue or dataset.")
        return scale_frame(source, given, plane, tell)
    if not body:
        raise BadInput("name a body, as in `multipolar scale unga`.")
    until = min((d for d in (end, day) if d is not None), default=None)
    subset = Subset(begin, until, period, issue, important, link, dataset)
    return scale_body(source, body, subset, day, given, plane, tell)


def _edge(given: Day | int, day: tuple[int, int]) -> date | None:
    """Return the first or last day that is meant; a number is a year."""
    if isinstance(given, bool) or (isinstance(given, int) and not 1 <= given <= 9999):
        raise BadInput(f"{given!r} is not a year.")
    if isinstance(given, int):
        return date(given, *day)
    return parse_date(given) if isinstance(given, str) else given
