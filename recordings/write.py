"""Writes the recordings from tables of published figures, in the upstreams' own shapes.

    python recordings/write.py --facts DIR

DIR holds one JSON file a source: `rows` with the figures as published, `recorded_on` and `url`.
Older figures stand in a folder of their day, those of GSO in `gso_history`; each day of OLDER
becomes a folder with an index of its own. Only the fields that the method reads are written; the
same figures give the same bytes.
"""

import argparse
import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Facts = Mapping[str, Any]
Writer = Callable[[Facts], str]

OPENROUTER = ("id", "canonical_slug", "name", "context_length", "supported_parameters")
EVALUATIONS = (
    "artificial_analysis_intelligence_index",
    "artificial_analysis_coding_index",
    "artificial_analysis_math_index",
    "mmlu_pro",
    "gpqa",
    "hle",
    "livecodebench",
    "scicode",
    "aime_25",
    "ifbench",
    "lcr",
    "terminalbench_hard",
    "tau2",
)
PRICES = ("price_1m_blended_3_to_1", "price_1m_input_tokens", "price_1m_output_tokens")
ENTRY = (
    "model",
    "version",
    "rank",
    "score",
    "confidenceInterval_upper",
    "contaminationMessage",
    "company",
    "isNew",
    "new",
    "createdAt",
    "deprecated",
    "maxScore",
)


def compact(value: object) -> str:
    """JSON without blanks, as the upstreams send it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row_a_line(rows: list[Any]) -> str:
    """A JSON list with one row a line, so that a change of a recording can be read."""
    return "[\n" + ",\n".join(compact(row) for row in rows) + "\n]"


def openrouter(facts: Facts) -> str:
    """The catalogue with names, prices and windows."""
    rows = [
        {name: row[name] for name in OPENROUTER}
        | {
            "pricing": {name: row["pricing"][name] for name in ("prompt", "completion")},
            "top_provider": {
                name: row["top_provider"][name]
                for name in ("context_length", "max_completion_tokens")
            },
        }
        for row in facts["rows"]
    ]
    return '{"data":' + row_a_line(rows) + "}\n"


def artificial_analysis(facts: Facts) -> str:
    """The variants with evaluations, prices and speeds."""
    rows = [
        {name: row[name] for name in ("id", "name", "slug", "release_date")}
        | {
            "model_creator": {"name": row["model_creator"]["name"]},
            "evaluations": {name: row["evaluations"][name] for name in EVALUATIONS},
            "pricing": {name: row["pricing"][name] for name in PRICES},
            "median_output_tokens_per_second": row["median_output_tokens_per_second"],
            "median_time_to_first_token_seconds": row["median_time_to_first_token_seconds"],
        }
        for row in facts["rows"]
    ]
    return '{"status":200,"data":' + row_a_line(rows) + "}\n"


def scale(board: str, title: str) -> Writer:
    """A page of one Scale leaderboard; the first push ends inside a row, as pushes do."""

    def page(facts: Facts) -> str:
        top = max(row["score"] + _half_width(row) for row in facts["rows"])
        entries = compact([_scale_entry(row, axis=round(1.03 * top, 4)) for row in facts["rows"]])
        return streaming_page(
            '5:["$","div",null,{"children":["$","$L6",null,'
            f'{{"entries":{entries},"colorConfig":{{"scheme":"$undefined"}},'
            '"bottomTableText":"$7"}]}]\n',
            split_at='"score"',
            title=title,
            link=f"https://labs.scale.com/leaderboard/{board}",
        )

    return page


def _half_width(row: Facts) -> float:
    half_width: float = row.get("ci_halfwidth", row.get("confidenceInterval_upper"))
    return half_width


def _scale_entry(row: Facts, axis: float) -> Facts:
    """One entry with the page's twelve keys, whichever of the two tables it comes from."""
    if "ci_halfwidth" not in row:
        return {name: row[name] for name in ENTRY}
    known = {
        **row,
        "version": "",
        "confidenceInterval_upper": row["ci_halfwidth"],
        "contaminationMessage": "",
        "isNew": row["is_new"],
        "new": row["is_new"],
        "createdAt": row["created_at"],
        "deprecated": False,
        "maxScore": axis,
    }
    return {name: known[name] for name in ENTRY}


def streaming_page(
    stream: str, *, split_at: str, title: str, link: str = "", body: str = ""
) -> str:
    """A small page that streams its rows in two pushes, split inside the first row."""
    boundary = stream.index(split_at) + len(split_at) // 2
    pushes = "\n".join(
        f"<script>self.__next_f.push([1,{_script_text(part)}])</script>"
        for part in (stream[:boundary], stream[boundary:])
    )
    canonical = f'\n<link rel="canonical" href="{link}">' if link else ""
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>{canonical}</head>\n'
        f"<body>{body}<script>(self.__next_f=self.__next_f||[]).push([0])</script>\n"
        f"{pushes}\n</body></html>\n"
    )


def _script_text(text: str) -> str:
    """A string literal that cannot end the script it stands in."""
    escaped = json.dumps(text, ensure_ascii=False)
    return escaped.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def bfcl(facts: Facts) -> str:
    """The CSV file, cells as they are."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, facts["columns"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(facts["rows"])
    return text.getvalue()


ARENA = (
    "model_name",
    "organization",
    "license",
    "rating",
    "rating_lower",
    "rating_upper",
    "vote_count",
    "rank",
    "category",
    "leaderboard_publish_date",
)
ARENA_PAGE = 100


def lmarena(facts: Facts) -> str:
    """The pages of each part of the dataset, a hundred rows each."""
    parts: dict[str, list[str]] = {}
    for config in dict.fromkeys(row["config"] for row in facts["rows"]):
        rows = [
            {"row_idx": index, "row": {name: row[name] for name in ARENA}, "truncated_cells": []}
            for index, row in enumerate(r for r in facts["rows"] if r["config"] == config)
        ]
        parts[config] = [
            f'{{"features":[],"rows":{row_a_line(rows[start : start + ARENA_PAGE])},'
            f'"num_rows_total":{len(rows)},"num_rows_per_page":{ARENA_PAGE},"partial":false}}'
            for start in range(0, len(rows), ARENA_PAGE)
        ]
    configs = ",\n".join(f'"{config}":[{",".join(pages)}]' for config, pages in parts.items())
    dataset = "lmarena-ai/leaderboard-dataset"
    return f'{{"dataset":"{dataset}","split":"latest","configs":{{{configs}}}}}\n'


BOARD_ROW = (
    "name",
    "folder",
    "date",
    "resolved",
    "cost",
    "instance_cost",
    "instance_calls",
    "checked",
    "os_model",
    "os_system",
    "site",
)


def swebench(facts: Facts) -> str:
    """The three boards, rows in the order of the page."""
    boards = []
    for board in ("Verified", "Multilingual", "bash-only"):
        rows = sorted(
            (row for row in facts["rows"] if row["board"] == board),
            key=lambda row: (row["order"] is None, row["order"]),
        )
        results = row_a_line([_swebench_row(row) for row in rows])
        boards.append(f'{{"name":"{board}","results":{results}}}')
    return '{"leaderboards":[' + ",\n".join(boards) + "]}\n"


def _swebench_row(row: Facts) -> Facts:
    written = {name: row[name] for name in BOARD_ROW if name in row}
    written["tags"] = [f"{kind}: {text}" for kind, texts in row["tags"].items() for text in texts]
    if "mini_swe_agent_version" in row:
        written["mini-swe-agent_version"] = row["mini_swe_agent_version"]
    return written | {"warning": None}


def swerebench(facts: Facts) -> str:
    """A page that streams one item an entry, with a figure for each span of tasks."""
    items = compact([_swerebench_item(row) for row in facts["rows"]])
    return streaming_page(
        f'4:["$","$L5",null,{{"items":{items},"locale":"en"}}]\n',
        split_at='"modelName"',
        title="SWE-rebench Leaderboard",
    )


def _swerebench_item(row: Facts) -> Facts:
    day = row["release_date"]
    return {
        "modelId": f"{row['model']}__{row['mode']}",
        "modelName": row["model"],
        "release": {"timestamp": day and milliseconds(day), "date": day},
        "taskRangeTimestamp": row["task_range"],
        "agentVersion": row["mode"],
        "meta": {"instance_type": row["instance_type"]},
        "rangeStats": {
            "all": {
                f"{span['from']}:{span['to']}": {
                    "resolvedRate": span["resolved_rate"],
                    "sem": span.get("sem"),
                    "passN": span["pass5"],
                    "instanceCosts": span.get("cost_per_problem"),
                    "totalTokenUsage": span.get("tokens_per_problem"),
                    "cachedTokenPercentage": None,
                }
                for span in row["ranges"]
            }
        },
    }


def milliseconds(day: str) -> int:
    """Unix milliseconds of the start of a UTC day."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000)


def livecodebench(facts: Facts) -> str:
    """Models, and one performance a model that holds its mean over all problems."""
    last_problem = milliseconds(facts["period"]["last_problem"])
    models = [
        {
            "model_name": row["model_name"],
            "model_repr": row["model"],
            "model_style": row["model_style"],
            "release_date": row["release_date_ms"],
            "link": row["link"],
        }
        for row in facts["rows"]
    ]
    performances = [
        {
            "question_id": "all",
            "model": row["model"],
            "date": last_problem,
            "difficulty": None,
            "pass@1": row["pass1_mean"],
            "platform": None,
        }
        for row in facts["rows"]
    ]
    return (
        f'{{"performances":{row_a_line(performances)},\n"models":{row_a_line(models)},'
        '\n"date_marks":[]}\n'
    )


def gso(facts: Facts) -> str:
    """The list of runs as it is."""
    return f'{{"metadata":{compact(facts["metadata"])},"models":{row_a_line(facts["rows"])}}}\n'


TERMINAL_RENAMED = {
    "agent_organization": "agentOrganization",
    "model_organization": "modelOrganization",
    "integration_method": "integrationMethod",
    "agent_name": "agentName",
    "agent_version": "agentVersion",
    "model_names": "modelNames",
    "model_providers": "modelProviders",
}


def terminal_bench(version: str) -> Writer:
    """A page that streams the runs of one version, and says how many it shows."""

    def page(facts: Facts) -> str:
        rows = [
            {TERMINAL_RENAMED.get(name, name): value for name, value in row.items()}
            for row in facts["rows"]
        ]
        for row in rows:
            row.setdefault("key", f"{row['agent']}__{','.join(row['model'])}".lower())
        return streaming_page(
            f'1e:["$","$L2b",null,{{"rows":{compact(rows)},"className":"-mx-4",'
            f'"name":"terminal-bench","version":"{version}"}}]\n',
            split_at='"accuracy"',
            title="Terminal-Bench",
            body=f"<p>Showing <!-- -->{len(rows)}<!-- --> entries</p>",
        )

    return page


SONAR = (
    "id",
    "name",
    "organization",
    "releaseDate",
    "functionalSkill",
    "issueDensity",
    "bugDensityPerKloc",
    "vulnerabilityDensityPerKloc",
)


def sonar(facts: Facts) -> str:
    """The flat list of models."""
    rows = [{name: row[name] for name in SONAR if name in row} for row in facts["rows"]]
    return f'{{"date":{compact(facts["date"])},"models":{row_a_line(rows)}}}\n'


def arc_agi(facts: Facts) -> str:
    """Both files of the site in one: models, and their evaluations."""
    models, evaluations = row_a_line(facts["models"]), row_a_line(facts["rows"])
    return f'{{"models":{models},\n"evaluations":{evaluations}}}\n'


# ARC Prize: rows of two files in one, the address of the one that holds the figures. GSO: its older
# figures name none, and its address was always this one.
URLS = {
    "arc_agi": "https://arcprize.org/media/data/evaluations.json",
    "gso": "https://gso-bench.github.io/assets/leaderboard.json",
}
# Day: where the figures of each source lie that are recorded again for it. A board that was
# recorded on that day or before is not repeated.
OLDER = {
    "2026-04-28": {
        "arc_agi": "2026-04-28/arc_agi.json",
        "gso": "gso_history/2026-04-27.json",
        "mcp_atlas": "2026-04-28/mcp_atlas.json",
        "openrouter": "2026-04-28/openrouter.json",
        "sonar": "2026-04-28/sonar.json",
        "swebench_pro": "2026-04-28/swebench_pro.json",
        "terminal_bench": "2026-04-28/terminal_bench.json",
    },
}
WRITERS: dict[str, tuple[str, Writer]] = {
    "arc_agi": ("arc_agi.json", arc_agi),
    "artificial_analysis": ("artificial_analysis_llms.json", artificial_analysis),
    "bfcl": ("bfcl.csv", bfcl),
    "gso": ("gso.json", gso),
    "hil_bench": ("hil_bench.html", scale("hil", "Scale Labs Leaderboard: HiL-Bench")),
    "livecodebench": ("livecodebench.json", livecodebench),
    "lmarena": ("lmarena_overall.json", lmarena),
    "mcp_atlas": ("mcp_atlas.html", scale("mcp_atlas", "Scale Labs Leaderboard: MCP Atlas")),
    "openrouter": ("openrouter_models.json", openrouter),
    "sonar": ("sonar.json", sonar),
    "sweatlas_qna": (
        "sweatlas_qna.html",
        scale("sweatlas-qna", "Scale Labs Leaderboard: SWE Atlas - Codebase QnA"),
    ),
    "sweatlas_refactoring": (
        "sweatlas_refactoring.html",
        scale("sweatlas-refactoring", "Scale Labs Leaderboard: SWE Atlas - Refactoring"),
    ),
    "sweatlas_test_writing": (
        "sweatlas_test_writing.html",
        scale("sweatlas-tw", "Scale Labs Leaderboard: SWE Atlas - Test Writing"),
    ),
    "swebench": ("swebench_leaderboards.json", swebench),
    "swebench_pro": (
        "swebench_pro.html",
        scale("swe_bench_pro_public", "SWE-Bench Pro (Public Dataset) Leaderboard"),
    ),
    "swerebench": ("swerebench.html", swerebench),
    "terminal_bench": ("terminal_bench.html", terminal_bench("2.0")),
    "terminal_bench_2_1": ("terminal_bench_2_1.html", terminal_bench("2.1")),
}


def write(facts_folder: Path, target: Path) -> None:
    """Write every bundled recording: the newest of each source, and a folder for each older day."""
    write_folder({key: facts_folder / f"{key}.json" for key in WRITERS}, target)
    for day, files in OLDER.items():
        write_folder({key: facts_folder / file for key, file in files.items()}, target / day)


def write_folder(facts_files: Mapping[str, Path], target: Path) -> None:
    """Write a recording of each source, and the index with the day that each one shows."""
    target.mkdir(parents=True, exist_ok=True)
    index = []
    for source_key, facts_file in sorted(facts_files.items()):
        file, writer = WRITERS[source_key]
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
        (target / file).write_text(writer(facts), encoding="utf-8", newline="")
        index.append(
            f"[{source_key}]\n"
            f'file = "{file}"\n'
            f'url = "{URLS.get(source_key) or facts["url"]}"\n'
            f"recorded_on = {facts['recorded_on']}\n"
            f"rows = {len(facts['rows'])}\n"
        )
    (target / "index.toml").write_text("\n".join(index), encoding="utf-8", newline="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=HERE)
    arguments = parser.parse_args()
    write(arguments.facts, arguments.target)
