"""The report as Markdown, and as PDF."""

from __future__ import annotations

import builtins
import importlib
import re
from dataclasses import replace

import pytest
from report_profiles import EXHIBITS, SOURCES, Names, empty, full

from multipolar.errors import MissingExtra
from multipolar.report import html, markdown, pdf

SNAPSHOT = {
    "en": """# Alphaland and the multilateral system

**How much does the multilateral system depend on it, how is that changing, and what still works without it?**

As of 24 November 2026

## Evidence that the system depends on it

- Sentence on veto. (complete record) [1]
- Sentence on assessed_share. (complete record) [1]

## Evidence that it works without it

- Sentence on attended. (95% interval 53% to 98%; n = 8; complete record) [1]

## Context

- Sentence on rescinded. (partial record) [1, 2]

> Please note: A doubt.

## Seat

*Is it in, and does it come?*

### Title of exits

Per cent, 2020–2026

| Body | Step | Date | Status | UN system |
| --- | --- | --- | --- | --- |
| The Club | announced | 20 January 2024 | happened | yes |
| The Club | notified | February 2024 | happened | yes |
| The Club | in effect | 1 February 2027 | scheduled | yes |
| 5 bodies named on one list | announced | 7 January 2026 | happened | 3 yes, 2 no |
""",
    "zh": """# 甲国与多边体系

**多边体系在多大程度上依赖该国？这种依赖如何变化？没有该国，哪些部分仍能运转？**

截至2026年11月24日

## 显示多边体系依赖该国的证据

- 关于veto的结论。（记录完整） [1]
- 关于assessed_share的结论。（记录完整） [1]

## 显示没有该国仍能运转的证据

- 关于attended的结论。（95%区间：53%至98%；样本数8；记录完整） [1]

## 背景

- 关于rescinded的结论。（记录不完整） [1, 2]

> 请注意：存疑。

## 席位

*该国是否为成员，是否出席？*

### exits的标题

百分比，2020—2026年

| 机构 | 步骤 | 日期 | 状态 | 联合国系统 |
| --- | --- | --- | --- | --- |
| 俱乐部 | 宣布 | 2024年1月20日 | 已发生 | 是 |
| 俱乐部 | 通知 | 2024年2月 | 已发生 | 是 |
| 俱乐部 | 生效 | 2027年2月1日 | 已排定 | 是 |
| 一份名单列出的5个机构 | 宣布 | 2026年1月7日 | 已发生 | 是3个，否2个 |
""",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_beginning_reads_as_it_should(lang):
    text = markdown.render(full(), Names(), SOURCES, lang)
    assert text[: len(SNAPSHOT[lang])] == SNAPSHOT[lang]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", [full, empty])
def test_every_table_row_has_as_many_cells_as_its_head(make, lang):
    width = None
    for line in markdown.render(make(), Names(), SOURCES, lang).splitlines():
        cells = len(re.split(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert cells == width or width is None or cells is None, line
        width = cells


def test_markdown_and_page_number_the_same_first_sources():
    text = markdown.render(full(), Names(), SOURCES, "en")
    assert "1. First Press, A <title> & more, https://example.org/a?b=1&c=2" in text
    assert "2. Second Press" in text


def test_a_bar_in_a_text_does_not_break_the_table():
    trade = next(e for e in EXHIBITS if e.exhibit_id == "trade")
    trade = replace(trade, rows=[{**trade.rows[0], "text_en": "one | two"}])
    text = markdown.render(replace(full(), exhibits=(trade,)), Names(), SOURCES, "en")
    assert "one \\| two" in text


def test_pdf_without_its_extra_is_refused_in_one_line(monkeypatch):
    def refuse(name, *args, **kwargs):
        if name == "weasyprint":
            raise ImportError(name)
        return importlib.__import__(name, *args, **kwargs)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(MissingExtra, match="PDF needs WeasyPrint") as caught:
        pdf.render("<html></html>")
    assert "\n" not in str(caught.value)
    assert builtins.__import__ is not refuse


def test_chinese_pdf_without_a_chinese_font_is_refused(monkeypatch):
    pytest.importorskip("weasyprint", reason="the pdf extra is not installed")
    monkeypatch.setattr(pdf, "_has_glyphs", lambda module, text: False)
    text = html.render(empty(), Names(), SOURCES, "zh")
    with pytest.raises(pdf.MissingFont, match="no installed font has Chinese characters"):
        pdf.render(text)


def test_characters_without_a_glyph_are_noticed():
    weasyprint = pytest.importorskip("weasyprint", reason="the pdf extra is not installed")
    assert pdf._has_glyphs(weasyprint, "plain")
    assert not pdf._has_glyphs(weasyprint, "\ue123"), "a private character has no glyph"


@pytest.mark.slow
def test_pdf_of_a_page_is_a_pdf():
    pytest.importorskip("weasyprint", reason="the pdf extra is not installed")
    assert pdf.render(html.render(full(), Names(), SOURCES, "en")).startswith(b"%PDF-")
