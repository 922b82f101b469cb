"""Bodies in the shape of each upstream that break its contract in one way."""

import copy
import csv
import io

from loaders.registry import SOURCES, sources
from tests.loaders.conftest import body_of
from tests.loaders.test_hostile_payloads import document_of

# Where the rows lie in what document_of gives, and the figure that the contract is about.
ROWS_AT = {
    "openrouter": ("data",),
    "artificial_analysis": ("data",),
    "livecodebench": ("performances",),
    "gso": ("models",),
    "sonar": ("models",),
    "arc_agi": ("evaluations",),
}
FIGURE = {
    "openrouter": ("pricing", "prompt"),
    "lmarena": ("rating",),
    "artificial_analysis": ("evaluations", "gpqa"),
    "swebench": ("resolved",),
    "swerebench": ("rangeStats",),
    "livecodebench": ("pass@1",),
    "terminal_bench": ("accuracy",),
    "terminal_bench_2_1": ("accuracy",),
    "gso": ("score_hack_control",),
    "sonar": ("functionalSkill",),
    "bfcl": ("Overall Acc",),
}
# A field that every usable row needs; by default the figure itself.
NEEDED = {"openrouter": "id", "artificial_analysis": "evaluations", "sonar": "name"}
# What tells the version of the answer, where an upstream says one.
MARKERS = {
    "artificial_analysis": (b'"status":200', b'"status":429'),
    "swebench": (b'"name":"Verified"', b'"name":"Verified 2"'),
    "swebench_pro": (b"swe_bench_pro_public", b"swe_bench_pro_private"),
    "sweatlas_qna": (b"sweatlas-qna", b"sweatlas-tw"),
    "sweatlas_test_writing": (b"sweatlas-tw", b"sweatlas-qna"),
    "sweatlas_refactoring": (b"sweatlas-refactoring", b"sweatlas-qna"),
    "mcp_atlas": (b"leaderboard/mcp_atlas", b"leaderboard/mcp_atlas_2"),
    "hil_bench": (b"<title>HiL", b"<title>LoH"),
    "gso": (b"Opt@1", b"Opt@2"),
    "terminal_bench": (b"terminal-bench/2.0", b"terminal-bench/3.0"),
    "terminal_bench_2_1": (b"terminal-bench/2.1", b"terminal-bench/3.1"),
    "arc_agi": (b"v2_Semi_Private", b"v9_Semi_Private"),
}
CONTAINERS = {
    "openrouter": "data",
    "artificial_analysis": "data",
    "swebench": "leaderboards",
    "swerebench": "items",
    "livecodebench": "performances",
    "gso": "models",
    "terminal_bench": "rows",
    "terminal_bench_2_1": "rows",
    "sonar": "models",
}


def lists_of_rows(source_key, document):
    """Every list of rows of a document, to be changed in place."""
    if source_key == "lmarena":
        return [page["rows"] for pages in document["configs"].values() for page in pages]
    if source_key == "swebench":
        return [board["results"] for board in document["leaderboards"]]
    if isinstance(document, list):
        return [document]
    for step in ROWS_AT[source_key]:
        document = document[step]
    return [document]


def changed(source_key, change):
    """The recorded body with every list of rows put through `change`."""
    [source] = sources([source_key])
    if source.file.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(body_of(source_key).decode())))
        names = list(rows[0])
        kept = change(copy.deepcopy(rows))
        text = io.StringIO()
        writer = csv.DictWriter(text, list(kept[0]) if kept else names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        return text.getvalue().encode()
    document, rebuild = document_of(source)
    document = copy.deepcopy(document)
    for rows in lists_of_rows(source_key, document):
        inner = [row["row"] for row in rows] if source_key == "lmarena" else rows
        kept = change(inner)
        if source_key == "lmarena":
            kept = [{**rows[i], "row": row} for i, row in enumerate(kept)]
        rows[:] = kept
    if source_key == "lmarena":
        for pages in document["configs"].values():
            for ordinal, row in enumerate(row for page in pages for row in page["rows"]):
                row["row_idx"] = ordinal
    return rebuild(document)


def first_set_to(source_key, value):
    """The figure of the first row that has one set to a value."""
    path = FIGURE.get(source_key, ("score",))

    def change(rows):
        for row in rows:
            node = row
            for step in path[:-1]:
                node = node[step]
            if source_key == "swerebench":
                node = next(iter(row["rangeStats"]["all"].values()))
                node["resolvedRate"] = value
                break
            if node.get(path[-1]) is not None:
                node[path[-1]] = value
                break
        return rows

    return changed(source_key, change)


def renamed(source_key):
    name = NEEDED.get(source_key, FIGURE.get(source_key, ("score",))[-1])

    def change(rows):
        return [
            {("was_" + key if key == name else key): value for key, value in row.items()}
            for row in rows
        ]

    return changed(source_key, change)


def not_a_number(source_key):
    return first_set_to(source_key, "nan%" if source_key == "bfcl" else float("nan"))


def out_of_range(source_key):
    return first_set_to(source_key, {"bfcl": "177.47%", "openrouter": "9.5"}.get(source_key, 1e9))


def without_rows(source_key):
    return changed(source_key, lambda rows: [])


def forty_five_percent_fewer(source_key):
    return changed(source_key, lambda rows: rows[: int(len(rows) * 0.55)])


def without_container(source_key):
    name = CONTAINERS.get(source_key, "entries").encode()
    body = body_of(source_key)
    if source_key == "bfcl":
        return body.replace(b",Model,", b",Name,", 1)
    for quote in (b'"', b'\\"'):
        body = body.replace(quote + name + quote + b":", quote + b"elsewhere" + quote + b":")
    assert body != body_of(source_key), source_key
    return body


def of_another_version(source_key):
    old, new = MARKERS[source_key]
    body = body_of(source_key)
    assert old in body, (source_key, old)
    return body.replace(old, new)


assert {*CONTAINERS, *FIGURE, *MARKERS} <= {source.source_key for source in SOURCES}
