"""Fills the templates from the marts: selection and wording only, no arithmetic."""

import math
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from site_builder.errors import InvalidSite
from site_builder.marts import Marts, Row
from site_builder.moved import CAUSE_WORDS, what_moved
from site_builder.scoreboard_toml import moment
from site_builder.snapshot_files import is_day, link_snapshots
from site_builder.validity import Abilities, validity_of
from site_builder.wording import MARKS, NOBODY_SAID, figure, percent, rank_range, signed

HERE = Path(__file__).resolve().parent
PAGE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")
ROLE_NAMES = {"I_raw": "i", "P_raw": "p", "B_raw": "b", "R": "r"}
SCORE_COLUMNS = {"I_raw": "i_raw", "P_raw": "p_raw", "B_raw": "b_raw", "R": "r"}
STATUSES = {
    "verified": "fresh",
    "recorded": "recorded",
    "stale": "stale",
    "degraded": "partial",
    "skipped": "not connected",
    "failed": "failed",
}
STANDINGS = {
    "attested": ("Attested", "Anyone can check it from the published files."),
    "asserted": ("Asserted", "Somebody says it, and it is repeated here."),
    "not_covered": ("Not covered", "Nobody vouches for it."),
}
ONE_THING = {
    "payloads": "payload",
    "snapshots": "snapshot",
    "labels": "label",
    "models": "model",
    "figures": "figure",
}


def render_pages(
    marts: Marts, site: Path, *, generator: str, snapshots: Path | None = None
) -> None:
    """Write every page and the assets; the snapshots in a folder are linked beside them."""
    environment = _environment()
    site.mkdir(parents=True, exist_ok=True)
    downloads = {} if snapshots is None else link_snapshots(marts.snapshots, snapshots, site)
    abilities = Abilities.of(marts)
    shared = {
        **_shared(marts, generator),
        "moved": what_moved(marts),
        "causes": CAUSE_WORDS,
        "abilities": abilities,
    }
    pages: dict[str, dict[str, Any]] = {
        "index": _board(marts),
        "sources": {},
        "unmatched": {},
        "method": _method(marts),
        "validity": _validity(marts),
        "snapshots": {"downloads": downloads, "nobody_said": NOBODY_SAID},
        "provenance": _provenance(marts),
    }
    for name, values in pages.items():
        template = "board.html" if name == "index" else f"{name}.html"
        _write(environment, site, f"{name}.html", template, root="", **shared, **values)
    cells, groups, roles = _by_model(marts)
    weights = _metric_weights(marts)
    contributions = _contributions(marts)
    for model in marts.models:
        model_id = model["model_id"]
        _write(
            environment,
            site,
            f"m/{page_name(model_id)}.html",
            "model.html",
            root="../../",
            model=model,
            standing=marts.standing(model_id),
            cells=cells[model_id],
            evidence={cell["metric_key"]: cell["evidence_class"] for cell in cells[model_id]},
            contributions=contributions[model_id],
            group_scores=groups[model_id],
            role_scores=roles[model_id],
            ability=abilities.by_model.get(model_id),
            rivals=abilities.rivals(model_id),
            weights=weights,
            **shared,
        )
    for asset in sorted((HERE / "static").iterdir()):
        shutil.copyfile(asset, site / asset.name)


def page_name(model_id: str) -> str:
    """The path of a model's page; an id that could leave the folder is refused."""
    if not PAGE_NAME.fullmatch(model_id) or ".." in model_id:
        raise InvalidSite(
            f"seeds/identity/models.csv: the id {model_id!r} makes no address. "
            "Use vendor/model in lower case letters, digits, dots and hyphens."
        )
    return model_id


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        points=lambda value: f"{value:.0f}",
        decimal=lambda value: f"{value:.1f}",
        percent=percent,
        tenths=lambda share: f"{share * 100:.1f}%",
        hundredths=_hundredths,
        margin=_margin,
        ranks=_ranks,
        listed=_listed,
        weight=lambda value: f"{value:.10g}",
        price=_price,
        count=lambda value: f"{value:,.0f}" if value == 0 or value >= 1 else f"{value:.1g}",
        figure=figure,
        signed=lambda value: signed(value, on_page=True),
        step=_step,
        size=_size,
        counted=_counted,
        moment=moment,
        day=lambda value: f"{value:%Y-%m-%d}",
        age=_age,
        page=page_name,
        is_web=_is_web,
    )
    return environment


def _write(environment: Environment, site: Path, name: str, template: str, **values: Any) -> None:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = environment.get_template(template).render(**values)
    path.write_text(text, encoding="utf-8", newline="")


def _shared(marts: Marts, generator: str) -> dict[str, Any]:
    # Cited figures are kept by hand: they have no address, and are never fresh or late.
    met = Counter(source["status"] for source in marts.sources if source["url"] is not None)
    return {
        "marts": marts,
        "neutral_composites": _parameter(marts, "empty_composite") == "neutral",
        "board": marts.board,
        "generator": generator,
        "statuses": STATUSES,
        "status_counts": {words: met[status] for status, words in STATUSES.items() if met[status]},
        "marks": MARKS,
        "role_names": ROLE_NAMES,
        "models": {row["model_id"]: row for row in marts.models},
        "metrics": {row["metric_key"]: row for row in marts.metrics},
        "groups": {row["group_key"]: row for row in marts.groups},
        "roles": {row["role_key"]: row for row in marts.roles},
        "sources": {row["source_key"]: row for row in marts.sources},
        "troubled": [
            row
            for row in marts.sources
            if row["url"] is not None and row["status"] not in ("verified", "recorded")
        ],
        "credits": [row for row in marts.sources if row["n_rows_ingested"]],
        "firsts": _firsts(marts),
    }


def _parameter(marts: Marts, key: str) -> str:
    return next(
        str(row["parameter_value"]) for row in marts.parameters if row["parameter_key"] == key
    )


def _board(marts: Marts) -> dict[str, Any]:
    cells, groups, roles = _by_model(marts)
    firsts = _firsts(marts)
    places = {row["group_key"]: place for place, row in enumerate(marts.groups)}
    scored = {row["metric_key"] for row in marts.metrics if row["status"] == "scored"}
    models = {row["model_id"]: row for row in marts.models}
    rows: list[Row] = []
    for row in marts.scoreboard:
        model_id = row["model_id"]
        by_role = {role["role_key"]: role for role in roles[model_id]}
        missing = [
            cell["metric_key"]
            for cell in cells[model_id]
            if cell["evidence_class"] == "missing" and cell["metric_key"] in scored
        ]
        rows.append(
            {
                "model": models[model_id],
                "wide": row,
                "roles": by_role,
                "groups": sorted(groups[model_id], key=lambda row: places[row["group_key"]]),
                "missing": missing,
                # A first that all others can be told from needs no mark.
                "tied": [
                    name
                    for key, name in ROLE_NAMES.items()
                    if by_role[key]["is_tied_with_best"] and firsts[key]["others"]
                ],
            }
        )
    ranked = [row for row in rows if row["roles"]["B_raw"]["is_ranked"]]
    leaders = {role["role_key"]: _leaders(rows, role["role_key"]) for role in marts.roles}
    return {
        "ranked": ranked,
        "unranked": [row for row in rows if not row["roles"]["B_raw"]["is_ranked"]],
        "leaders": leaders,
        "vendors": sorted({(row["vendor"], row["vendor_name"]) for row in marts.models}),
    }


def _leaders(rows: list[Row], role_key: str) -> list[Row]:
    """Rows of the first three ranks of a role, best first; more where the third is shared."""
    ranked = [
        (row["roles"][role_key]["role_rank"], row["model"]["model_id"], row)
        for row in rows
        if row["roles"][role_key]["role_rank"] is not None
    ]
    return [row for rank, _, row in sorted(ranked, key=lambda item: item[:2]) if rank <= 3]


def _firsts(marts: Marts) -> dict[str, dict[str, list[Row]]]:
    """By role the rows that hold the first rank, and those that cannot be told from them."""
    found: dict[str, dict[str, list[Row]]] = {
        role["role_key"]: {"first": [], "others": []} for role in marts.roles
    }
    ranked = (row for row in marts.role_scores if row["role_rank"] is not None)
    for row in sorted(ranked, key=lambda row: (row["role_rank"], row["model_id"])):
        if row["role_rank"] == 1:
            found[row["role_key"]]["first"].append(row)
        elif row["is_tied_with_best"]:
            found[row["role_key"]]["others"].append(row)
    return found


def _validity(marts: Marts) -> dict[str, Any]:
    by_model: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in marts.role_scores:
        by_model[row["model_id"]][row["role_key"]] = row
    standing = [row["model_id"] for row in marts.scoreboard]
    return {
        "validity": validity_of(marts),
        "shares": [(model_id, by_model[model_id]) for model_id in standing],
        "unseen": [
            model_id
            for model_id in standing
            if all(row["missing_weight_share"] == 1 for row in by_model[model_id].values())
        ],
    }


def _method(marts: Marts) -> dict[str, Any]:
    sets: dict[str, dict[str, list[Row]]] = {"role": {}, "group": {}, "composite": {}}
    for row in marts.weights:
        sets[row["level"]].setdefault(row["parent_key"], []).append(row)
    for inputs in (inputs for level in sets.values() for inputs in level.values()):
        inputs.sort(key=lambda row: (-row["weight"], row["input_key"]))
    return {"sets": sets}


def _provenance(marts: Marts) -> dict[str, Any]:
    claims: dict[str, list[Row]] = {standing: [] for standing in STANDINGS}
    for row in marts.claims:
        claims[row["standing"]].append(row)
    days = [row["snapshot_date"] for row in marts.snapshots if is_day(row["snapshot_date"])]
    return {"standings": STANDINGS, "claims": claims, "last_day": days[0] if days else None}


def _contributions(marts: Marts) -> dict[str, dict[str, list[Row]]]:
    """What each metric adds, by model and role, the largest first."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in marts.contributions:
        found[row["model_id"]][row["role_key"]].append(row)
    return found


def _by_model(
    marts: Marts,
) -> tuple[dict[str, list[Row]], dict[str, list[Row]], dict[str, list[Row]]]:
    grouped = []
    for rows in (marts.metric_scores, marts.group_scores, marts.role_scores):
        by_model: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_model[row["model_id"]].append(row)
        grouped.append(by_model)
    return grouped[0], grouped[1], grouped[2]


def _metric_weights(marts: Marts) -> dict[str, list[Row]]:
    """Where each metric or composite counts: its rows of the group and composite weights."""
    weights: dict[str, list[Row]] = defaultdict(list)
    for row in marts.weights:
        if row["level"] != "role":
            weights[row["input_key"]].append(row)
    return dict(weights)


def _hundredths(value: float) -> str:
    """A correlation to two decimals, with a real minus."""
    text = f"{value:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text


def _margin(gain: float) -> str:
    """A gain to two decimals, cut as a share is: it must not read as if it had reached its bar."""
    return signed(math.floor(gain * 100 + 1e-9) / 100, decimals=2, on_page=True)


def _ranks(row: Row) -> str:
    """The range of ranks that a row may hold; nothing where it has no rank."""
    if row["rank_low"] is None:
        return ""
    return rank_range(row["rank_low"], row["rank_high"], on_page=True)


def _listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def _age(hours: int) -> str:
    """An age in the largest unit that says enough; a board may speak for a moment before."""
    if hours < 0:
        return "newer than this board"
    return f"{hours} h old" if hours < 48 else f"{hours // 24} days old"


def _price(value: float) -> str:
    """USD; cents, and two digits where cents would show a price as nothing."""
    return f"{value:,.2f}" if value == 0 or value >= 0.1 else f"{value:.2g}"


def _step(change: float) -> str:
    """A change in whole points; nothing where it rounds to nothing."""
    text = signed(change, decimals=0, on_page=True)
    return "" if text == "0" else text


def _size(count: int) -> str:
    """The size of a file in the largest unit that says enough."""
    for unit, bytes_of_it in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= bytes_of_it:
            return f"{count / bytes_of_it:,.1f} {unit}"
    return f"{count} B"


def _counted(count: int, things: str) -> str:
    """How many things of a kind, in words."""
    if count == 1:
        return f"1 {ONE_THING.get(things, things)}"
    return f"{count:,} {things}" if count else f"no {things}"


def _is_web(address: str | None) -> bool:
    """Whether a click may follow the address; what is no sound address is shown as text."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    sound = re.fullmatch(r"[^\s\x00-\x1f\\]+", address or "") is not None
    return sound and parts.scheme in {"http", "https"} and bool(parts.hostname)
