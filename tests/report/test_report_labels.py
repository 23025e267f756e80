"""The catalogues of the page."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from report_profiles import EXHIBITS, Names

from multipolar.record import tables
from multipolar.report.labels import labels
from multipolar.report.tables import FORMS, data_table

EN, ZH = labels("en").texts, labels("zh").texts


def test_both_languages_have_the_same_keys():
    assert set(EN) == set(ZH)


@pytest.mark.parametrize("key", sorted(EN))
def test_both_languages_fill_the_same_places(key):
    def places(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert places(EN[key]) == places(ZH[key])


@pytest.mark.parametrize("key", sorted(ZH))
def test_chinese_has_no_english_sentence(key):
    rest = re.sub(r"\{\w+\}|`[^`]*`|multipolar|HTML|CSV|ISO|ID", "", ZH[key])
    assert not re.search(r"[A-Za-z]{2,}", rest), ZH[key]
    assert not re.search(r"[\u4e00-\u9fff][,;:?]", rest), "half-width punctuation"


@pytest.mark.parametrize(
    ("table", "column", "group"),
    [
        (tables.Exits, "action", "actions"),
        (tables.Exits, "status", "statuses"),
        (tables.Attendance, "level", "levels"),
        (tables.Money, "stage", "stages"),
        (tables.Positions, "position", "positions"),
        (tables.TradeEvents, "kind", "trade_kinds"),
        (tables.Coverage, "coverage", "coverage"),
    ],
)
def test_every_code_of_the_record_has_a_word(table, column, group):
    codes = next(c for c in table.columns if c.name == column).allowed
    assert codes
    assert [code for code in codes if f"{group}.{code}" not in EN] == []


def test_every_column_of_a_data_table_has_a_word(ctx):
    for exhibit in EXHIBITS:
        assert exhibit.exhibit_id in FORMS
        columns = data_table(exhibit.exhibit_id, exhibit.rows, ctx).columns
        assert [key for key in columns if f"columns.{key}" not in EN] == []


def test_an_unknown_code_is_shown_as_it_stands():
    assert labels("en").term("topics", "a_new_topic") == "a new topic"
    assert labels("zh").term("levels", None) == "不详"
    assert Names().name("ZZZ", "en") == "ZZZ"
