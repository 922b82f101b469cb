"""How long the site takes: rendered anew, and again without a change; in one process, best of N."""

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from site_builder.render import render
from site_builder.rendered import is_rendered

PROJECT = Path(__file__).resolve().parents[1]
GENERATOR = "benchmart"


def best(of: int, run: Callable[[], object]) -> tuple[float, float]:
    """The least wall time and the least processor time of some runs, seconds."""
    times = []
    for _ in range(of):
        wall, processor = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(wall for wall, _ in times), min(processor for _, processor in times)


def main() -> None:
    """Print a line for each, and how large what was written is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=PROJECT / "warehouse/benchmart.duckdb")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folders = (Path(folder) / str(number) for number in count())
        out = next(folders)

        def anew() -> None:
            nonlocal out
            out = next(folders)
            render(given.database, out, generator=GENERATOR)

        def again() -> None:
            unchanged = is_rendered(
                given.database, out, generator=GENERATOR, with_site=True, snapshots=None
            )
            assert unchanged, "nothing changed, and it would be rendered again"  # noqa: S101

        for name, run in (("anew", anew), ("again, unchanged", again)):
            wall, processor = best(given.times, run)
            print(f"{name:18} {wall:6.2f} s, of the processor {processor:6.2f} s")
        files = [path for path in out.rglob("*") if path.is_file()]
        pages = [path for path in files if path.suffix == ".html"]
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files)} files, {len(pages)} pages, {size / 1e6:.1f} MB")
        site = out / "site"
        board = [site / name for name in ("index.html", "site.css", "site.js", "icon.svg")]
        print(f"board page with its assets: {sum(p.stat().st_size for p in board) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
