"""The report as PDF, printed from its HTML by WeasyPrint (an extra)."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from ..errors import MissingExtra, MultipolarError


class MissingFont(MultipolarError, RuntimeError):
    """A script that no installed font can write; a PDF would show empty boxes."""

    code = "missing_font"


def render(html: str) -> bytes:
    """Return a page of `multipolar.report.html` as PDF.

    Raises
    ------
    MissingExtra
        WeasyPrint, or a library that it needs, is not installed.
    MissingFont
        The page is Chinese and no installed font has Chinese characters.
    """
    weasyprint = _weasyprint()
    if '<html lang="zh' in html[:200] and not _has_glyphs(weasyprint, "国际组织审议决定"):
        raise MissingFont(
            "no installed font has Chinese characters.",
            hint="Install one, as Noto Sans CJK SC, or write HTML instead.",
        )
    document = weasyprint.HTML(string=html, url_fetcher=_refuse)
    return bytes(document.write_pdf())


def _weasyprint() -> Any:
    try:
        module = importlib.import_module("weasyprint")
    except (ImportError, OSError) as cause:
        raise MissingExtra(
            "PDF needs WeasyPrint, which is not installed or cannot find its libraries.",
            hint="Type: pip install 'multipolar[pdf]', or choose --format html.",
        ) from cause
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return module


def _refuse(url: str, *args: object, **kwargs: object) -> Any:
    """Refuse every address: the page holds all that it needs."""
    raise ValueError(f"the report asks for nothing from outside: {url}")


def _has_glyphs(weasyprint: Any, text: str) -> bool:
    """Return whether the fonts at hand have every character, by printing a line of it."""
    sample = f'<p lang="zh-Hans" style="font-family:sans-serif">{text}</p>'
    document = weasyprint.HTML(string=sample, url_fetcher=_refuse).render()
    document.write_pdf()
    return not any(font.missing for font in document.fonts.values())
