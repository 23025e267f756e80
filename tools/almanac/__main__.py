"""Run the converters: ``python tools/almanac [--only NAME] [FACTS_DIR]``.

Prints how many rows of each fact file were kept, corrected, upgraded and left out, and every row that
was left out with its reason; fails when a row is unaccounted for.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from common import Build  # noqa: E402


def main(arguments: list[str]) -> int:
    """Convert all (or the one named) and print the account."""
    only = ""
    if arguments[:1] == ["--only"]:
        only, arguments = arguments[1], arguments[2:]
    facts = Path(arguments[0]) if arguments else HERE.parents[2] / "shared/facts"
    build = Build(facts)
    for path in sorted(HERE.glob("convert_*.py")):
        if only and path.stem != f"convert_{only}":
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.convert(build)
    missing = build.unaccounted()
    if missing:
        print("unaccounted:", *missing[:20], file=sys.stderr)
        return 1
    build.write()
    print(build.report())
    print()
    for (name, line), (what, why) in sorted(build.ledger.items()):
        if what != "kept":
            print(f"- {name}.csv:{line} {what}: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
