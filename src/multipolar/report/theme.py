"""The page's style and script, assembled once: variables of both themes, paints, and the sheet."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from .charts.svg import DARK, LIGHT, paint_css

PAGE = Path(__file__).parent / "page"

SANS = {
    "en": '-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",'
    '"Liberation Sans",Arial,sans-serif',
    "zh": '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",'
    '"Hiragino Sans GB","WenQuanYi Micro Hei",sans-serif',
}
SERIF = {
    "en": 'Georgia,"Source Serif 4","Noto Serif","Liberation Serif","Times New Roman",serif',
    "zh": '"Noto Serif CJK SC","Source Han Serif SC","Songti SC",SimSun,serif',
}


def _variables(theme: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in theme.items())


@cache
def css(lang: str) -> str:
    """Return the whole style sheet of a language."""
    light, dark = _variables(LIGHT), _variables(DARK)
    sheet = (PAGE / "style.css").read_text(encoding="utf-8").strip()
    return (
        f":root{{--sans:{SANS[lang]};--serif:{SERIF[lang]};{light};color-scheme:light}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{{dark};color-scheme:dark}}}}"
        f":root[data-theme=dark]{{{dark};color-scheme:dark}}"
        f"@media print{{:root,:root[data-theme],:root:not([data-theme=light])"
        f"{{{light};color-scheme:light}}}}"
        f"{paint_css()}{sheet}"
    )


@cache
def script() -> str:
    """Return the page's only script: theme switch and copying of the citation."""
    return (PAGE / "script.js").read_text(encoding="utf-8").strip()


@cache
def script_hash() -> str:
    """Return the hash by which the page's policy admits the script."""
    digest = hashlib.sha256(script().encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
