"""Writes the recordings from tables of published figures, in the upstreams' own shapes.

    python recordings/write.py --facts DIR

DIR holds one JSON file a source: `rows` with the figures as published, `recorded_on` and `url`.
Only the fields that the method reads are written; the same figures give the same bytes.
"""

import argparse
import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Facts = Mapping[str, Any]

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


def swebench_pro(facts: Facts) -> str:
    """A small page that streams the entries as the real one does."""
    return scale_page(
        facts, board="swe_bench_pro_public", title="SWE-Bench Pro (Public Dataset) Leaderboard"
    )


def scale_page(facts: Facts, *, board: str, title: str) -> str:
    """A page of one board; the first push ends inside a row, as pushes do."""
    entries = compact([{name: row[name] for name in ENTRY} for row in facts["rows"]])
    stream = (
        '5:["$","div",null,{"children":["$","$L6",null,'
        f'{{"entries":{entries},"colorConfig":{{"scheme":"$undefined"}},"bottomTableText":"$7"}}'
        "]}]\n"
    )
    boundary = stream.index('"score"', stream.index('"entries"')) + 3
    pushes = "\n".join(
        f"<script>self.__next_f.push([1,{_script_text(part)}])</script>"
        for part in (stream[:boundary], stream[boundary:])
    )
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<link rel="canonical" href="https://labs.scale.com/leaderboard/{board}"></head>\n'
        "<body><script>(self.__next_f=self.__next_f||[]).push([0])</script>\n"
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


WRITERS: dict[str, tuple[str, Callable[[Facts], str]]] = {
    "artificial_analysis": ("artificial_analysis_llms.json", artificial_analysis),
    "bfcl": ("bfcl.csv", bfcl),
    "openrouter": ("openrouter_models.json", openrouter),
    "swebench_pro": ("swebench_pro.html", swebench_pro),
}


def write(facts_folder: Path, target: Path) -> None:
    """Write every recording, and the index with the day that each one shows."""
    index = []
    for source_key, (file, writer) in sorted(WRITERS.items()):
        facts = json.loads((facts_folder / f"{source_key}.json").read_text(encoding="utf-8"))
        (target / file).write_text(writer(facts), encoding="utf-8", newline="")
        index.append(
            f"[{source_key}]\n"
            f'file = "{file}"\n'
            f'url = "{facts["url"]}"\n'
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
