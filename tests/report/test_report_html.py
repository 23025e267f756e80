"""The page: what it says, what it holds, what it must never do."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from report_profiles import EXHIBITS, SOURCES, Names, empty, finding, full

from multipolar.report import html, theme

VOID = {"meta", "link", "br", "wbr"}


def page(profile=None, lang="en"):
    return html.render(profile or full(), Names(), SOURCES, lang)


class Reader(HTMLParser):
    """Collects ids, links and text; complains about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.faults, self.words = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        self.links += [found[name] for name in ("href", "src") if name in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", [full, empty])
def test_tags_match_and_ids_are_unique_and_every_inner_link_arrives(make, lang):
    read = Reader(page(make(), lang))
    assert read.faults == []
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    inner = {link[1:] for link in read.links if link.startswith("#")}
    assert inner <= set(read.ids)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_asked_from_outside(lang):
    text = page(lang=lang)
    assert "default-src 'none'" in text
    assert f"script-src '{theme.script_hash()}'" in text
    outside = [link for link in Reader(text).links if link.startswith(("http:", "https:", "//"))]
    assert sorted(set(outside)) == ["https://example.org/a?b=1&c=2", "https://example.org/two"]
    assert not re.search(r"url\((?!#)|@import|<img|<iframe|<script src", text)


def test_the_same_profile_gives_the_same_bytes():
    assert page() == page(full())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_first_screen_groups_the_headline_by_what_it_says(lang):
    text = page(lang=lang)
    first, rest = text.split('<nav class="toc"')
    for item in full().headline:
        assert item.sentences[lang] in first
        assert f'href="#f-{item.facet}-{item.body}-{item.measure}"' in first
    label = html.labels(lang)
    order = [label(f"page.{side}") for side in ("depends", "works_without", "context")]
    assert [first.index(f"<h2>{title}</h2>") for title in order] == sorted(
        first.index(f"<h2>{title}</h2>") for title in order
    )
    assert '<section id="seat">' in rest


def test_numbers_are_written_as_the_language_writes_them():
    english, chinese = page(), page(lang="zh")
    assert "$4.0 billion" in english
    assert "40亿美元" in chinese
    assert "95% interval 53% to 98%" in english
    assert "24 November 2026" in english
    assert "2026年11月24日" in chinese
    assert "20.004%" in english


@pytest.mark.parametrize("item", EXHIBITS, ids=lambda e: e.exhibit_id)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_exhibit_has_alt_text_a_table_and_a_csv_of_the_same_rows(item, lang):
    part = re.search(rf'<figure id="x-{item.exhibit_id}">.*?</figure>', page(lang=lang), re.S)[0]
    assert item.titles[lang] in part
    if item.exhibit_id != "trade":
        assert re.search(rf'aria-label="[^"]*{item.titles[lang]}', part)
    table = re.search(r"<tbody>(.*?)</tbody>", part, re.S)[1]
    n = sum(len(row.get("steps", [row])) for row in item.rows)
    assert table.count("<tr>") == n
    link = re.search(r'download="([^"]+)" href="data:text/csv;charset=utf-8,([^"]*)"', part)
    assert link[1] == f"multipolar-AAA-{item.exhibit_id}-2026-11-24.csv"
    rows = list(csv.DictReader(io.StringIO(unquote(unescape(link[2])))))
    assert len(rows) == n


def test_csv_keeps_codes_and_leaves_empty_what_is_not_known():
    part = re.search(r'<figure id="x-funds">.*?</figure>', page(), re.S)[0]
    data = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', part)[1]
    rows = list(csv.DictReader(io.StringIO(unquote(unescape(data)))))
    assert rows[2]["stage"] == "paid"
    assert rows[2]["amount_usd"] == ""
    assert rows[0]["amount_usd"] == "3000000000.0"


def test_not_known_is_hatched_and_announced_is_not_drawn_as_attended():
    part = re.search(r'<figure id="x-attendance">.*?</figure>', page(), re.S)[0]
    assert 'fill="url(#h-strip-club-720)"' in part
    assert "minister (announced, not confirmed)" in part
    announced = re.search(r"<rect [^>]*>(?=<title>[^<]*announced, not confirmed)", part)[0]
    assert "stroke-dasharray" in announced


def test_a_scheduled_step_is_not_drawn_as_done():
    part = re.search(r'<figure id="x-exits">.*?</figure>', page(), re.S)[0]
    mark = re.search(r"<circle [^>]*>(?=<title>in effect, due 1 Feb 2027)", part)[0]
    assert "stroke-dasharray" in mark
    assert "Feb 2024" in part
    assert "1 Feb 2024" not in part, "a month is not written with a day"


def test_a_gap_in_the_shares_is_not_bridged():
    part = re.search(r'<figure id="x-shares">.*?</figure>', page(), re.S)[0]
    line = re.search(r'<path d="([^"]*)" class="sa"', part)[1]
    assert line.count("M") == 2


def test_an_empty_profile_says_so_and_tells_complete_from_not_covered():
    text = page(empty())
    seat = re.search(r'<section id="seat">.*?</section>', text, re.S)[0]
    assert seat.count("Not in the record.") == 2
    assert "no finding of this section could be drawn" in seat
    vetoes = re.search(r'<figure id="x-vetoes">.*?</figure>', text, re.S)[0]
    assert "None. The record is complete on this point." in vetoes


def test_texts_of_the_record_are_escaped():
    evil = finding("evil", "<script>alert(1)</script>", "count", "context", facet="seat")
    evil = replace(evil, sentences={"en": '<b>x</b> & "y"', "zh": "<b>甲</b>"})
    profile = replace(full(), findings=(evil,), headline=(evil,))
    text = page(profile)
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
    assert "A &lt;title&gt; &amp; more" in page()
    assert "A <tariff>" not in page()


def test_an_address_that_is_no_web_address_is_not_linked():
    sources = {"one": {**SOURCES["one"], "url": "javascript:alert(1)"}, "two": SOURCES["two"]}
    text = html.render(full(), Names(), sources, "en")
    assert "javascript:" not in text
    assert "First Press" in text


def test_sources_are_numbered_in_the_order_in_which_the_page_names_them():
    text = page()
    listed = re.search(r'<ol class="srcs">.*?</ol>', text, re.S)[0]
    assert listed.index('id="s1"') < listed.index("First Press") < listed.index('id="s2"')
    assert "read 23 November 2026" in listed
    assert "read November 2026" in listed


def test_a_source_that_the_record_lacks_stands_with_its_id():
    text = html.render(full(), Names(), {}, "en")
    assert re.search(r'<li id="s1">.*?one<br>', text, re.S)


def test_many_findings_are_folded_but_those_of_the_first_screen_stand_open():
    many = tuple(finding(f"m{n}", n, "count", "context") for n in range(12))
    profile = replace(full(), findings=many, headline=(many[11],))
    part = re.search(
        r'<div class="allf">.*?</section>', page(profile).split('id="purse"')[1], re.S
    )[0]
    shown, folded = part.split("<details>")
    assert 'id="f-purse-fund-m11"' in shown
    assert shown.count("<tr id=") == 6
    assert folded.count("<tr id=") == 6


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_chinese_page_holds_no_english_and_english_page_no_chinese(lang):
    read = Reader(page(lang=lang))
    text = " ".join(read.words)
    if lang == "en":
        assert re.findall(r"[\u4e00-\u9fff]+", text) == []
        return
    for known in (
        *(f"{s[key]}" for s in SOURCES.values() for key in ("publisher", "title")),
        *(e.exhibit_id for e in EXHIBITS),
        *(f.measure for f in full().findings),
        "multipolar data pull",
        "multipolar explain",
        "multipolar",
        "unga",
        "unsc",
        "ceb",
        "A/RES/1/1",
        "a new topic",
        "CSV",
        "HTML",
        "ISO",
        "ID",
        "AAA",
    ):
        text = text.replace(known, "")
    text = re.sub(r"\b(seat|nod|voice|purse|ties|record)/\s*fund/", "", text)
    text = re.sub(r"\S*/\S*@?\S*|assessed_|share|rescinded|veto|attended|unknown", "", text)
    assert re.findall(r"[A-Za-z]{3,}", text) == []


def test_every_state_is_shown_by_the_same_words():
    """Giving the focal state another name changes nothing but the name."""

    class Other(Names):
        def name(self, state_id, lang):
            return "Omegaland" if state_id == "AAA" else super().name(state_id, lang)

    renamed = replace(full(), names={"en": "Omegaland", "zh": "癸国"})
    other = html.render(renamed, Other(), SOURCES, "en")
    assert other.replace("Omegaland", "Alphaland") == page()
