"""Renders every output of one board into a folder; the caller publishes it."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from benchmart.garbage import uncollected
from site_builder.beside import beside
from site_builder.downloads import settle_downloads
from site_builder.errors import InvalidSite, OutputError
from site_builder.marts import Marts, board_of, read_marts
from site_builder.rendered import MANIFEST, made_of, manifest_of
from site_builder.scoreboard_toml import coefficients_toml, missing_toml, moment, scoreboard_toml
from site_builder.site import SiteWriter

SHOWN_FAULTS = 5
# Columns that hold the words of an upstream, or of a person who cited one.
UPSTREAM_TEXTS = {
    "metric_scores": ("label", "effort", "agent", "citation"),
    "score_changes": ("label_after",),
    "models": ("display_name", "vendor_name", "aliases"),
    "unmatched": ("label", "vendor_hint"),
    "excluded": ("label", "exclusion_reason"),
    "published_figures": ("label", "effort", "agent", "exclusion_reason"),
    "sources": ("name", "attribution", "licence", "problem"),
    "departures": ("reason", "evidence", "decided_by"),
    "snapshots": ("snapshot_date", "signed_by"),
    "score_history": ("label",),
    "run_configurations": ("nickname", "config", "pack", "model"),
    "run_medians": ("nickname", "config"),
    "run_deltas": ("nickname", "config"),
    "runs": (
        "nickname",
        "model",
        "config",
        "pack",
        "harness",
        "harness_version",
        "importer",
        "load_profile",
    ),
    "run_records": ("task",),
    "run_events": ("task", "grader", "grader_version", "actor", "reason"),
    "run_verdicts": ("origin", "importer", "nickname", "model", "config", "signed_by", "problem"),
    "run_contradictions": ("task", "nickname", "model", "config", "detail"),
    "run_adjudications": (
        "task",
        "nickname",
        "model",
        "config",
        "decided_by",
        "reason",
        "evidence",
    ),
    "run_exploits": (
        "task",
        "trigger_text",
        "grader_call",
        "found_by",
        "patched_in",
        "evidence",
    ),
    "run_cells": (
        "tui",
        "behavior_mode",
        "model",
        "task",
        "plugin_stack",
        "reproduce_command",
        "reproduce_gaps",
    ),
    "run_cell_fields": ("value",),
    "run_cell_coverage": ("tui", "behavior_mode", "model", "plugin_stack"),
}


@dataclass(frozen=True)
class RenderResult:
    """What was written: the board it shows, its pages, and all files, as paths below `out`.

    Folders of snapshots are not among them: they never change, and bring their own hashes.
    """

    board_id: str
    pages: tuple[str, ...]
    files: tuple[str, ...]


@uncollected()
def render(
    database: Path,
    out: Path,
    *,
    generator: str,
    with_site: bool = True,
    snapshots: Path | None = None,
) -> RenderResult:
    """Write the TOML files, the site and `board.json` into the new or empty folder `out`.

    The folders of `snapshots` that the warehouse knows are linked beside the pages.
    Same marts, same bytes. Raises MartsError without a warehouse, OutputError when `out` holds
    something, and InvalidSite when a page would load, link or name what it must not.
    """
    _refuse_used_folder(out)
    # Before anything is written: whether there is a warehouse, and a board in it.
    board_of(database)
    out.mkdir(parents=True, exist_ok=True)
    site = out / "site"
    faults: list[str] = []
    with beside(database, site) if with_site else nullcontext() as other:
        marts = read_marts(database)
        texts = {
            "scoreboard.toml": scoreboard_toml(marts, generator=generator),
            "missing.toml": missing_toml(marts),
            "coefficients.toml": coefficients_toml(marts),
        }
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
        if other is not None:
            writer = SiteWriter.of(marts, site, generator=generator, snapshots=snapshots)
            other.look_for(upstream_texts(marts))
            for page in writer.write_pages():
                other.look_at(page)
            other.await_copies()
            other.look_at(writer.write_data_page(settle_downloads(database, site)))
        board = marts.board
        manifest = manifest_of(
            out,
            board_id=board["board_id"],
            generated_at=moment(board["generated_at"]),
            made_of=made_of(board, generator=generator, snapshots=snapshots),
        )
        if other is not None:
            faults = other.faults()
    if faults:
        shown = "; ".join(faults[:SHOWN_FAULTS])
        raise InvalidSite(f"{len(faults)} faults in the rendered site: {shown}.")
    (out / MANIFEST).write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline=""
    )
    files = manifest["files"]
    return RenderResult(
        board_id=board["board_id"],
        pages=tuple(name for name in files if name.endswith(".html")),
        files=(*files, MANIFEST),
    )


def upstream_texts(marts: Marts) -> set[str]:
    """Every text of the marts that we did not write, and that no page may show as markup."""
    return {
        text
        for mart, columns in UPSTREAM_TEXTS.items()
        for row in getattr(marts, mart)
        for column in columns
        for text in (row[column] if isinstance(row[column], list) else [row[column]])
        if text
    }


def _refuse_used_folder(out: Path) -> None:
    # A file left by an earlier board would be listed in this one's manifest.
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out}: is not a new or empty folder. Name another one.")
