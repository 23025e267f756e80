"""Workbooks and web pages: rows of cells, as stored."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import Any

from ..files import FREE, MOST_RATIO, RawFile
from ..source import bad


def read_workbook(raw: RawFile) -> dict[str, list[list[Any]]]:
    """Return the sheets of an ``.xlsx`` file by name: rows of cells, None where empty."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            total = sum(info.file_size for info in archive.infolist())
        if total > min(raw.limit, max(FREE, MOST_RATIO * len(raw.content))):
            raise bad(raw.name, "unpacks to more than a table would")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(raw.content), read_only=True, data_only=True, keep_links=False
            )
            return {
                sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
                for sheet in book.worksheets
            }
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError) as error:
        if type(error).__module__.startswith("multipolar"):
            raise
        raise bad(raw.name, f"is not a whole workbook: {error}") from None


def read_page_tables(raw: RawFile) -> list[list[list[str]]]:
    """Return the tables of a web page: rows of cells, white space folded, notes' marks kept."""
    from lxml import etree, html

    try:
        root = html.document_fromstring(raw.content)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise bad(raw.name, f"is not a web page: {error}") from None
    return [
        [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./td|./th")]
            for row in table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr")
        ]
        for table in root.xpath("//table")
    ]


def page_text(raw: RawFile) -> str:
    """Return the visible text of a web page, white space folded."""
    from lxml import html

    root = html.document_fromstring(raw.content)
    for gone in root.xpath("//script|//style"):
        gone.drop_tree()
    return " ".join(root.text_content().split())
