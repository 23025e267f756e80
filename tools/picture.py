"""Take the picture of the README: the first screen of a report in a real browser.

``python tools/picture.py [STATE] [FILE.png]`` needs playwright and Chromium; fails above 300 KB.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
SIZE = {"width": 1280, "height": 1220}
LIMIT = 300_000


def main(arguments: list[str]) -> int:
    """Write the picture and say how large it is."""
    from playwright.sync_api import sync_playwright

    import multipolar as mp

    state = arguments[0] if arguments else "USA"
    target = Path(arguments[1]) if len(arguments) > 1 else ROOT / "docs/report.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        mp.report(mp.open(), state).save(page)
        with sync_playwright() as play:
            found = shutil.which("chromium") or shutil.which("google-chrome")
            browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
            view = browser.new_page(viewport=SIZE, color_scheme="light")
            view.goto(page.as_uri())
            view.screenshot(path=str(target))
            browser.close()
    _shrink(target)
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT) if target.is_relative_to(ROOT) else target}: {size:,} bytes")
    return 0 if size <= LIMIT else 1


def _shrink(path: Path) -> None:
    """Reduce the picture to 64 colours, where Pillow is there."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
