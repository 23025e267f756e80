"""Publishers' datasets: where they live, how they are read, and how they come into the store."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import BadInput

if TYPE_CHECKING:
    from .source import Source

MODULES = {
    "unga": "unga",
    "unsc": "unsc",
    "unvotes": "unvotes",
    "voeten": "voeten",
    "vetoes": "vetoes",
    "igo": "igo",
    "scale-of-assessments": "scale",
    "ceb": "ceb",
    "upr": "upr",
    "cop": "cop",
    "paris": "paris",
    "imf": "imf",
    "g20": "g20",
    "ungd": "ungd",
    "atop": "atop",
    "trade": "trade",
    "desta": "desta",
    "voteview": "voteview",
}
"""Dataset names and the module that reads each."""


def load_source(name: str) -> Source:
    """Return the description of a dataset.

    Raises
    ------
    BadInput
        There is no dataset of this name; the nearest are named.
    """
    slug = name.strip().lower().replace("_", "-")
    if slug not in MODULES:
        from difflib import get_close_matches

        near = get_close_matches(slug, MODULES, n=3)
        known = ", ".join(near or MODULES)
        raise BadInput(
            f"there is no dataset {name!r}.",
            hint=f"{'Nearest' if near else 'There are'}: {known}.",
            candidates=near,
        )
    source: Source = import_module(f".{MODULES[slug]}", __name__).SOURCE
    return source
