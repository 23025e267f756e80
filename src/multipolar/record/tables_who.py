"""The tables of who there is: sources, states, bodies, their names, memberships and exits.

What holds for all tables stands in `tables`, which lists them together with the others.
"""

from __future__ import annotations

from .schema import Table, choice, date, integer, partial_date, ref, refs, text

PRECISION = ("day", "month", "year")


class Sources(Table):
    """Where facts were read."""

    key = ("source_id",)
    fact = False
    source_id = text("Host and six hex digits of the address's SHA-1.", required=True)
    publisher = text("Who published the page or file.", required=True)
    title = text("Its title, in its own language where that was recorded.", required=True)
    url = text("Its address.", required=True)
    licence = text("Licence, where the publisher states one.")
    retrieved = partial_date("When it was read.", required=True)


class States(Table):
    """States, former states, entities and territories."""

    key = ("state_id",)
    state_id = text("ISO 3166-1 alpha-3; former states as SUN, YUG, SCG, CSK…", required=True)
    kind = choice(
        "`state`: UN member; `observer`: non-member observer state; `former_state`; "
        "`entity`: organisation or polity with another status; `territory`: ISO code without a seat.",
        "state",
        "observer",
        "former_state",
        "entity",
        "territory",
        required=True,
    )
    start = date("First day, where it falls after 1945-10-24; empty: existed before.")
    end = date("First day on which it no longer exists; empty: exists.")
    un_admitted = date("Day of admission to the United Nations.")
    un_ended = date("First day without the seat.")
    continues = ref("states", "State whose UN seat and identity it continues.")
    succeeds = refs("states", "States of which it is a successor without continuing them.")
    iso2 = text("ISO 3166-1 alpha-2.")
    m49 = text("UN M49, three digits.")
    cow = integer("Correlates of War country code.")
    gw = integer("Gleditsch-Ward country code.")
    un_group = choice(
        "UN regional group.",
        "African",
        "Asia-Pacific",
        "Eastern European",
        "Latin American and Caribbean",
        "Western European and Others",
        "none",
    )
    administered_by = ref("states", "For a territory: the state that answers for it in ISO lists.")
    article_en = choice("Article before the English name in a sentence.", "the")


class StateNames(Table):
    """Spellings of states: official, short, common, former, adjectives and demonyms."""

    key = ("state_id", "lang", "kind", "name")
    fact = False
    state_id = ref("states", "The state.", required=True)
    lang = text("BCP 47 tag: en, zh, zh-TW, zh-HK, fr, es, ru, ar; `und` for codes.", required=True)
    kind = choice(
        "`short`: the one name shown in that language; `official`: formal name; `alias`: also used; "
        "`former`: of an earlier time; `adjective`; `demonym`.",
        "short",
        "official",
        "alias",
        "former",
        "adjective",
        "demonym",
        required=True,
    )
    name = text("The spelling.", required=True)
    start = date("First day on which the spelling means this state; empty: always.")
    end = date("First day on which it no longer does; empty: still does.")


class AmbiguousNames(Table):
    """Spellings that multipolar refuses to resolve, and what they may mean."""

    key = ("name",)
    fact = False
    name = text("The spelling.", required=True)
    candidates = refs("states", "What it may mean.", required=True)
    reason_en = text("Why it is refused.", required=True)
    reason_zh = text("The same in Chinese.", required=True)
    start = date("First day on which it is ambiguous; empty: always.")
    end = date("First day on which it no longer is; empty: still is.")


class Bodies(Table):
    """Organisations, organs, treaties, funds, forums and processes."""

    key = ("body_id",)
    body_id = text("Slug.", required=True)
    kind = choice(
        "What it is.", "organisation", "treaty", "fund", "forum", "process", required=True
    )
    parent = ref("bodies", "The body of which it is a part.")
    un_system = choice("Part of the United Nations system.", "yes", "no")
    founded = partial_date("When it came into being.")
    founded_basis = choice(
        "What `founded` counts from; `adoption`: of the text or decision that set it up.",
        "signature",
        "entry_into_force",
        "first_meeting",
        "adoption",
    )
    ended = partial_date("When it ended.")
    members_n = integer("Members on `members_as_of`.", low=0)
    members_as_of = partial_date(
        "Day of the count; the number is taken to hold from then on, less the exits and with the "
        "returns on record since. For a number fixed by a text: from when it holds."
    )
    members_basis = choice(
        "What `members_n` rests on; `text`: a charter or resolution fixes the number of seats.",
        "count",
        "text",
    )
    verified_fields = text("Which of the other columns were seen in a source.")


class BodyNames(Table):
    """Spellings of bodies."""

    key = ("body_id", "lang", "kind", "name")
    fact = False
    body_id = ref("bodies", "The body.", required=True)
    lang = text("BCP 47 tag.", required=True)
    kind = choice(
        "`short`: the name shown; `official`: formal name; `abbreviation`; `alias`.",
        "short",
        "official",
        "abbreviation",
        "alias",
        required=True,
    )
    name = text("The spelling.", required=True)


class Memberships(Table):
    """Spells of membership, or of another standing, of a state in a body."""

    key = ("body_id", "state_id", "start", "status")
    body_id = ref("bodies", "The body.", required=True)
    state_id = ref("states", "The state.", required=True)
    status = choice(
        "Standing.",
        "member",
        "observer",
        "partner",
        "candidate",
        "invited",
        "declined",
        "suspended",
        "elected",
        "permanent",
        "associate",
        "signatory",
        required=True,
    )
    start = date("First day; empty: not known.")
    start_precision = choice("How much of `start` is sourced.", *PRECISION)
    end = date("First day no longer; empty: ongoing.")
    end_precision = choice("How much of `end` is sourced.", *PRECISION)
    body_label = text("The body as a dataset names it.", pulled=True)
    signed = date("Day of signature, where the source gives it.", pulled=True)
    ratified = date("Day of ratification, acceptance, approval or accession.", pulled=True)
    means = text("How: ratification, acceptance, approval, accession.", pulled=True)


class Exits(Table):
    """One step of a state towards, or back from, leaving a body."""

    key = ("exit_id",)
    exit_id = text("X and three digits.", required=True)
    state_id = ref("states", "The state.", required=True)
    body_id = ref("bodies", "The body.", required=True)
    action = choice(
        "`announce`, `notify` (formal notice), `effective`, `suspend`, `expel`, `reverse` (notice or "
        "announcement taken back), `rejoin`, `lift` (suspension lifted).",
        "announce",
        "notify",
        "effective",
        "suspend",
        "expel",
        "reverse",
        "rejoin",
        "lift",
        required=True,
    )
    date = date("Day of the step.", required=True)
    date_precision = choice("How much of `date` is sourced.", *PRECISION, required=True)
    status = choice("Whether it has happened.", "occurred", "scheduled", required=True)
    notice_period = text("As the source gives it.")
    list_id = text("Set where one act named several bodies on one day.")
    reason_en = text("The reason the state gave, in our words.")
    reason_zh = text("The same in Chinese.")


class ExitRules(Table):
    """How one leaves: the withdrawal clause of a body or treaty."""

    key = ("body_id", "who")
    body_id = ref("bodies", "The body.", required=True)
    who = text("Whom the clause concerns.", required=True)
    notice_period = text("Length of notice.")
    effective_en = text("When a notice takes effect.")
    effective_zh = text("The same in Chinese.")
    article_en = text("The article.", required=True)
    article_zh = text("The same in Chinese.", required=True)
    conditions = text("Further conditions.")
