"""Marks: a small canvas that writes SVG with classes for the screen and plain colours for paper.

Every mark carries a class of `PAINT` (styled by the page, so it follows the theme) and the same
paint as presentation attributes (so that a PDF writer without the page's style shows it too).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape

WIDE, NARROW = 720, 328
"""Widths in which a chart is drawn; the page shows the one that fits."""

LIGHT = {
    "ink": "#1d2126",
    "muted": "#5f6872",
    "rule": "#d9dde1",
    "paper": "#ffffff",
    "accent": "#0072b2",
    "accent2": "#5aa5d3",
    "accent3": "#a9d0e8",
    "second": "#8f5a00",
    "grey1": "#6b747d",
    "grey2": "#a3abb3",
    "grey3": "#cfd4d9",
    "grey4": "#e9ecef",
}
DARK = {
    "ink": "#e8eaed",
    "muted": "#a4adb6",
    "rule": "#363d45",
    "paper": "#15181c",
    "accent": "#56b4e9",
    "accent2": "#3f86b0",
    "accent3": "#2b536c",
    "second": "#e69f00",
    "grey1": "#9aa3ab",
    "grey2": "#6d757d",
    "grey3": "#474f57",
    "grey4": "#2a3037",
}

PAINT: dict[str, dict[str, str]] = {
    "t": {"fill": "ink"},
    "m": {"fill": "muted"},
    "ta": {"fill": "accent"},
    "tb": {"fill": "second"},
    "a": {"fill": "accent"},
    "a2": {"fill": "accent2"},
    "a3": {"fill": "accent3"},
    "b": {"fill": "second"},
    "g1": {"fill": "grey1"},
    "g2": {"fill": "grey2"},
    "g3": {"fill": "grey3"},
    "g4": {"fill": "grey4"},
    "oa": {"fill": "paper", "stroke": "accent"},
    "og": {"fill": "paper", "stroke": "grey1"},
    "sa": {"fill": "none", "stroke": "accent"},
    "sb": {"fill": "none", "stroke": "second"},
    "sg": {"fill": "none", "stroke": "grey1"},
    "sl": {"fill": "none", "stroke": "rule"},
    "sk": {"fill": "none", "stroke": "ink"},
    "hs": {"fill": "none", "stroke": "grey2"},
}

_ATTRIBUTES = {
    name: f'class="{name}" '
    + " ".join(f'{prop}="{LIGHT.get(value, value)}"' for prop, value in paint.items())
    for name, paint in PAINT.items()
}


def paint_css() -> str:
    """Return the rules that tie the classes to the theme's variables."""
    rules = []
    for name, paint in PAINT.items():
        body = ";".join(f"{p}:{v if v == 'none' else f'var(--{v})'}" for p, v in paint.items())
        rules.append(f"svg .{name}{{{body}}}")
    return "".join(rules)


class Canvas:
    """A drawing of fixed user units, scaled by its viewBox.

    Parameters
    ----------
    uid : str
        Distinguishes this drawing from others on the page (for its hatch pattern).
    width : float
        User units across; the height is given when the drawing is finished.
    """

    __slots__ = ("_hatched", "_titled", "parts", "uid", "width")

    def __init__(self, uid: str, width: float) -> None:
        self.uid = f"h-{uid}-{width:g}"
        self.width = width
        self.parts: list[str] = []
        self._hatched = False
        self._titled = width > NARROW  # a small screen has no pointer to rest on a mark

    def group(self, title: str, first: int) -> None:
        """Put all marks from the part number ``first`` on under one title."""
        if self._titled:
            self.parts.insert(first, f"<g><title>{escape(title, False)}</title>")
            self.parts.append("</g>")

    def rect(
        self, x: float, y: float, w: float, h: float, paint: str, title: str = "", more: str = ""
    ) -> None:
        """Add a rectangle."""
        head = f'<rect x="{x:.4g}" y="{y:.5g}" width="{max(w, 0):.4g}" height="{max(h, 0):.4g}" '
        self._add(f"{head}{_ATTRIBUTES[paint]}{more}", "rect", title)

    def hatch(self, x: float, y: float, w: float, h: float, title: str = "") -> None:
        """Add a hatched rectangle: not known."""
        self._hatched = True
        head = f'<rect x="{x:.4g}" y="{y:.5g}" width="{w:.4g}" height="{h:.4g}" '
        self._add(f'{head}fill="url(#{self.uid})"', "rect", title)

    def line(self, x1: float, y1: float, x2: float, y2: float, paint: str, more: str = "") -> None:
        """Add a straight line."""
        self.parts.append(
            f'<line x1="{x1:.4g}" y1="{y1:.5g}" x2="{x2:.4g}" y2="{y2:.5g}" '
            f"{_ATTRIBUTES[paint]}{more}/>"
        )

    def circle(
        self, x: float, y: float, r: float, paint: str, title: str = "", more: str = ""
    ) -> None:
        """Add a circle."""
        head = f'<circle cx="{x:.4g}" cy="{y:.5g}" r="{r:.3g}" '
        self._add(f"{head}{_ATTRIBUTES[paint]}{more}", "circle", title)

    def path(self, d: str, paint: str, title: str = "", more: str = "") -> None:
        """Add a path."""
        self._add(f'<path d="{d}" {_ATTRIBUTES[paint]}{more}', "path", title)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        paint: str = "m",
        anchor: str = "start",
        size: float = 11,
        bold: bool = False,
    ) -> None:
        """Add one line of text; ``y`` is the baseline."""
        extra = "" if anchor == "start" else f' text-anchor="{anchor}"'
        extra += "" if size == 11 else f' font-size="{size:g}"'
        extra += ' font-weight="600"' if bold else ""
        head = f'<text x="{x:.4g}" y="{y:.5g}" {_ATTRIBUTES[paint]}{extra}>'
        self.parts.append(f"{head}{escape(text, False)}</text>")

    def svg(self, height: float, label: str, style: str = "") -> str:
        """Return the finished drawing; ``label`` is read aloud in its place."""
        defs = ""
        if self._hatched:
            defs = (
                f'<defs><pattern id="{self.uid}" width="5" height="5" '
                'patternUnits="userSpaceOnUse"><path d="M-1 1l2-2M0 5l5-5M4 6l2-2" '
                f'{_ATTRIBUTES["hs"]} stroke-width="1"/></pattern></defs>'
            )
        css = f' class="{style}"' if style else ""
        return (
            f'<svg{css} viewBox="0 0 {self.width:g} {height:.5g}" width="{self.width:g}" '
            f'height="{height:.5g}" role="img" aria-label="{escape(label)}" font-size="11">'
            f"{defs}{''.join(self.parts)}</svg>"
        )

    def _add(self, opened: str, tag: str, title: str) -> None:
        if title and self._titled:
            self.parts.append(f"{opened}><title>{escape(title, False)}</title></{tag}>")
        else:
            self.parts.append(f"{opened}/>")


def both(draw: Callable[[float], str]) -> str:
    """Return a drawing for wide and one for narrow screens; the page shows one of them."""
    return f'<div class="wide">{draw(WIDE)}</div><div class="narrow">{draw(NARROW)}</div>'


_NARROW_LETTERS = frozenset("iljtfrI.,:;'|!()[] ·-")
_WIDE_LETTERS = frozenset("mwMW%@—")


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = 11) -> float:
    """Return about how wide a text is in a common sans-serif face."""
    total = 0.0
    for letter in text:
        if letter > "\u2e80":
            total += 1.0
        elif letter in _NARROW_LETTERS:
            total += 0.33
        elif letter in _WIDE_LETTERS:
            total += 0.88
        else:
            total += 0.66 if letter.isupper() else 0.57
    return total * size


@lru_cache(maxsize=4096)
def wrap(text: str, width: float, size: float = 11, lines: int = 2) -> tuple[str, ...]:
    """Break a text into at most ``lines`` lines of a width; what does not fit ends in ``…``."""
    cjk = any(letter > "\u2e80" for letter in text)
    pieces = list(text) if cjk else [f"{word} " for word in text.split()]
    out: list[str] = []
    line = ""
    for piece in pieces:
        if line and text_width((line + piece).rstrip(), size) > width:
            out.append(line.rstrip())
            line = ""
        line += piece
    out.append(line.rstrip())
    if len(out) > lines:
        last = out[lines - 1]
        while last and text_width(f"{last}…", size) > width:
            last = last[:-1]
        out = [*out[: lines - 1], f"{last.rstrip()}…"]
    return tuple(out)


def stretched(
    parts: Sequence[tuple[float, float, str]], lines: Sequence[float] = (), width: str = ""
) -> str:
    """Return a bar that fills its box: (from, to, paint) in 0-1, and thin marks at ``lines``.

    ``width``, a CSS length, makes it fill only a part.
    """
    canvas = Canvas("bar", 100)
    for start, end, paint in parts:
        canvas.rect(start * 100, 0, (end - start) * 100, 10, paint)
    for at in lines:
        more = ' stroke-width="1.5" vector-effect="non-scaling-stroke"'
        canvas.line(at * 100, 0, at * 100, 10, "sk", more)
    style = f' style="width:{width}"' if width else ""
    return (
        f'<svg class="bar"{style} viewBox="0 0 100 10" preserveAspectRatio="none" '
        'aria-hidden="true">'
        f"{''.join(canvas.parts)}</svg>"
    )
