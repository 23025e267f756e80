"""The almanac's rules, roll calls and vetoes, and what became of each fact."""

from __future__ import annotations

import csv
import importlib
import re
import sys
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from multipolar.record import tables
from multipolar.record.load import load_table
from multipolar.rules import parse

ROOT = Path(__file__).resolve().parents[2]
ALMANAC = Path(tables.__file__).parent / "almanac"
FACTS = ROOT.parent / "shared/facts"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the fact base is not beside the tree")
SEAT_CHANGED = date(1991, 12, 24)
LIST_ENDS = date(2022, 7, 31)
SYMBOL = re.compile(r"A/RES/(ES-)?\d+/\d+|S/RES/\d+|A/(ES-)?\d+/L\.\d+(/Rev\.\d+)?")
DRAFT = re.compile(r"S/(\d{4}/)?\d+(/(Rev|Corr)\.\d+)?")


def rows(name):
    return load_table(tables.BY_NAME[name], ALMANAC / f"{name}.csv")


@pytest.fixture(scope="module")
def vetoes():
    return rows("vetoes")


@pytest.fixture(scope="module")
def roll_calls():
    return rows("roll_calls")


@pytest.fixture(scope="module")
def positions():
    found = defaultdict(lambda: defaultdict(set))
    for row in rows("positions"):
        found[row["roll_call_id"]][row["position"]].add(row["state_id"])
    return found


@pytest.fixture(scope="module")
def rules():
    return rows("decision_rules")


def test_vetoes_until_july_2022_add_up_to_the_totals_of_their_list(vetoes):
    count = Counter(row["state_id"] for row in vetoes if row["date"] <= LIST_ENDS)
    assert count["SUN"] + count["RUS"] == 121
    assert {s: n for s, n in count.items() if s not in ("SUN", "RUS")} == {
        "USA": 82,
        "GBR": 29,
        "CHN": 17,
        "FRA": 16,
    }


def test_the_soviet_union_votes_before_and_russia_from_24_december_1991(vetoes):
    assert all(row["date"] < SEAT_CHANGED for row in vetoes if row["state_id"] == "SUN")
    assert all(row["date"] >= SEAT_CHANGED for row in vetoes if row["state_id"] == "RUS")
    assert {"SUN", "RUS"} <= {row["state_id"] for row in vetoes}


def test_only_permanent_members_cast_vetoes(vetoes):
    assert {row["state_id"] for row in vetoes} == {"CHN", "FRA", "GBR", "RUS", "SUN", "USA"}


def test_rows_of_one_draft_differ_in_the_state_only(vetoes):
    drafts = defaultdict(list)
    for row in vetoes:
        drafts[row["veto_id"]].append(row)
    for same in drafts.values():
        assert len({tuple((k, v) for k, v in r.items() if k != "state_id") for r in same}) == 1
    assert len(drafts) == 233


def test_a_meeting_record_is_not_a_draft_symbol(vetoes):
    symbols = [row["symbol"] for row in vetoes if row["symbol"]]
    assert len(symbols) > 150
    assert [s for s in symbols if not DRAFT.fullmatch(s)] == []


def test_topics_have_a_chinese_text_of_their_own(vetoes):
    for row in vetoes:
        assert re.search(r"[一-鿿]", row["topic_zh"]), row
        assert not re.search(r"[一-鿿]", row["topic_en"]), row
        assert not re.search(r"[,;:()]", row["topic_zh"]), row


def test_symbols_of_roll_calls_have_one_spelling(roll_calls):
    for row in roll_calls:
        assert row["roll_call_id"] == f"{row['body_id']}:{row['symbol'] or row['date']}"
        if row["symbol"]:
            assert SYMBOL.fullmatch(row["symbol"]), row["symbol"]


def test_every_cuba_vote_from_1992_to_2025_is_there_and_carries_the_us_position(
    roll_calls, positions
):
    cuba = [row for row in roll_calls if row["topic"] == "cuba_embargo"]
    assert len(cuba) == 33
    voted = Counter(
        position
        for row in cuba
        for position, states in positions[row["roll_call_id"]].items()
        if "USA" in states
    )
    assert voted == {"no": 32, "abstain": 1}


def test_positions_of_a_roll_call_never_exceed_its_counts(roll_calls, positions):
    for row in roll_calls:
        found = positions[row["roll_call_id"]]
        for position in ("yes", "no", "abstain"):
            counted = row[f"{position}_n"]
            if counted is not None:
                assert len(found[position]) <= counted, (row["roll_call_id"], position)


def test_a_short_list_of_negative_votes_is_said_in_the_note(roll_calls, positions):
    for row in roll_calls:
        listed = len(positions[row["roll_call_id"]]["no"])
        if listed < row["no_n"]:
            assert "recorded here" in (row["note"] or ""), row["roll_call_id"]


def test_a_state_has_one_position_in_one_vote(positions):
    for found in positions.values():
        states = [state for group in found.values() for state in group]
        assert len(states) == len(set(states))


def test_the_draft_that_was_vetoed_was_not_adopted(roll_calls):
    failed = [row["roll_call_id"] for row in roll_calls if row["adopted"] == "no"]
    assert failed == ["unsc:2024-04-18"]


def test_every_rule_text_is_read_and_written_unchanged(rules):
    texts = [row["rule"] for row in rules if row["rule"]]
    assert len(texts) >= 85
    for text in texts:
        assert str(parse(text)) == text


def test_every_rule_names_its_article_and_says_what_it_leaves_out(rules):
    for row in rules:
        assert row["article_en"], row
        assert row["article_zh"], row
        assert bool(row["remark_en"]) == bool(row["remark_zh"]), row
        if row["form"] != "vote":
            assert row["rule"] is None, row
        if row["rule"] is None:
            assert row["remark_en"], row


def test_vetoes_that_follow_from_weights_are_not_written_into_rules(rules):
    for row in rules:
        if row["body_id"] not in ("unsc", "un", "opec", "ndb"):
            assert "veto(" not in (row["rule"] or ""), row
            assert "among=" not in (row["rule"] or ""), row


def test_readings_of_one_rule_follow_each_other(rules):
    spells = defaultdict(list)
    for row in rules:
        assert row["end"] is None or (row["start"] or date.min) < row["end"], row
        spells[row["body_id"], row["decision"]].append(
            (row["start"] or date.min, row["end"] or date.max)
        )
    assert [key for key, found in spells.items() if len(found) > 1] == [
        ("unsc", name)
        for name in ("chapter-vii", "procedural", "recommend-secretary-general", "substantive")
    ]
    for key, found in spells.items():
        assert all(a[1] <= b[0] for a, b in pairwise(sorted(found))), key


@pytest.mark.parametrize(
    ("body", "decisions"),
    [
        ("imf", "ordinary special-70 special-85 amendment"),
        ("unsc", "procedural substantive"),
        ("unga", "ordinary important"),
        ("eu-council", "qualified reinforced unanimity simple"),
        ("aiib", "simple special super"),
    ],
)
def test_decision_slugs_that_others_rely_on_are_there(rules, body, decisions):
    assert set(decisions.split()) <= {r["decision"] for r in rules if r["body_id"] == body}


def test_amendment_of_the_imf_articles_asks_for_members_and_votes(rules):
    (row,) = [r for r in rules if (r["body_id"], r["decision"]) == ("imf", "amendment")]
    assert row["rule"] == 'count("3/5") & weighted("85/100", of="total_votes")'


def test_chinese_texts_of_rules_use_full_width_punctuation(rules):
    for row in rules:
        for name in ("label_zh", "article_zh", "remark_zh"):
            assert not re.search(r"[一-鿿][,;:()]|[,;:()][一-鿿]", row[name] or ""), row[name]


def test_slugs_are_kebab_case(rules):
    assert [r["decision"] for r in rules if not re.fullmatch(r"[a-z0-9-]+", r["decision"])] == []


@needs_facts
@pytest.mark.parametrize("name", ["rules", "votes"])
def test_every_fact_is_accounted_for_and_nothing_unverified_ships(name):
    sys.path.insert(0, str(ROOT / "tools/almanac"))
    try:
        common = importlib.import_module("common")
        converter = importlib.import_module(f"convert_{name}")
    finally:
        sys.path.pop(0)
    build = common.Build(FACTS)
    converter.convert(build)
    assert build.unaccounted() == []
    files = {"rules": ["rules"], "votes": ["votes_reference", "vetoes"]}[name]
    for file in files:
        for fact in build.facts(file):
            what, why = build.ledger[file, fact.line]
            if fact["confidence"] == "unverified":
                assert what in ("upgraded", "left out"), (file, fact.line)
                assert why
    for table, built in build.rows.items():
        with open(ALMANAC / f"{table}.csv", encoding="utf-8", newline="") as handle:
            shipped = list(csv.DictReader(handle))
        key = tables.BY_NAME[table].key
        order = sorted(built, key=lambda row: tuple(row.get(k, "") for k in key))
        assert shipped == order, f"{table}.csv is not what the converter writes"
