"""Pieces of the drawings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_profiles import EXHIBITS, power

from multipolar.report.charts import power as power_chart
from multipolar.report.charts.axis import Scale, nice_top, year_of, year_ticks
from multipolar.report.charts.events import _levels
from multipolar.report.charts.svg import DARK, LIGHT, PAINT, Canvas, paint_css, text_width, wrap
from multipolar.report.citations import Citations, ranges


@given(st.floats(0.001, 5000))
def test_axis_from_zero_reaches_the_highest_value_without_waste(value):
    top, step = nice_top(value)
    assert top >= value * 0.999
    assert top <= value * 2.01
    assert abs(top / step - round(top / step)) < 1e-9


@given(st.integers(1946, 2020), st.integers(1, 80), st.floats(120, 700))
def test_years_on_an_axis_have_room_and_lie_inside(first, span, room):
    ticks = year_ticks(first, first + span, room)
    assert all(first <= tick <= first + span for tick in ticks)
    assert len(ticks) * 46 <= room or len(ticks) <= 2


@given(st.dates())
def test_dates_keep_their_order_on_the_axis(day):
    assert day.year <= year_of(day.isoformat()) < day.year + 1


@given(st.lists(st.floats(0, 500), max_size=40).map(sorted))
def test_marks_of_one_lane_never_overlap(xs):
    placed = list(zip(xs, _levels(xs), strict=True))
    for i, (x, level) in enumerate(placed):
        assert all(x - other >= 8.5 for other, at in placed[:i] if at == level)


@given(st.lists(st.integers(1, 60), unique=True).map(sorted))
def test_runs_of_numbers_hold_every_number_once(numbers):
    runs = ranges(numbers)
    assert [n for low, high in runs for n in range(low, high + 1)] == numbers


def test_a_value_outside_the_scale_stays_at_its_end():
    scale = Scale(0, 10, 100, 200)
    assert (scale(-5), scale(5), scale(50)) == (100, 150, 200)


def test_both_themes_define_the_same_colours_and_paints_use_only_them():
    assert set(LIGHT) == set(DARK)
    used = {value for paint in PAINT.values() for value in paint.values()} - {"none"}
    assert used <= set(LIGHT)
    assert all(f".{name}{{" in paint_css() for name in PAINT)


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "second"])
def test_text_colours_have_enough_contrast(theme, name):
    pair = sorted((_luminance(theme[name]), _luminance(theme["paper"])))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_long_text_is_cut_with_a_sign_and_chinese_breaks_between_characters():
    lines = wrap("Joint Comprehensive Plan of Action and all that follows from it", 100, 12, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(text_width(line, 12) <= 101 for line in lines)
    assert "".join(wrap("联合国教科文组织执行局会议", 60, 12, 5)) == "联合国教科文组织执行局会议"


def test_a_title_and_a_label_are_escaped():
    canvas = Canvas("x", 720)
    canvas.rect(0, 0, 1, 1, "a", 'one <b> "two"')
    drawn = canvas.svg(10, 'label "quoted" <x>')
    assert "<b>" not in drawn
    assert 'aria-label="label &quot;quoted&quot; &lt;x&gt;"' in drawn


def test_a_drawing_defines_the_hatch_only_where_it_uses_it():
    plain, hatched = Canvas("x", 10), Canvas("y", 10)
    hatched.hatch(0, 0, 5, 5)
    assert "<pattern" not in plain.svg(10, "")
    assert re.search(r'<pattern id="(h-y-10)".*url\(#\1\)', hatched.svg(10, ""))


def test_a_source_keeps_its_number():
    cited = Citations({})
    assert cited.all(["b", "a", "b"]) == [1, 2]
    assert cited.number("b") == 1


POWER = next(e.rows for e in EXHIBITS if e.exhibit_id == "power")


def _halves(drawn):
    wide, narrow = re.findall(r"<svg viewBox.*?</svg>", drawn, re.S)
    return wide, narrow


def test_decisions_with_the_same_power_share_a_row_and_bodies_stay_together():
    groups = power_chart.grouped(POWER)
    assert [[row["decision"] for row in group] for group in groups] == [
        ["special", "other"],
        ["simple"],
        ["seats"],
        ["few"],
    ]


def test_decisions_of_two_bodies_never_share_a_row():
    one, other = (power("same", (0.1, 0.1, 0.1), body_id=body) for body in ("club", "fund"))
    assert len(power_chart.grouped([one, other])) == 2


def test_each_row_shows_three_marks_and_who_can_block_alone(ctx):
    for drawn in _halves(power_chart.draw(POWER, ctx, "label")):
        assert drawn.count("<circle") == 4
        assert len(re.findall(r'l5 5l-5 5l-5 -5z" class="b"', drawn)) == 4
        assert drawn.count(ctx.label("power.alone")) == 2
        assert drawn.count('height="8" class="a"') == 2
        assert ctx.label("power.next", who=ctx.state("BBB"), share="87.5%") in drawn
        several = ctx.label("power.members", n="2")
        assert ctx.label("power.next", who=several, share="25%") in drawn


def test_a_small_share_of_power_is_not_written_as_zero_and_none_is(ctx):
    wide, _ = _halves(power_chart.draw(POWER, ctx, "label"))
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", wide)
    assert "0.007%" in texts
    assert texts.count("0%") == 2, "the foot of the axis, and the index that is zero"


def test_a_low_banzhaf_share_of_who_blocks_alone_has_its_note(ctx):
    drawn = power_chart.draw(POWER, ctx, "label")
    assert "2%*</text>" in drawn
    assert ctx.label("power.hidden").split("：")[0].split(":")[0] in drawn
    plain = power_chart.draw([power("simple", (0.16, 0.19, 0.23))], ctx, "label")
    assert "*" not in plain


def test_population_is_named_where_it_is_what_counts(ctx):
    assert ctx.label("power.by_population") in power_chart.draw(POWER, ctx, "label")
    assert ctx.label("power.by_population") not in power_chart.draw(POWER[:3], ctx, "label")


def test_rows_beyond_those_drawn_are_counted(ctx):
    many = [power(f"d{n}", (0.1, 0.1 + n / 1000, 0.1)) for n in range(power_chart.MOST + 3)]
    drawn = power_chart.draw(many, ctx, "label")
    assert all(half.count("<circle") == power_chart.MOST for half in _halves(drawn))
    assert ctx.label("power.more", n="3") in drawn


def test_without_a_decision_there_is_no_chart_of_power(ctx):
    assert power_chart.draw([], ctx, "label") == ""


@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=6),
    st.booleans(),
)
def test_every_mark_of_power_lies_inside_its_drawing(ctx_en, shares, blocks):
    rows = [
        power(f"d{n}", each[:3], prevent=each[3], **({"next_states": ["BBB"]} if blocks else {}))
        for n, each in enumerate(shares)
    ]
    for drawn in _halves(power_chart.draw(rows, ctx_en, "label")):
        width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn).groups())
        for x, y in re.findall(r'<circle cx="([^"]+)" cy="([^"]+)"', drawn):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
        for y in re.findall(r'<text x="[^"]+" y="([^"]+)"', drawn):
            assert float(y) <= height
