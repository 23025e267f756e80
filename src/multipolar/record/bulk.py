"""Tables that only datasets fill: too large, or under terms that do not let them ship.

The rules of `tables` hold here too. Each row carries `source_id` (`dataset@edition`) and `as_of`.
"""

from __future__ import annotations

from . import tables
from .schema import Table, choice, date, decimal, integer, ref, text


class IdealPoints(Table):
    """Positions of states on a scale estimated from roll calls: published estimates and our own."""

    key = ("body_id", "series", "state_id", "period")
    bulk = True
    body_id = ref("bodies", "The body whose votes were scaled.", required=True)
    series = text("Which estimate: publisher, vintage and variant.", required=True)
    state_id = ref("states", "The state.", required=True)
    period = text("Session or calendar year, as the series counts.", required=True)
    period_kind = choice("What `period` is.", "session", "year", required=True)
    estimate = decimal("Ideal point; the scale is the series' own.", required=True)
    se = decimal("Standard error or posterior standard deviation.", low=0)
    lo = decimal("Lower end of the interval.")
    hi = decimal("Upper end.")
    level = decimal("Level of the interval.", low=0, high=1)
    n = integer("Votes cast by the state in the period.", low=0)


class RollCallIssues(Table):
    """Issue codes of roll calls; a roll call may have several."""

    key = ("roll_call_id", "issue")
    bulk = True
    roll_call_id = ref("roll_calls", "The vote.", required=True)
    issue = text("Short code.", required=True)
    issue_en = text("The issue in words.", required=True)


class ExitCandidates(Table):
    """Changes from membership to none between two records of a dataset: candidates, never exits."""

    key = ("body_id", "state_id", "last_seen")
    bulk = True
    body_id = text("The body: our id, or `cow-…` where we have none.", required=True)
    body_label = text("The body as the dataset names it.", required=True)
    state_id = ref("states", "The state.", required=True)
    last_seen = integer("Last year coded as a full member.", required=True)
    first_absent = integer("First year coded as not a member.", required=True)


class Recommendations(Table):
    """Recommendations of one state to another in the Universal Periodic Review, and pledges."""

    key = ("recommendation_id",)
    bulk = True
    recommendation_id = text("`session-row` in the order of the source.", required=True)
    body_id = ref("bodies", "The reviewing process.", required=True)
    kind = choice("What it is.", "recommendation", "voluntary_pledge", required=True)
    from_state = ref("states", "Who recommended; empty: not a state.")
    from_label = text("Who, as printed.", required=True)
    to_state = ref("states", "The state under review.")
    to_label = text("The same, as printed.", required=True)
    session = integer("Session of the working group.", required=True, low=1)
    cycle = integer("Cycle.", low=1)
    response = text("Answer of the state under review, as printed.")
    action = integer("Action category, 1 (minimal) to 5 (specific).", low=1, high=5)
    issue = text("Issues, as printed.")
    text = text("The recommendation, as printed.")


class Compliance(Table):
    """Scores of members on commitments of a summit, as published by a research group."""

    key = ("outcome_id", "state_id")
    bulk = True
    outcome_id = ref("outcomes", "The commitment.", required=True)
    state_id = ref("states", "The member.", required=True)
    score = decimal("−1 (no compliance), 0 (partial), +1 (full), as published.", required=True)


class Trade(Table):
    """Imports of one state from another in a year."""

    key = ("importer", "exporter", "year")
    bulk = True
    importer = ref("states", "Who imports.", required=True)
    exporter = ref("states", "From whom.", required=True)
    year = integer("Year.", required=True)
    value_usd = decimal(
        "Value of the imports; empty: missing in the source; 0: zero there.", unit="current USD"
    )
    smoothed_usd = decimal("The source's smoothed value.", unit="current USD")


class TradeTotals(Table):
    """Imports and exports of a state in a year, from and to all partners."""

    key = ("state_id", "year")
    bulk = True
    state_id = ref("states", "The state.", required=True)
    year = integer("Year.", required=True)
    imports_usd = decimal("Imports.", unit="current USD")
    exports_usd = decimal("Exports.", unit="current USD")


class Alliances(Table):
    """Alliance obligations between two states in a year; a missing row means none on record."""

    key = ("state_a", "state_b", "year")
    bulk = True
    state_a = ref("states", "Who is obliged.", required=True)
    state_b = ref("states", "Towards whom.", required=True)
    year = integer("Year.", required=True)
    defense = choice("Obligation to defend.", "yes", "no", required=True)
    offense = choice("Obligation to join an attack.", "yes", "no", required=True)
    neutrality = choice("Obligation to stay neutral.", "yes", "no", required=True)
    nonaggression = choice("Obligation not to attack.", "yes", "no", required=True)
    consultation = choice("Obligation to consult.", "yes", "no", required=True)


class Agreements(Table):
    """Trade agreements, accessions, protocols and withdrawals: one row per entry of the list."""

    key = ("agreement_id",)
    bulk = True
    agreement_id = text("`dataset-number`.", required=True)
    base_id = text("The base treaty's number in the source.")
    title_en = text("Name as printed.", required=True)
    entry = choice(
        "What the entry is.",
        "base_treaty",
        "accession",
        "negotiation",
        "protocol",
        "withdrawal",
        "consolidated",
        required=True,
    )
    year = integer("Year of signature, as printed.")
    in_force_year = integer("Year of entry into force; empty: not known or not in force.")
    kind = text("Type of membership as the source codes it.")
    members_n = integer("Members that the entry lists.", low=0)


class AgreementMembers(Table):
    """Who is named by an entry of the list of agreements."""

    key = ("agreement_id", "member_label")
    bulk = True
    agreement_id = ref("agreements", "The entry.", required=True)
    state_id = ref("states", "The state; empty: a code that is no state of the registry.")
    member_label = text("The source's code.", required=True)
    role = choice(
        "What the entry says of it; empty: the source does not say.",
        "party",
        "joins",
        "leaves",
        "stays",
    )
    role_label = text("The same, as the source codes it.")


class ChamberMembers(Table):
    """Members of a chamber outside the United Nations, with published scores; no names are stored."""

    key = ("chamber", "term", "member_id")
    bulk = True
    chamber = text("Chamber, as the source names it.", required=True)
    term = integer("Congress or term.", required=True)
    member_id = text("The source's number.", required=True)
    group = text("Party code as printed.")
    district = text("Constituency as printed.")
    dim1 = decimal("Published first dimension.")
    dim2 = decimal("Published second dimension.")


class ChamberRollCalls(Table):
    """Roll calls of a chamber outside the United Nations."""

    key = ("roll_call_id",)
    bulk = True
    roll_call_id = text("`chamber-term-number`.", required=True)
    chamber = text("Chamber.", required=True)
    term = integer("Congress or term.", required=True)
    number = integer("Number in the source.", required=True)
    date = date("Day.")
    title_en = text("Question as printed.")
    yes_n = integer("Votes in favour, as printed.", low=0)
    no_n = integer("Votes against, as printed.", low=0)
    totals = choice(
        "Whether the printed totals are those of the rows.", "agree", "differ", "not_given"
    )


class ChamberPositions(Table):
    """Positions in roll calls of a chamber outside the United Nations."""

    key = ("roll_call_id", "member_id")
    bulk = True
    roll_call_id = ref("chamber_roll_calls", "The vote.", required=True)
    member_id = text("The member.", required=True)
    position = choice(
        "Position; `abstain`: present without a vote.",
        "yes",
        "no",
        "abstain",
        "absent",
        "not_member",
        "unrecorded",
        required=True,
    )
    printed = text("The source's own code.")


BULK: tuple[type[Table], ...] = (
    IdealPoints,
    RollCallIssues,
    ExitCandidates,
    Recommendations,
    Compliance,
    Trade,
    TradeTotals,
    Alliances,
    Agreements,
    AgreementMembers,
    ChamberMembers,
    ChamberRollCalls,
    ChamberPositions,
)
BY_NAME: dict[str, type[Table]] = {table.name: table for table in (*tables.ALL, *BULK)}
"""Every table, also those that only datasets fill."""
