"""The triage report: names that no model answers to, and what each model lacks where."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from site_builder.marts import read_tables
from site_builder.scoreboard_toml import moment, to_toml

NEVER = "1970-01-01T00:00:00Z"
TABLES = {
    "sources": (
        "dim_sources where source_key <> 'overrides' and fetched_at is not null",
        "source_key, n_rows_ingested, n_rows_matched, fetched_at",
        "source_key",
    ),
    "names": (
        "audit_unmatched_names",
        "source_key, normalized_name, example_name, vendor_hint, row_count, sample_fields",
        "row_count desc, normalized_name, normalized_vendor",
    ),
    "gaps": (
        "audit_gaps inner join marts.dim_models using (model_id)",
        "model_id, display_name, source_key, is_cap_blocked, candidates, candidate_overlaps",
        "model_id, source_key",
    ),
    "blocked": ("audit_blocked_fills", "model_id, metric_key", "model_id, metric_key"),
}


def triage_toml(database: Path, *, generator: str, min_count: int) -> str:
    """The report as TOML, names on fewer than `min_count` rows left out. Raises MartsError."""
    tables = read_tables(database, TABLES)
    names: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables["names"]:
        if row["row_count"] >= min_count:
            names[row["source_key"]].append(_name(row))
    gaps: dict[str, dict[str, Any]] = {}
    for row in tables["gaps"]:
        model = gaps.setdefault(
            row["model_id"], {"display_name": row["display_name"], "missing_at": []}
        )
        model["missing_at"].append(_gap(row))
    fetched = {row["source_key"]: moment(row["fetched_at"]) for row in tables["sources"]}
    return to_toml(
        {
            "generated_at": max(fetched.values(), default=NEVER),
            "generator": generator,
            "provenance": fetched,
            "summary": {
                "total_unmatched_groups": sum(len(group) for group in names.values()),
                "total_synthesis_gaps": len(gaps),
                "total_cap_blocked": len(tables["blocked"]),
            },
            "sources": {
                row["source_key"]: {
                    "ingested": row["n_rows_ingested"],
                    "matched": row["n_rows_matched"],
                    "unmatched_groups": len(names[row["source_key"]]),
                    "unmatched": names[row["source_key"]],
                }
                for row in tables["sources"]
            },
            "gaps": gaps,
        }
    )


def _name(row: dict[str, Any]) -> dict[str, Any]:
    fields = json.loads(row["sample_fields"] or "{}")
    return {
        "normalized": row["normalized_name"],
        "example_name": row["example_name"],
        "vendor_hint": row["vendor_hint"] or "",
        "count": row["row_count"],
        "sample_fields": {
            name: json.dumps(value, ensure_ascii=False) for name, value in fields.items()
        },
    }


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": row["source_key"],
        "cap_blocked": row["is_cap_blocked"],
        "candidates": [
            {"canonical_id": model_id, "overlap": round(overlap, 2), "present_at_source": True}
            for model_id, overlap in zip(row["candidates"], row["candidate_overlaps"], strict=True)
        ],
    }
