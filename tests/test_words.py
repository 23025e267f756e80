"""Dates, numbers, money and lists in both languages."""

from __future__ import annotations

import doctest

import pytest

from multipolar import words


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("iso", "precision", "en", "zh"),
    [
        ("2025-11-07", "day", "7 November 2025", "2025年11月7日"),
        ("2025-11-07", "month", "November 2025", "2025年11月"),
        ("2025-11-07", "year", "2025", "2025年"),
        ("2025-11-07", "session", "November 2025", "2025年11月"),
        ("2025-11", None, "November 2025", "2025年11月"),
        ("2025-11", "day", "November 2025", "2025年11月"),
    ],
)
def test_a_date_is_written_only_as_precisely_as_it_is_known(iso, precision, en, zh):
    assert words.fmt_date(iso, precision, "en") == en
    assert words.fmt_date(iso, precision, "zh") == zh


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (3_000_000_000, "$3.0 billion", "30亿美元"),
        (3_049_000_000, "$3.05 billion", "30.49亿美元"),
        (500_000_000, "$500 million", "5亿美元"),
        (999_999_999, "$1.0 billion", "10亿美元"),
        (43_600_000, "$43.6 million", "4360万美元"),
        (158_000, "$158,000", "15.8万美元"),
        (0, "$0", "0美元"),
        (-2_000_000, "−$2 million", "−200万美元"),
        (1_250_000_000_000, "$1.25 trillion", "1.25万亿美元"),
    ],
)
def test_amounts_are_written_as_the_press_writes_them(amount, en, zh):
    assert words.fmt_usd(amount, "en") == en
    assert words.fmt_usd(amount, "zh") == zh


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.9999, "99.99%"),
        (0.0005, "0.05%"),
        (0.00004, "0.004%"),
        (0.000005, "0.001%"),
        (0.000004, "<0.001%"),
        (1e-30, "<0.001%"),
        (0.999996, ">99.999%"),
        (1 - 2**-53, ">99.999%"),
    ],
)
def test_a_small_share_does_not_read_as_zero_nor_a_large_one_as_all(share, text):
    assert words.fmt_share(share, "en") == text


def test_lists_say_how_many_are_left_out():
    assert words.fmt_list([], "en") == ""
    assert words.fmt_list(["A"], "zh") == "A"
    assert words.fmt_list(["A", "B"], "en") == "A and B"
    assert words.fmt_list(["A", "B", "C"], "en", 2) == "A, B and 1 other"
    assert words.fmt_list(["A", "B", "C"], "en", 3) == "A, B and C"


def test_negative_zero_is_zero():
    assert words.fmt_number(-0.001, "en") == "0"
