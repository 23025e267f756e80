"""The tables of the record: one class per table, one attribute per column.

Rules that hold everywhere: states are `state_id` (ISO 3166-1 alpha-3, former states as in
`states.csv`), bodies are `body_id` slugs, intervals are half-open `[start, end)`, an empty cell
means "not known", never zero. A `date` always holds a full ISO date; where its `date_precision` is
`month` or `year` the day (and month) is a placeholder and may be compared only to that precision.
Free text that is shown comes in English and Chinese (`_en`, `_zh`).

Who there is (states, bodies, names, memberships, exits) stands in `tables_who`; here is what they
do, and the list of all. Tables that only datasets fill stand in `bulk.py`.
"""

from __future__ import annotations

from .schema import Table, choice, date, decimal, integer, ref, refs, text
from .tables_who import (
    PRECISION,
    AmbiguousNames,
    Bodies,
    BodyNames,
    ExitRules,
    Exits,
    Memberships,
    Sources,
    StateNames,
    States,
)


class Sessions(Table):
    """Meetings of bodies."""

    key = ("session_id",)
    session_id = text("`body-number`, as cop-30, g20-2025, upr-50.", required=True)
    body_id = ref("bodies", "The body that met.", required=True)
    number = text("Its number as the body counts.")
    cycle = integer("Cycle, where the body works in cycles.", low=1)
    start = date("First day.", required=True)
    end = date("Day after the last; empty: not known.")
    date_precision = choice("How much of the dates is sourced.", *PRECISION, required=True)
    place = text("City.")
    place_zh = text("The same in Chinese.")
    host = ref("states", "State on whose territory or under whose presidency it met.")
    status = choice("Whether it has happened.", "held", "scheduled", "not_known", required=True)
    parties_n = integer("Members that registered.", low=0)
    delegates_n = integer("Delegates of members.", low=0)


class Attendance(Table):
    """Who came to a session, and at what level."""

    key = ("session_id", "state_id")
    session_id = ref("sessions", "The session.", required=True)
    state_id = ref("states", "The state.", required=True)
    level = choice(
        "Highest level: `head` (of state or government), `minister`, `official`, `technical`, "
        "`absent`, `not_head` (the leader did not come; delegation not established), `unknown`.",
        "head",
        "minister",
        "official",
        "technical",
        "absent",
        "not_head",
        "unknown",
        required=True,
    )
    basis = choice(
        "`reported`: seen there; `announced`: said beforehand, not confirmed.",
        "reported",
        "announced",
        required=True,
    )
    mode = choice("In person or by video.", "in_person", "virtual")
    detail_en = text("Office of who led, or what is known of the delegation.")
    detail_zh = text("The same in Chinese.")
    delegation_n = integer("Delegates.", low=0)
    overflow_n = integer("Of these, delegates with an overflow badge.", low=0, pulled=True)
    post = text("Post of the speaker as the source prints it.", pulled=True)


class Outcomes(Table):
    """Texts and decisions of sessions: adopted, postponed, failed, or not held."""

    key = ("outcome_id",)
    outcome_id = text("Slug.", required=True)
    body_id = ref("bodies", "The body.", required=True)
    session_id = ref("sessions", "The session.")
    date = date("Day.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    title_en = text("What it is.", required=True)
    title_zh = text("The same in Chinese.", required=True)
    mode = choice(
        "How it ended.",
        "consensus",
        "adopted",
        "vote",
        "postponed",
        "failed",
        "pending",
        required=True,
    )
    paragraphs_n = integer("Length in paragraphs.", low=0)
    symbol = text("Document symbol.", pulled=True)
    area = text("Issue area as the source names it.", pulled=True)


class OutcomePositions(Table):
    """What one state did about an outcome."""

    key = ("outcome_id", "state_id")
    outcome_id = ref("outcomes", "The outcome.", required=True)
    state_id = ref("states", "The state.", required=True)
    stance = choice(
        "What the state did.", "joined", "stood_aside", "absent", "objected", required=True
    )


class Reviews(Table):
    """Reviews of states (Universal Periodic Review)."""

    key = ("body_id", "state_id", "session_id")
    body_id = ref("bodies", "The reviewing process.", required=True)
    state_id = ref("states", "The state under review.", required=True)
    session_id = ref("sessions", "The session for which it was set.", required=True)
    cycle = integer("Cycle.", required=True, low=1)
    date = date("Day of the review, or first day of the session.", required=True)
    date_precision = choice(
        "How much of `date` is sourced; `session`: only the session.",
        "day",
        "month",
        "year",
        "session",
        required=True,
    )
    national_report = choice("Report submitted.", "yes", "no")
    delegation = choice("Delegation present.", "yes", "no")
    result = choice(
        "`held`; `postponed`: not held, a later date set; `rescheduled`: the later date; "
        "`scheduled`; empty: not known.",
        "held",
        "postponed",
        "rescheduled",
        "scheduled",
    )


class RollCalls(Table):
    """Recorded votes with their totals."""

    key = ("roll_call_id",)
    roll_call_id = text("`body:symbol`, one spelling (A/RES/71/5).", required=True)
    body_id = ref("bodies", "The body.", required=True)
    symbol = text("Document symbol, as the UN writes it.")
    title_en = text("Short title.", required=True)
    title_zh = text("The same in Chinese.", required=True)
    topic = text("Topic slug.", required=True)
    date = date("Day of the vote.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    adopted = choice("Whether the text was adopted.", "yes", "no", required=True)
    yes_n = integer("Votes in favour.", required=True, low=0)
    no_n = integer("Votes against.", required=True, low=0)
    abstain_n = integer("Abstentions.", low=0)
    topic_en = text("The topic in words.", required=True)
    topic_zh = text("The same in Chinese.", required=True)
    number = text("The source's own number of the vote.", pulled=True)
    session = text("Session, as the body counts: 1 to 80, S-10, ES-11.", pulled=True)
    agenda = text("Agenda item as printed.", pulled=True)
    absent_n = integer("Members listed without a vote.", low=0, pulled=True)
    members_n = integer("Members listed.", low=0, pulled=True)
    totals = choice(
        "Whether the source's totals are those of its rows: `agree`, `differ`, `not_given`.",
        "agree",
        "differ",
        "not_given",
        pulled=True,
    )
    important = choice("Named important by the source.", "yes", "no", pulled=True)
    kind = choice(
        "What was voted on, where the source says.", "text", "amendment", "paragraph", pulled=True
    )
    url = text("The source's page of the vote.", pulled=True)


class Positions(Table):
    """The recorded position of one state in one vote; a missing row means unrecorded here."""

    key = ("roll_call_id", "state_id")
    roll_call_id = ref("roll_calls", "The vote.", required=True)
    state_id = ref("states", "The state.", required=True)
    position = choice(
        "Position; `absent`: a member that cast no vote; `not_member`: listed, but not a member that "
        "day; `unrecorded`: the source does not say.",
        "yes",
        "no",
        "abstain",
        "absent",
        "not_member",
        "unrecorded",
        required=True,
    )
    printed = text("The source's own code.", pulled=True)


class SeatLimits(Table):
    """Spells in which a seat had no vote, or was held by others: an absence there is no position."""

    key = ("body_id", "state_id", "start", "kind")
    body_id = ref("bodies", "The body.", required=True)
    state_id = ref("states", "The state under whose code roll calls list the seat.", required=True)
    start = date("First day a source has; text or note say if it began before.", required=True)
    start_precision = choice("How much of `start` is sourced.", *PRECISION, required=True)
    end = date("First day no longer; empty: still so on `as_of`.")
    end_precision = choice("How much of `end` is sourced.", *PRECISION)
    kind = choice(
        "`credentials`: held by representatives of another government, votes were cast; `vacant`: no "
        "delegation was accepted; `barred`: kept from the work of the body; `arrears`: no vote because "
        "of unpaid contributions; `withdrawn`: by its own announcement; `merged`: one seat with another "
        "state.",
        "credentials",
        "vacant",
        "barred",
        "arrears",
        "withdrawn",
        "merged",
        required=True,
    )
    text_en = text("How it came about, in our words.", required=True)
    text_zh = text("The same in Chinese.", required=True)
    end_text_en = text("How it ended, in our words.")
    end_text_zh = text("The same in Chinese.")


class Vetoes(Table):
    """Drafts that failed by the negative vote of a permanent member: one row per draft and member."""

    key = ("veto_id", "state_id")
    veto_id = text("`date-n`.", required=True)
    state_id = ref("states", "Who voted no, as of that day (SUN before 1991-12-24).", required=True)
    date = date("Day.", required=True)
    symbol = text("Draft symbol.")
    meeting = text("Meeting record.")
    topic_en = text("Topic.", required=True)
    topic_zh = text("The same in Chinese.", required=True)
    kind = choice("What was voted on.", "draft", "amendment", required=True)


class Weights(Table):
    """Voting weights: one row per body, member and edition of the table."""

    key = ("body_id", "edition", "weight_name", "state_id")
    body_id = ref("bodies", "The body.", required=True)
    edition = text("Which table: its first day of validity, or `YYYY-MM-DD-basis`.", required=True)
    weight_name = choice("What is weighed.", "votes", "share", "population", "seat", required=True)
    state_id = ref("states", "The member.", required=True)
    weight = decimal(
        "Votes (a number), share or population share (0-1), or 1 for a seat.", required=True, low=0
    )
    total = decimal("Sum over all members, where known; the table may hold fewer.", low=0)
    start = date("First day of validity.", required=True)
    end = date("First day no longer valid; empty: still valid.")
    basis = choice(
        "`as_listed` by the body; `largest`: as listed, of the largest members only, so that no "
        "other has more; or `computed`.",
        "as_listed",
        "largest",
        "computed",
        required=True,
    )
    seat = choice(
        "What kind of seat the member has, where the body has several.",
        "permanent",
        "elected",
        "member",
        "founding",
        "group",
    )


class DecisionRules(Table):
    """How bodies decide: one rule per kind of decision."""

    key = ("body_id", "decision", "start")
    body_id = ref("bodies", "The body.", required=True)
    decision = text("Decision slug.", required=True)
    label_en = text("The decision in a few words.", required=True)
    label_zh = text("The same in Chinese.", required=True)
    rule = text(
        "The rule in the algebra of `multipolar.rules`; empty where it cannot be evaluated."
    )
    form = choice(
        "`vote`: positions decide; `automatic`: a condition, no vote; `clause`: a floor or notice.",
        "vote",
        "automatic",
        "clause",
        required=True,
    )
    article_en = text("The article.", required=True)
    article_zh = text("The same in Chinese.", required=True)
    remark_en = text("What the rule leaves out.")
    remark_zh = text("The same in Chinese.")
    start = date("First day on which the rule reads so, where the source gives it.")
    end = date("First day on which it no longer does; empty: in force.")


class Money(Table):
    """Money by state, budget and stage; stages are never added to one another."""

    key = ("body_id", "budget", "stage", "start", "state_id", "date")
    body_id = ref("bodies", "The body that receives.", required=True)
    budget = text(
        "Budget or replenishment: regular, peacekeeping, tribunals, irm, gcf-1…", required=True
    )
    stage = choice(
        "Stage; `paid` is cumulative for the period, `paid_part` a part of it.",
        "assessed",
        "pledged",
        "confirmed",
        "paid",
        "paid_part",
        "arrears",
        "rescinded",
        "voluntary",
        "voluntary_earmarked",
        "voluntary_unearmarked",
        "other",
        required=True,
    )
    state_id = ref("states", "The contributor.", required=True)
    start = date("First day of the period.", required=True)
    end = date("First day after it.", required=True)
    date = date("Day on which the amount was pledged, paid or reported, where it has one.")
    share_percent = decimal("Share, in per cent as printed.", unit="per cent", low=0)
    amount_usd = decimal("Amount.", unit="USD of the day", low=0)
    amount_original = decimal("Amount in the currency of the pledge.", low=0)
    currency = text("ISO 4217 of `amount_original`.")
    date_precision = choice("How much of `date` is sourced.", *PRECISION)
    payer = text(
        "The contributor as the source prints it; `state_id` is empty for others than states.",
        pulled=True,
    )
    payer_kind = text("Kind of contributor, as the source groups it.", pulled=True)


class MoneyTotals(Table):
    """Totals of a budget over all contributors, and counts of who paid."""

    key = ("body_id", "budget", "measure", "date")
    body_id = ref("bodies", "The body.", required=True)
    budget = text("Budget or replenishment.", required=True)
    measure = text("pledged, confirmed, arrears, budget, members_paid_in_full…", required=True)
    date = date("Day of the figure.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    value = decimal("The figure.", required=True, low=0)
    unit = choice("Its unit.", "usd", "members", required=True)


class Indicators(Table):
    """Shares of the world economy, trade and population."""

    key = ("entity_id", "metric", "year")
    entity_id = text("State id, or a group as G20_EX_USA: a sum of members.", required=True)
    metric = choice(
        "What is measured.",
        "gdp_nominal_share",
        "gdp_ppp_share",
        "population_share",
        "goods_trade_value",
        required=True,
    )
    year = integer("Year.", required=True)
    value = decimal("Per cent of the world, or USD billion.", required=True, low=0)
    unit = choice("Unit.", "percent_of_world", "usd_billion", required=True)


class TradeEvents(Table):
    """Tariff actions, answers, agreements, rulings."""

    key = ("event_id",)
    event_id = text("T and three digits.", required=True)
    kind = choice(
        "Kind.",
        "tariff_action",
        "response",
        "agreement",
        "court_ruling",
        "threat",
        "wto_event",
        required=True,
    )
    date = date("Day.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    actors = refs("states", "Who acted; several for an agreement.")
    targets = refs("states", "Towards whom; empty: all, or not a state.")
    all_targets = choice("`yes`: towards all partners.", "yes")
    text_en = text("What happened, in our words.", required=True)
    text_zh = text("The same in Chinese.", required=True)
    legal_basis = text("Legal basis, as named.")
    standing_en = text("What became of it, as far as known.")
    standing_zh = text("The same in Chinese.")


class Events(Table):
    """Dated acts of states in or towards a body that are neither votes nor exits."""

    key = ("event_id",)
    event_id = text("E and three digits.", required=True)
    body_id = ref("bodies", "The body.", required=True)
    session_id = ref("sessions", "The session, where there is one.")
    date = date("Day.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    actor = ref("states", "Who acted.")
    target = ref("states", "Towards whom.")
    kind = text("Kind: stays_away, not_invited, objection, plan…", required=True)
    text_en = text("What happened, in our words.", required=True)
    text_zh = text("The same in Chinese.", required=True)


class Statements(Table):
    """Public positions, in our words."""

    key = ("statement_id",)
    statement_id = text("S and three digits.", required=True)
    date = date("Day.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    speaker = text("Who spoke.", required=True)
    office_en = text("Office at the time.", required=True)
    office_zh = text("The same in Chinese.", required=True)
    state_id = ref("states", "For which state.")
    about = refs("states", "States spoken about.")
    stance = text("Label given by the editors.", required=True)
    gist_en = text("The position, in our words.", required=True)
    gist_zh = text("The same in Chinese.", required=True)


class Coverage(Table):
    """For which body and period a table is complete, so that absence can be read."""

    key = ("table", "body_id", "start")
    fact = False
    table = text("The table.", required=True)
    body_id = text("Body, or `*` for all.", required=True)
    start = date("First day covered.", required=True)
    end = date("First day no longer covered.", required=True)
    coverage = choice("How much of it is there.", "complete", "partial", "none", required=True)
    remark_en = text("What is missing.")
    remark_zh = text("The same in Chinese.")


class Datasets(Table):
    """Datasets that can fill what the almanac leaves open."""

    key = ("dataset",)
    fact = False
    dataset = text("Name on the command line.", required=True)
    title_en = text("Title.", required=True)
    title_zh = text("Title in Chinese.", required=True)
    publisher = text("Publisher.", required=True)
    url = text("Where the publisher keeps it.", required=True)
    licence = text("Licence or terms as stated.")
    tables = text("Tables it fills, semicolon-separated.", required=True)
    facets = text("Facets it serves, semicolon-separated.", required=True)


class Systems(Table):
    """The systems that the report walks through, one row each."""

    key = ("system",)
    fact = False
    system = text("Slug.", required=True)
    position = integer("Order in the report.", required=True)
    name_en = text("Name.", required=True)
    name_zh = text("Name in Chinese.", required=True)
    tables = text("Tables that hold its facts.", required=True)
    bodies = refs("bodies", "Its bodies; empty: all.")
    datasets = refs("datasets", "Datasets that would add to it.")


ALL: tuple[type[Table], ...] = (
    Sources,
    States,
    StateNames,
    AmbiguousNames,
    Bodies,
    BodyNames,
    Memberships,
    Exits,
    ExitRules,
    Sessions,
    Attendance,
    Outcomes,
    OutcomePositions,
    Reviews,
    RollCalls,
    Positions,
    SeatLimits,
    Vetoes,
    Weights,
    DecisionRules,
    Money,
    MoneyTotals,
    Indicators,
    TradeEvents,
    Events,
    Statements,
    Coverage,
    Datasets,
    Systems,
)
"""Tables with a file in the almanac; `bulk.BY_NAME` has all."""
BY_NAME: dict[str, type[Table]] = {table.name: table for table in ALL}
