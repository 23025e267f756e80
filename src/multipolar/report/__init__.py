"""A profile shown: one self-contained page, in HTML, Markdown or PDF. Nothing is computed here."""
