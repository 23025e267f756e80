"""What holds for every state: time, totals, neutrality towards codes and unrelated rows."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import multipolar as mp
from helpers import read_table, write_table
from multipolar.errors import OutOfCoverage
from multipolar.findings.explain import check_catalogues
from multipolar.findings.finding import FACETS
from multipolar.findings.profile import build_profile
from multipolar.findings.view import View
from multipolar.record import tables
from multipolar.record.store import ALMANAC, Record
from strategies import days

SEVERAL = ("USA", "CHN", "RUS", "DEU", "ZAF", "ARG", "ISR", "MLI", "FJI", "VAT")
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def summary(finding, swap=lambda text: text):
    return (
        finding.facet,
        finding.body,
        finding.measure,
        swap(finding.value) if isinstance(finding.value, str) else finding.value,
        finding.lo,
        finding.hi,
        finding.level,
        finding.unit,
        finding.n,
        finding.coverage,
        finding.direction,
        finding.sources,
    )


# --- every profile --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", SEVERAL)
def test_every_facet_has_a_finding_or_says_what_is_not_known(profile, state):
    made = profile(state)
    spoken = {f.facet for f in made.findings} | {q.facet for q in made.open_questions}
    assert spoken == set(FACETS)


@pytest.mark.parametrize("state", SEVERAL)
def test_sentences_are_whole_in_both_languages(profile, state):
    for finding in profile(state).findings:
        english, chinese = finding.sentences["en"], finding.sentences["zh"]
        assert english.endswith(".")
        assert chinese.endswith("。")
        assert not re.search(r"[{}]|None|\bnan\b", english + chinese)
        assert not re.search(r"[\u4e00-\u9fff]", english)
        assert re.search(r"[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize("state", SEVERAL)
def test_an_interval_holds_its_value_and_names_its_level_and_cases(profile, state):
    for finding in profile(state).findings:
        bounds = (finding.lo, finding.hi, finding.level)
        assert all(b is None for b in bounds) or None not in bounds
        if finding.lo is not None:
            assert finding.lo <= finding.value <= finding.hi
            assert finding.n >= 1


@pytest.mark.parametrize("state", SEVERAL)
def test_the_first_screen_has_five_to_eight_findings_of_the_profile(profile, state):
    made = profile(state)
    assert 5 <= len(made.headline) <= 8
    assert {f.id for f in made.headline} <= {f.id for f in made.findings}


def test_both_languages_have_the_same_sentences():
    assert check_catalogues() == []


def test_states_that_are_no_members_today_have_a_profile_too(record):
    for row in record.rows("states"):
        if row["kind"] == "state":
            continue
        day = row["end"] - timedelta(days=1) if row["end"] else record.date
        made = build_profile(record, row["state_id"], day)
        assert made.findings
        json.dumps(made.to_dict(), allow_nan=False)


# --- time -----------------------------------------------------------------------------------------


def rows_of(record, finding):
    for ref in finding.rows:
        yield ref.table, record.keyed(ref.table)[ref.key]


@few
@given(days, st.sampled_from(SEVERAL))
@example(date(2013, 6, 1), "ISR")
@example(date(2026, 1, 1), "USA")
def test_no_finding_uses_a_row_dated_after_the_day(record, day, state):
    try:
        made = build_profile(record, state, day)
    except OutOfCoverage:
        return
    for finding in made.findings:
        for table, row in rows_of(record, finding):
            if table == "exits" and row["status"] == "scheduled":
                continue  # announced for a day ahead
            if table == "reviews" and row["result"] == "rescheduled":
                continue  # set for a day ahead when the review was postponed
            # A pledge has its own day; the period for which it was made may lie ahead.
            dated = row.get("date") or row.get("start")
            if dated and table not in ("states", "decision_rules"):
                assert dated <= day, (finding.id, table, row)
            if "year" in row:
                assert row["year"] <= day.year


@few
@given(days, st.sampled_from([s for s in SEVERAL if s != "VAT"]))
def test_counts_of_what_has_happened_never_fall(record, day, state):
    counted = ("went_on", "stopped", "vetoes", "tariffs_by", "tariffs_towards", "agreements")
    later = record.date

    def counts(when):
        try:
            made = build_profile(record, state, when)
        except OutOfCoverage:
            return {}
        return {f.measure: f.value for f in made.findings if f.measure in counted}

    before, after = counts(day), counts(later)
    for measure, value in before.items():
        assert value <= after[measure], measure


def test_a_membership_holds_on_its_first_day_and_not_on_its_end(store):
    spell = {**CLUB["memberships"][0], "start": "2020-01-01", "end": "2022-01-01"}
    own = mp.open(store(bodies=CLUB["bodies"], body_names=CLUB["body_names"], memberships=[spell]))
    inside = {
        day: "moon-club" in View(own, "FJI", date.fromisoformat(day)).seats
        for day in ("2019-12-31", "2020-01-01", "2021-12-31", "2022-01-01")
    }
    assert list(inside.values()) == [False, True, True, False]


def test_a_share_holds_from_its_first_day_and_not_on_its_end(record):
    for day, percent in ((date(2024, 12, 31), 15.254), (date(2025, 1, 1), 20.004)):
        made = build_profile(record, "CHN", day)
        assert made.find(f"CHN/purse/un/assessed_share@{day}").value == percent


def test_an_exit_takes_effect_on_its_day_and_not_before(record):
    for row in record.rows("exits"):
        if row["action"] != "effective" or row["date_precision"] != "day":
            continue
        if row["status"] != "occurred":
            continue
        before = View(record, row["state_id"], row["date"] - timedelta(days=1))
        assert row not in before.left.values()
        assert View(record, row["state_id"], row["date"]).left.get(row["body_id"]) == row


@given(days)
@few
def test_the_state_that_continues_a_seat_and_the_one_before_are_never_members_together(record, day):
    for row in record.rows("states"):
        before = row["continues"]
        if before and row["un_admitted"] and record.keyed("states")[before]["un_ended"]:
            state = "FJI" if day >= date(1970, 10, 10) else "FRA"
            members = View(record, state, day).un_members
            assert not {row["state_id"], before} <= members


@pytest.mark.parametrize(
    ("day", "members"),
    # Growth in United Nations membership, un.org: 1945 51, 1957 82, 1991 166, 2002 191, 2011 193.
    [
        ("1945-12-31", 51),
        ("1957-12-31", 82),
        ("1991-12-31", 166),
        ("2002-12-31", 191),
        ("2011-12-31", 193),
    ],
)
def test_the_number_of_members_is_that_of_the_united_nations(record, day, members):
    assert len(View(record, "FRA", date.fromisoformat(day)).un_members) == members


# --- totals ---------------------------------------------------------------------------------------


def test_shares_of_the_payers_add_up_to_100_in_the_period_of_today(record):
    sums = Counter()
    for row in record.rows("money"):
        if (row["body_id"], row["budget"], row["stage"]) == ("un", "regular", "assessed"):
            sums[row["start"], row["end"]] += row["share_percent"] or Decimal(0)
    assert sums[date(2025, 1, 1), date(2028, 1, 1)] == Decimal(100)


@pytest.mark.parametrize("state", SEVERAL[:-1])
def test_rules_that_are_blocked_free_and_unknown_add_up(profile, state):
    made = profile(state)
    decisions = [f for f in made.findings if f.measure.startswith("decision-")]
    blocked = made.find(f"{state}/nod/all/blocked@{made.as_of}")
    assert blocked.n == len(decisions)
    answers = Counter(f.value for f in decisions)
    directions = Counter(f.direction for f in decisions)
    assert directions["depends"] == blocked.value
    assert sum(answers.values()) == blocked.n
    free = made.find(f"{state}/nod/all/free_share@{made.as_of}")
    known = answers["yes"] + answers["no"]
    assert Fraction(free.value).limit_denominator(1000) == Fraction(answers["yes"], known)
    rows = made.exhibit("blockers").rows
    assert len(rows) == blocked.n


@pytest.mark.parametrize("state", SEVERAL)
def test_cases_that_went_on_and_that_stopped_are_those_of_the_list(profile, state):
    made = profile(state)
    listed = Counter(row["result"] for row in made.exhibit("away").rows)
    values = {f.measure: f.value for f in made.of("record")}
    assert values.get("went_on", 0) == listed["held"] + listed["adopted"]
    assert values.get("stopped", 0) == (
        listed["postponed"] + listed["failed"] + listed["not_adopted"]
    )


# --- relabelling ------------------------------------------------------------------------------------


def relabelled(directory, one, other):
    """Swap two states in every table but those of names and sources."""
    swap = {one: other, other: one}

    def in_text(text):
        return re.sub(rf'"({one}|{other})"', lambda m: f'"{swap[m[1]]}"', text)

    for table in tables.ALL:
        if table.name in ("sources", "state_names", "ambiguous_names"):
            continue
        columns = [c.name for c in table.columns if c.refers == "states"]
        columns += {"states": ["state_id"], "indicators": ["entity_id"]}.get(table.name, [])
        rows = read_table(directory, table.name)
        for row in rows:
            for column in columns:
                row[column] = ";".join(swap.get(code, code) for code in row[column].split(";"))
            if table.name == "decision_rules":
                row["rule"] = in_text(row["rule"])
        write_table(directory, table.name, rows)
    points = directory / "estimated/ideal_points.csv"
    text = re.sub(
        rf"^({one}|{other}),",
        lambda m: f"{swap[m[1]]},",
        points.read_text(encoding="utf-8"),
        flags=re.M,
    )
    points.write_text(text, encoding="utf-8")
    return swap


@pytest.mark.parametrize(("one", "other"), [("USA", "FRA"), ("DEU", "FJI"), ("ISR", "ARG")])
def test_swapping_two_states_in_the_record_swaps_their_findings(profile, tmp_path, one, other):
    almanac = shutil.copytree(ALMANAC, tmp_path / "almanac")
    swap = relabelled(almanac, one, other)
    swapped = Record(almanac=almanac)
    swapped.check()
    for state in (one, other):
        before, after = profile(swap[state]), build_profile(swapped, state)
        assert [summary(f) for f in after.findings] == [summary(f) for f in before.findings]
        assert [f.measure for f in after.headline] == [f.measure for f in before.headline]
        assert [(s["system"], s["rows_n"], s["until"]) for s in after.systems] == [
            (s["system"], s["rows_n"], s["until"]) for s in before.systems
        ]


def test_swapping_two_states_leaves_the_findings_of_a_third(profile, tmp_path):
    before = profile("ZAF")
    almanac = shutil.copytree(ALMANAC, tmp_path / "almanac")
    relabelled(almanac, "USA", "FJI")
    after = build_profile(Record(almanac=almanac), "ZAF")
    assert [summary(f) for f in after.findings] == [summary(f) for f in before.findings]


# --- rows of one's own ------------------------------------------------------------------------------

CLUB = {
    "bodies": [{"body_id": "moon-club", "kind": "forum"}],
    "body_names": [
        {"body_id": "moon-club", "lang": "en", "kind": "short", "name": "Moon Club"},
        {"body_id": "moon-club", "lang": "zh", "kind": "short", "name": "月球俱乐部"},
    ],
    "memberships": [
        {"body_id": "moon-club", "state_id": code, "status": "member", "start": "2020-01-01"}
        for code in ("FJI", "TON", "WSM")
    ],
    "exits": [
        {
            "exit_id": "X900",
            "state_id": "FJI",
            "body_id": "moon-club",
            "action": "announce",
            "date": "2025-03-01",
            "date_precision": "day",
            "status": "occurred",
        }
    ],
    "sessions": [
        {
            "session_id": "moon-club-1",
            "body_id": "moon-club",
            "number": "1",
            "start": "2025-05-01",
            "date_precision": "day",
            "place": "Apia",
            "place_zh": "阿皮亚",
            "status": "held",
        }
    ],
    "attendance": [
        {"session_id": "moon-club-1", "state_id": "FJI", "level": "absent", "basis": "reported"},
        {"session_id": "moon-club-1", "state_id": "WSM", "level": "head", "basis": "reported"},
    ],
    "decision_rules": [
        {
            "body_id": "moon-club",
            "decision": "all",
            "label_en": "All decisions of the club",
            "label_zh": "俱乐部一切决定",
            "rule": 'count("2/3")',
            "form": "vote",
            "article_en": "Art. 1",
            "article_zh": "第一条",
        }
    ],
    "money": [
        {
            "body_id": "moon-club",
            "budget": "landing",
            "stage": "pledged",
            "state_id": "FJI",
            "start": "2025-01-01",
            "end": "2026-01-01",
            "date": "2025-01-02",
            "date_precision": "day",
            "amount_usd": "1200000",
        }
    ],
}
SUMMED = {
    ("seat", "all", "memberships"),
    ("seat", "all", "exit_steps_on_record"),
    ("seat", "all", "exits_announced"),
    ("nod", "all", "blocked"),
    ("nod", "all", "free_share"),
    ("record", "all", "went_on"),
}
"""Findings of a member of the club that count over all bodies."""


def test_a_body_added_to_the_record_changes_nothing_for_those_outside_it(store, profile):
    own = mp.open(store(**CLUB))
    for state in ("DEU", "USA", "VAT"):
        assert build_profile(own, state).to_dict() == profile(state).to_dict()


def test_a_body_added_to_the_record_adds_to_a_member_and_changes_only_sums(store, profile):
    own = mp.open(store(**CLUB))
    before = {f.id: f.to_dict() for f in profile("FJI").findings}
    after = {f.id: f for f in build_profile(own, "FJI").findings}
    for finding_id, finding in after.items():
        if (finding.facet, finding.body, finding.measure) not in SUMMED:
            if finding.body == "moon-club":
                continue
            assert finding.to_dict() == before[finding_id]
    added = {f.measure for f in after.values() if f.body == "moon-club"}
    assert added == {
        "exit_steps",
        "attended_share",
        "decision-all",
        "pledged_landing",
        "moon-club-1",
    }


@pytest.mark.parametrize(("lang", "words"), [("en", "Moon Club"), ("zh", "月球俱乐部")])
def test_a_body_added_to_the_record_appears_in_every_form_of_the_report(store, lang, words):
    made = mp.report(mp.open(store(**CLUB)), "FJI", lang=lang)
    assert words in made.html
    assert words in made.markdown
    assert words in json.dumps(made.to_dict(), ensure_ascii=False)


def test_words_that_the_almanac_brings_need_no_code(store):
    call = {
        "roll_call_id": "unga:A/RES/99/1",
        "body_id": "unga",
        "symbol": "A/RES/99/1",
        "title_en": "Use of the Moon",
        "title_zh": "月球的利用",
        "topic": "the_moon",
        "topic_en": "The Moon",
        "topic_zh": "月球",
        "date": "2025-12-01",
        "date_precision": "day",
        "adopted": "yes",
        "yes_n": "100",
        "no_n": "1",
    }
    cast = {"roll_call_id": "unga:A/RES/99/1", "state_id": "FJI", "position": "no"}
    event = {
        "event_id": "E900",
        "body_id": "who",
        "date": "2025-12-02",
        "date_precision": "day",
        "actor": "FJI",
        "kind": "a_new_kind",
        "text_en": "Fiji does something new",
        "text_zh": "斐济做了新的事",
    }
    total = {
        "body_id": "gcf",
        "budget": "gcf-9",
        "measure": "pledged",
        "date": "2025-12-01",
        "date_precision": "day",
        "value": "5",
        "unit": "usd",
    }
    place = store(roll_calls=[call], positions=[cast], events=[event], money_totals=[total])
    own = mp.open(place)
    for lang, words in (("en", "Use of the Moon"), ("zh", "月球的利用")):
        made = mp.report(own, "FJI", lang=lang)
        assert words in made.html
        assert words in made.markdown
