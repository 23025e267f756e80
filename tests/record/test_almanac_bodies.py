"""Bodies, memberships, ways out and their rules: what must hold, and what became of each fact."""

from __future__ import annotations

import csv
import importlib
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from multipolar.record import tables

ROOT = Path(__file__).resolve().parents[2]
ALMANAC = Path(tables.__file__).parent / "almanac"
FACTS = ROOT.parent / "shared/facts"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the fact base is not beside the tree")
NAMES = ("bodies", "memberships", "exits", "exit_rules")
LENGTH = {"day": 10, "month": 7, "year": 4}


def read(name: str) -> list[dict[str, str]]:
    with open(ALMANAC / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


TABLES = {name: read(name) for name in NAMES}
BODIES = {row["body_id"]: row for row in TABLES["bodies"]}
EXITS = {row["exit_id"]: row for row in TABLES["exits"]}


@pytest.fixture(scope="module")
def build():
    """Convert the fact base anew, without writing anything."""
    sys.path.insert(0, str(ROOT / "tools/almanac"))
    try:
        build = importlib.import_module("common").Build(FACTS)
        importlib.import_module("convert_bodies").convert(build)
        return build
    finally:
        sys.path.remove(str(ROOT / "tools/almanac"))


def present(body: str, day: str) -> list[dict[str, str]]:
    """Return the spells of members of a body on a day."""
    return [
        r
        for r in TABLES["memberships"]
        if (r["body_id"], r["status"]) == (body, "member")
        and r["start"] <= day
        and (not r["end"] or day < r["end"])
    ]


def not_after(first: dict[str, str], second: dict[str, str]) -> bool:
    """Compare two days only as far as both are sourced."""
    size = min(LENGTH[first["date_precision"]], LENGTH[second["date_precision"]])
    return first["date"][:size] <= second["date"][:size]


def episodes() -> list[list[dict[str, str]]]:
    """Split the steps of a state in a body where one way out ends and another may begin."""
    by_pair = defaultdict(list)
    for row in TABLES["exits"]:
        by_pair[row["state_id"], row["body_id"]].append(row)
    order = ("announce", "notify", "suspend", "effective", "expel", "reverse", "lift", "rejoin")
    out = []
    for steps in by_pair.values():
        steps.sort(key=lambda r: (r["date"], order.index(r["action"])))
        current: list[dict[str, str]] = []
        for step in steps:
            current.append(step)
            if step["action"] in ("effective", "expel", "reverse", "lift", "rejoin"):
                out.append(current)
                current = []
        if current:
            out.append(current)
    return out


def last_day(row: dict[str, str]) -> str:
    """Return the last day of a spell; where only its month is known, the placeholder."""
    one = timedelta(days=1 if row["end_precision"] == "day" else 0)
    return (date.fromisoformat(row["end"]) - one).isoformat()


def steps(state: str, body: str) -> list[tuple[str, str, str]]:
    rows = [r for r in TABLES["exits"] if (r["state_id"], r["body_id"]) == (state, body)]
    return sorted((r["date"], r["action"], r["date_precision"]) for r in rows)


# What every table must keep


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_a_day_and_a_confidence_that_may_ship(name):
    sources = {row["source_id"] for row in read("sources")}
    for row in TABLES[name]:
        assert set(row["source_id"].split(";")) <= sources
        assert row["as_of"]
        assert row["confidence"] in ("verified", "two_sources")


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_unique(name):
    key = tables.BY_NAME[name].key
    assert Counter(tuple(r[k] for k in key) for r in TABLES[name]).most_common(1)[0][1] == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_african_and_the_european_union_have_one_code_each(name):
    cells = {value for row in TABLES[name] for value in row.values()}
    assert not cells & {"EUU", "XAU", "hrc", "unfccc-cop"}


@pytest.mark.parametrize("name", NAMES)
def test_no_note_talks_about_the_work_on_the_facts(name):
    words = (
        "from memory",
        "general knowledge",
        "corrected 20",
        "confirmed 20",
        "retrieved",
        ".csv",
    )
    for row in TABLES[name]:
        assert not [w for w in words if w in row["note"]], row


def test_every_body_that_is_named_is_in_the_list_of_bodies_and_has_a_name():
    rows = TABLES["memberships"] + TABLES["exits"] + TABLES["exit_rules"]
    named = {row["body_id"] for row in rows}
    parents = {row["parent"] for row in TABLES["bodies"]} - {""}
    assert named | parents <= set(BODIES)
    assert set(BODIES) == {row["body_id"] for row in read("body_names")}


def test_every_state_is_in_the_list_of_states():
    known = {row["state_id"] for row in read("states")}
    assert {row["state_id"] for n in ("memberships", "exits") for row in TABLES[n]} <= known


# Bodies


def test_a_founding_day_says_what_it_counts_from_unless_a_note_does():
    for row in TABLES["bodies"]:
        if row["founded"]:
            assert row["founded_basis"] or "founded" in row["note"], row["body_id"]
    assert BODIES["nato"]["founded_basis"] == "signature"
    assert BODIES["iaea"]["founded_basis"] == "entry_into_force"


def test_counts_and_days_ship_only_where_they_were_seen():
    for row in TABLES["bodies"]:
        filled = {name for name in ("founded", "ended", "members_n") if row[name]}
        assert filled == set(row["verified_fields"].split(";")) - {""}, row["body_id"]
    assert BODIES["aiib"]["members_n"] == ""
    assert BODIES["fao"]["members_n"] == ""


def test_a_number_of_members_says_of_which_day_and_on_what_it_rests():
    for row in TABLES["bodies"]:
        assert bool(row["members_n"]) == bool(row["members_as_of"]) == bool(row["members_basis"])
    fixed = {row["body_id"] for row in TABLES["bodies"] if row["members_basis"] == "text"}
    assert fixed == {"unhrc", "iaea-board", "gcf-board", "au-psc"}


def test_a_list_of_members_is_as_long_as_the_body_on_the_day_of_its_count():
    for name in ("asean", "brics", "cptpp", "eu", "g20", "nato", "ndb", "oecd", "opec", "sco"):
        body = BODIES[name]
        day = (body["members_as_of"] + "-12-31")[:10]
        assert str(len(present(name, day))) == body["members_n"], name


# Lists of withdrawals


def test_the_list_of_one_day_has_66_bodies_31_of_them_in_the_united_nations_system():
    rows = [r for r in TABLES["exits"] if r["list_id"] == "USA-2026-01-07"]
    assert {(r["date"], r["action"], r["state_id"]) for r in rows} == {
        ("2026-01-07", "announce", "USA")
    }
    split = Counter(BODIES[r["body_id"]]["un_system"] for r in rows)
    assert split == {"no": 35, "yes": 31}
    for row in rows:
        expected = "yes" if row["note"].startswith("List item (b)") else "no"
        assert BODIES[row["body_id"]]["un_system"] == expected, row["body_id"]
    assert len({r["body_id"] for r in rows}) == 66


def test_the_items_of_the_list_are_numbered_without_gaps():
    rows = [r for r in TABLES["exits"] if r["list_id"]]
    items = {tuple(r["note"].split(".")[0].split()[-2:]) for r in rows}
    first, second = range(1, 36), range(1, 32)
    assert items == {("(a)", str(n)) for n in first} | {("(b)", str(n)) for n in second}


# Steps


def test_announcement_comes_before_notice_and_notice_before_effect():
    for episode in episodes():
        first = {step["action"]: step for step in reversed(episode)}
        for before, after in (("announce", "effective"), ("notify", "effective")):
            if before in first and after in first:
                assert not_after(first[before], first[after]), episode


def test_notice_follows_the_announcement_but_for_one_made_public_a_day_later():
    early = []
    for episode in episodes():
        first = {step["action"]: step for step in reversed(episode)}
        said, notified = first.get("announce"), first.get("notify")
        if said and notified and not not_after(said, notified):
            early.append(notified["exit_id"])
    assert early == ["X279"]
    assert EXITS["X279"]["note"] == "Made public the day after."


def test_what_is_scheduled_lies_after_the_day_its_source_speaks_of():
    rows = [r for r in TABLES["exits"] if r["status"] == "scheduled"]
    assert [r["exit_id"] for r in rows] == ["X074"]
    assert all(r["date"] > r["as_of"] for r in rows)


def test_what_has_occurred_was_read_after_the_day_or_says_that_it_was_not():
    early = {}
    for row in TABLES["exits"]:
        size = min(len(row["as_of"]), LENGTH[row["date_precision"]])
        if row["status"] == "occurred" and row["date"][:size] > row["as_of"][:size]:
            early[row["exit_id"]] = row["note"]
    assert early == {
        "X111": "Computed: six months after the notice.",
        "X204": "As announced; no page of a later day was read.",
        "X249": "Decided on 12 November, with effect from this day.",
    }


def test_a_reason_comes_in_both_languages():
    for row in TABLES["exits"]:
        assert bool(row["reason_en"]) == bool(row["reason_zh"])


@pytest.mark.parametrize(
    ("state", "body", "expected"),
    [
        ("GBR", "eu", [("2017-03-29", "notify", "day"), ("2020-01-31", "effective", "day")]),
        *[
            (
                state,
                "ecowas",
                [
                    ("2024-01-28", "announce", "day"),
                    ("2024-01-29", "notify", precision),
                    ("2025-01-29", "effective", "day"),
                ],
            )
            for state, precision in (("BFA", "day"), ("MLI", "day"), ("NER", "month"))
        ],
        (
            "PHL",
            "icc",
            [
                ("2018-03-14", "announce", "day"),
                ("2018-03-17", "notify", "day"),
                ("2019-03-17", "effective", "day"),
            ],
        ),
        (
            "ARG",
            "who",
            [
                ("2025-02-05", "announce", "day"),
                ("2025-03-17", "notify", "day"),
                ("2026-03-17", "effective", "day"),
            ],
        ),
        (
            "USA",
            "who",
            [
                ("2020-05-29", "announce", "day"),
                ("2020-07-06", "notify", "day"),
                ("2021-01-20", "reverse", "day"),
                ("2025-01-20", "announce", "day"),
                ("2025-01-22", "notify", "day"),
                ("2026-01-22", "effective", "day"),
            ],
        ),
        (
            "USA",
            "paris-agreement",
            [
                ("2017-06-01", "announce", "month"),
                ("2017-08-04", "announce", "day"),
                ("2019-11-04", "notify", "day"),
                ("2020-11-04", "effective", "day"),
                ("2021-02-19", "rejoin", "day"),
                ("2025-01-20", "announce", "day"),
                ("2025-01-27", "notify", "day"),
                ("2026-01-27", "effective", "day"),
            ],
        ),
        (
            "RUS",
            "coe",
            [
                ("2022-02-25", "suspend", "day"),
                ("2022-03-15", "notify", "day"),
                ("2022-03-16", "expel", "day"),
            ],
        ),
        ("USA", "inf", [("2019-02-02", "notify", "day"), ("2019-08-02", "effective", "day")]),
        ("MDA", "cis", [("2026-01-19", "announce", "month")]),
        ("FRA", "nato", []),
        ("RUS", "ctbt", []),
        ("ARG", "brics", []),
    ],
)
def test_the_steps_of_well_known_cases(state, body, expected):
    assert steps(state, body) == expected


def test_an_exit_from_unesco_has_three_days_each_time():
    count = Counter(action for _, action, _ in steps("USA", "unesco"))
    assert count == {"announce": 3, "notify": 3, "effective": 3, "rejoin": 2}


def test_a_rescission_of_money_is_no_step():
    assert steps("USA", "gcf") == [
        ("2026-01-08", "effective", "day"),
        ("2026-01-08", "notify", "day"),
    ]


def test_nobody_comes_back_who_did_not_leave_and_no_suspension_is_lifted_that_was_not():
    for state, body in {(r["state_id"], r["body_id"]) for r in TABLES["exits"]}:
        done = [action for _, action, _ in steps(state, body)]
        for position, action in enumerate(done):
            if action == "rejoin":
                left = {"effective", "expel", "suspend", "notify"}
                assert left & set(done[:position]), (state, body)
            if action == "lift":
                assert "suspend" in done[:position], (state, body)


# Memberships


def test_spells_are_half_open_and_standings_of_one_state_in_one_body_follow_each_other():
    by_pair = defaultdict(list)
    for row in TABLES["memberships"]:
        if row["start"] and row["end"]:
            assert row["start"] < row["end"], row
        if row["start"]:
            by_pair[row["body_id"], row["state_id"]].append(row)
    for rows in by_pair.values():
        rows.sort(key=lambda r: r["start"])
        for first, second in pairwise(rows):
            if second["status"] != "suspended" or first["status"] == "suspended":
                assert "" < first["end"] <= second["start"], (first, second)


def test_precision_stands_exactly_where_a_day_stands():
    for row in TABLES["memberships"]:
        for name in ("start", "end"):
            assert bool(row[name]) == bool(row[f"{name}_precision"]), row


def test_the_first_day_outside_the_european_union_is_1_february_2020():
    (row,) = [r for r in TABLES["memberships"] if (r["body_id"], r["state_id"]) == ("eu", "GBR")]
    assert (row["start"], row["end"]) == ("1973-01-01", "2020-02-01")


def test_an_invitation_that_was_declined_is_not_a_membership():
    rows = [r for r in TABLES["memberships"] if (r["body_id"], r["state_id"]) == ("brics", "ARG")]
    assert sorted((r["start"], r["end"], r["status"]) for r in rows) == [
        ("2023-08-24", "2023-12-22", "invited"),
        ("2023-12-22", "", "declined"),
    ]


@pytest.mark.parametrize(
    ("body", "day", "n"),
    [
        ("eu", "2019-06-30", 28),
        ("eu", "2020-02-01", 27),
        ("brics", "2025-06-30", 10),
        ("g7", "2025-06-30", 7),
        ("g20", "2025-06-30", 21),
        ("nato", "2025-06-30", 32),
        ("oecd", "2025-06-30", 38),
        ("asean", "2025-10-26", 11),
        ("sco", "2025-06-30", 10),
        ("cptpp", "2025-06-30", 12),
        ("ndb", "2025-12-31", 11),
        ("opec", "1960-12-31", 5),
        ("opec", "2018-12-31", 15),
        ("opec", "2024-06-30", 12),
        ("opec", "2026-05-01", 11),
    ],
)
def test_a_body_has_as_many_members_on_a_day_as_it_had(body, day, n):
    assert len(present(body, day)) == n


def test_members_without_a_day_of_entry_are_kept_apart():
    undated = Counter(
        r["body_id"] for r in TABLES["memberships"] if r["status"] == "member" and not r["start"]
    )
    assert undated == {"aiib": 103, "rcep": 1}


def test_every_suspension_of_the_african_union_is_a_step_and_a_spell():
    spells = {
        (r["state_id"], r["start"][:7]): r
        for r in TABLES["memberships"]
        if (r["body_id"], r["status"]) == ("au", "suspended")
    }
    rows = [r for r in TABLES["exits"] if r["body_id"] == "au"]
    assert {(r["state_id"], r["date"][:7]) for r in rows if r["action"] == "suspend"} == set(spells)
    lifted = {(r["state_id"], r["date"][:7]) for r in rows if r["action"] == "lift"}
    last_months = {(state, last_day(row)[:7]) for (state, _), row in spells.items() if row["end"]}
    assert lifted == last_months


def test_mali_was_readmitted_between_its_two_suspensions():
    actions = [(d, a) for d, a, _ in steps("MLI", "au")]
    assert actions == [
        ("2020-08-19", "suspend"),
        ("2020-10-09", "lift"),
        ("2021-06-01", "suspend"),
    ]


# Rules


def test_every_clause_says_when_it_takes_effect_in_both_languages():
    for row in TABLES["exit_rules"]:
        for name in ("effective_en", "effective_zh", "article_en", "article_zh"):
            assert row[name], (row["body_id"], name)
        assert not row["effective_zh"].isascii()


def test_bodies_with_two_ways_out_have_two_clauses():
    count = Counter(row["body_id"] for row in TABLES["exit_rules"])
    assert {body for body, n in count.items() if n == 2} == {"coe", "icc", "who"}
    assert max(count.values()) == 2


# What became of the facts


@needs_facts
def test_each_fact_is_accounted_for(build):
    assert build.unaccounted() == []
    assert set(build.seen) == {"bodies", "blocs", "exits", "exit_rules"}


@needs_facts
@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_what_the_converter_makes(build, name):
    key = tables.BY_NAME[name].key
    made = sorted(build.rows[name], key=lambda r: tuple(r[k] for k in key))
    assert made == TABLES[name]


@needs_facts
def test_an_unverified_fact_ships_only_with_a_source_that_was_found(build):
    for name, facts in build.seen.items():
        for fact in facts:
            what, why = build.ledger[name, fact.line]
            if fact["confidence"] == "unverified":
                assert what in ("upgraded", "left out"), fact
                assert why, fact
            else:
                assert what != "upgraded", fact
