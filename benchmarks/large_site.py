"""A board of two thousand models: how long its site takes, and its script when a visitor sorts.

The models are those of the built warehouse many times over, under other names.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
from playwright.sync_api import Page, sync_playwright

from site_builder.render import render

PROJECT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Rows that are about one model, and what makes those of a copy its own.
COPIED = """
select table_name from duckdb_columns()
where schema_name = 'marts' and column_name = 'model_id' and table_name not like 'audit_%'
"""
# From the event to the frame after which the visitor sees the change.
TIMED = """(act) => new Promise((done) => {
  const button = (key) => document.querySelector(`th[data-key="${key}"] button`);
  const search = document.querySelector("input[type=search]");
  const start = performance.now();
  if (act.sort) button(act.sort).click();
  else { search.value = act.search; search.dispatchEvent(new Event("input", { bubbles: true })); }
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def enlarge(database: Path, models: int) -> None:
    """Copy every model of a warehouse until it has as many. Pairs of copies are left out."""
    with duckdb.connect(str(database)) as connection:
        tables = [name for (name,) in connection.execute(COPIED).fetchall()]
        found = connection.execute("select count(*) from marts.dim_models").fetchone()
        times = -(-models // (found or (1,))[0])
        for table in tables:
            if table == "fct_ability_pairs":
                continue
            named = ", display_name || ' ' || copy as display_name" if table == "dim_models" else ""
            connection.execute(
                f"insert into marts.{table} select * exclude (copy)"
                f" replace (model_id || '-' || copy as model_id{named})"
                f" from marts.{table}, range(1, {times}) as copies (copy)"
                " where model_id is not null"
            )
        connection.execute(f"update marts.board set model_count = {times * (found or (1,))[0]}")
        connection.execute("checkpoint")


def process_times() -> tuple[float, float]:
    """Seconds of the processor that this process took so far, and its children that ended."""
    times = os.times()
    return times.user + times.system, times.children_user + times.children_system


def wait_of(page: Page, **act: str) -> float:
    """Milliseconds from a click or a letter to the next frame; the median of five."""
    times = sorted(page.evaluate(TIMED, act) for _ in range(5))
    return float(times[2])


def main() -> None:
    """Print what rendering takes, then what a visitor waits for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=PROJECT / "warehouse/benchmart.duckdb")
    parser.add_argument("--models", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database, out = Path(folder) / "large.duckdb", Path(folder) / "out"
        shutil.copyfile(given.database, database)
        enlarge(database, given.models)
        start, used = time.perf_counter(), process_times()
        render(database, out, generator="benchmart")
        print(f"site of {given.models} models: {time.perf_counter() - start:.1f} s")
        own, other = (after - before for before, after in zip(used, process_times(), strict=True))
        print(f"of the processor: {own:.1f} s rendering, {other:.1f} s copying and checking beside")
        site = out / "site"
        print(f"board page: {(site / 'index.html').stat().st_size / 1e6:.1f} MB")
        if CHROMIUM is None:
            print("chromium is not installed: nothing was clicked")
            return
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            start = time.perf_counter()
            page.goto((site / "index.html").as_uri())
            print(f"opened after {time.perf_counter() - start:.1f} s")
            for act in ({"sort": "price"}, {"sort": "name"}, {"search": "opus"}, {"search": ""}):
                [(kind, what)] = act.items()
                print(f"{kind} {what!r}: {wait_of(page, **act):.0f} ms")
            browser.close()


if __name__ == "__main__":
    main()
