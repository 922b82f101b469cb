"""The same scoring in pandas, with integer keys: Parquet in, Parquet out."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

# Entries whose contributions are opened at once.
CHUNK = 10_000


def blend(sums: pd.DataFrame, whole: np.ndarray) -> pd.DataFrame:
    """Score, coverage and factor of sets from the weight and total of what is present."""
    coverage = sums["seen"].to_numpy() / whole
    position = np.clip((coverage - 0.6) / 0.2, 0, 1)
    trust = position * position * (3 - 2 * position)
    kept = trust + (1 - trust) * coverage
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums["total"].to_numpy() / sums["seen"].to_numpy()
        factor = kept / np.where(sums["seen"] > 0, sums["seen"], np.nan)
    score = np.where(sums["seen"] > 0, 50 + (mean - 50) * kept, 50.0)
    return sums.assign(score=score, coverage=coverage, factor=factor)


def blended(inputs: pd.DataFrame, grid: pd.MultiIndex, wholes: pd.Series) -> pd.DataFrame:
    """Blend every set of the grid from rows of (m, s, weight, score)."""
    inputs["total"] = inputs["weight"] * inputs["score"]
    sums = inputs.groupby(["m", "s"], sort=False)[["weight", "total"]].sum()
    sums = sums.rename(columns={"weight": "seen"}).reindex(grid, fill_value=0.0).reset_index()
    return blend(sums, wholes.loc[sums["s"]].to_numpy())


def contributions(
    scored: pd.DataFrame,
    composites: pd.DataFrame,
    groups: pd.DataFrame,
    roles: pd.DataFrame,
    ways: pd.DataFrame,
    in_roles: pd.DataFrame,
) -> pd.DataFrame:
    """Open the role scores of some entries: one row of (m, r, k, score, factor, points) each."""
    factors = (
        roles[["m", "s", "factor"]]
        .rename(columns={"s": "r", "factor": "role_factor"})
        .merge(in_roles.rename(columns={"s": "r", "i": "g"})[["r", "g"]], on="r")
        .merge(
            groups[["m", "s", "factor"]].rename(columns={"s": "g", "factor": "group_factor"}),
            on=["m", "g"],
        )
    )
    factors["factor"] = factors["role_factor"] * factors["group_factor"]
    opened = scored[["m", "k", "score"]].merge(ways[["r", "g", "k", "c", "weight"]], on="k")
    opened = opened.merge(factors[["m", "r", "g", "factor"]], on=["m", "r", "g"])
    opened = opened.merge(
        composites[["m", "s", "factor"]].rename(columns={"s": "c", "factor": "inner"}),
        on=["m", "c"],
        how="left",
    )
    opened["factor"] *= opened["weight"] * np.where(opened["c"] < 0, 1.0, opened["inner"])
    opened["points"] = (opened["factor"] * (opened["score"] - 50)).fillna(0.0)
    opened["factor"] = np.where(opened["score"].isna(), 0.0, opened["factor"])
    twice = opened.duplicated(["m", "r", "k"], keep=False)
    added = (
        opened[twice]
        .groupby(["m", "r", "k"], as_index=False)
        .agg({"score": "max", "factor": "sum", "points": "sum"})
    )
    return pd.concat([opened[~twice], added])


def main(folder: Path) -> None:
    """Read cells, metrics, models and weights of a folder, and write the four tables there."""
    metrics = pd.read_parquet(folder / "metrics.parquet")
    models = pd.read_parquet(folder / "models.parquet")
    weights = pd.read_parquet(folder / "weights.parquet")
    columns = ["entry_no", "metric_key", "raw_value", "evidence_class", "pull"]
    table = parquet.read_table(
        folder / "cells.parquet", columns=columns, read_dictionary=["metric_key", "evidence_class"]
    )
    cells = table.to_pandas()
    del table
    number = {name: i for i, name in enumerate(metrics["metric_key"])}
    of_category = np.array([number[name] for name in cells["metric_key"].cat.categories])
    k = of_category[cells["metric_key"].cat.codes]
    direct = (cells["evidence_class"] == "direct").to_numpy()
    measured = cells["evidence_class"].isin(["direct", "override"]).to_numpy()
    raw = cells["raw_value"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        on_log = metrics["is_log_scale"].to_numpy()[k]
        x = np.where(on_log, np.where(raw > 0, np.log(raw), np.nan), raw)
    frame = pd.DataFrame({"k": k, "x": x, "direct": direct})
    sparse = frame.groupby("k")["direct"].sum().reindex(range(len(metrics)), fill_value=0) < 2
    members = frame[direct | sparse.to_numpy()[k]]
    tails = members.groupby("k")["x"].quantile([0, 0.02, 0.05, 0.95, 0.98, 1]).unstack()
    tails = tails.reindex(range(len(metrics)))
    count = members.groupby("k")["x"].count().reindex(range(len(metrics)), fill_value=0).to_numpy()
    del frame, members
    transform = metrics["transform"].to_numpy()
    small = count < 20
    low = np.where(transform == "percentile", tails[0.05], np.where(small, tails[0.0], tails[0.02]))
    high = np.where(
        transform == "percentile", tails[0.95], np.where(small, tails[1.0], tails[0.98])
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        good = np.clip((x - low[k]) / (high - low)[k], 0, 1)
    good = np.where(metrics["higher_is_better"].to_numpy()[k], good, 1 - good)
    kind = transform[k]
    fraction = (raw >= -1e-12) & (raw <= 1 + 1e-12)
    normalized = np.select(
        [
            kind == "as_score",
            np.isnan(x),
            (np.abs(high - low) < 1e-12)[k],
            kind == "percentile",
            good >= 0.2,
        ],
        [
            np.clip(np.where(fraction, raw * 100, raw), 0, 100),
            np.nan,
            50.0,
            100 * good,
            70 + 30 * (good - 0.2) / 0.8,
        ],
        70 * good / 0.2,
    )
    pull = cells["pull"].to_numpy()
    scored = pd.DataFrame({"m": cells["entry_no"].to_numpy(), "k": k, "normalized": normalized})
    scored["score"] = normalized * (1 - pull) + 50 * pull
    del x, good, kind, fraction, pull, raw, on_log, cells
    model_names = pd.Series(models["model_id"].to_numpy(), index=models["entry_no"].to_numpy())
    model_names = model_names.astype("category")
    metric_names = metrics["metric_key"].astype("category")

    out = scored[["m", "normalized", "score"]].copy()
    out.insert(
        1,
        "metric_key",
        pd.Categorical.from_codes(
            metric_names.cat.codes.to_numpy()[k], metric_names.cat.categories
        ),
    )
    out.to_parquet(folder / "pandas_metric_scores.parquet")
    del out

    weights["s"] = weights.groupby(["level", "parent_key"], sort=False).ngroup()
    names = weights.drop_duplicates("s").set_index("s")["parent_key"]
    wholes = weights.groupby("s")["weight"].sum()
    set_number = {name: s for s, name in names.items()}
    weights["k"] = weights["input_key"].map(number)
    weights["i"] = weights["input_key"].map(set_number)
    of = dict(list(weights.groupby("level")))
    present = scored[scored["score"].notna()][["m", "k", "score"]]

    def grid(level: str) -> pd.MultiIndex:
        return pd.MultiIndex.from_product(
            [models["entry_no"], of[level]["s"].unique()], names=["m", "s"]
        )

    composites = blended(
        present.merge(of["composite"][["k", "s", "weight"]], on="k"), grid("composite"), wholes
    )
    straight = of["group"][of["group"]["k"].notna()].astype({"k": int})
    nested = of["group"][of["group"]["i"].notna()].astype({"i": int})
    inputs = pd.concat(
        [
            present.merge(straight[["k", "s", "weight"]], on="k")[["m", "s", "weight", "score"]],
            composites[["m", "s", "score"]]
            .rename(columns={"s": "i"})
            .merge(nested[["i", "s", "weight"]], on="i")[["m", "s", "weight", "score"]],
        ]
    )
    del present
    groups = blended(inputs, grid("group"), wholes)
    del inputs
    in_roles = of["role"].astype({"i": int})[["i", "s", "weight"]]
    roles = blended(
        groups[["m", "s", "score"]].rename(columns={"s": "i"}).merge(in_roles, on="i"),
        grid("role"),
        wholes,
    )
    ways = in_roles.rename(columns={"s": "r", "i": "g", "weight": "of_role"}).merge(
        of["group"].rename(columns={"s": "g", "weight": "of_group"})[["g", "k", "i", "of_group"]],
        on="g",
    )
    ways = ways.merge(
        of["composite"][["s", "weight", "k"]].rename(
            columns={"s": "i", "weight": "of_composite", "k": "inner"}
        ),
        on="i",
        how="left",
    )
    ways["k"] = ways["inner"].fillna(ways["k"]).astype(int)
    ways["c"] = ways["i"].where(ways["inner"].notna(), -1).fillna(-1).astype(int)
    ways["weight"] = ways["of_role"] * ways["of_group"] * ways["of_composite"].fillna(1.0)
    ways["share"] = (
        ways["weight"]
        / ways["r"].map(wholes)
        / ways["g"].map(wholes)
        / np.where(ways["c"] >= 0, ways["c"].map(wholes), 1.0)
    )
    shares = ways.groupby(["r", "k"], as_index=False)["share"].sum()
    whole_share = shares.groupby("r")["share"].sum()
    seen = scored.loc[measured, ["m", "k"]].merge(shares, on="k").groupby(["m", "r"])["share"].sum()
    roles["measured_weight_share"] = (
        seen.reindex(pd.MultiIndex.from_frame(roles[["m", "s"]]), fill_value=0.0).to_numpy()
        / roles["s"].map(whole_share).to_numpy()
    )
    for level, rows in (("group", groups), ("role", roles)):
        rows.assign(model_id=rows["m"].map(model_names), key=rows["s"].map(names)).to_parquet(
            folder / f"pandas_{level}_scores.parquet"
        )

    # All at once they would take more memory than the machines that boards are scored on have.
    writer = None
    entries = models["entry_no"].to_numpy()
    for first in range(0, len(entries), CHUNK):
        chosen = entries[first : first + CHUNK]
        few = [rows[rows["m"].isin(chosen)] for rows in (scored, composites, groups, roles)]
        opened = contributions(*few, ways, in_roles)
        found = pa.Table.from_pandas(
            pd.DataFrame(
                {
                    "m": opened["m"].to_numpy(),
                    "role_key": pd.Categorical(names.loc[opened["r"]]),
                    "metric_key": pd.Categorical.from_codes(
                        metric_names.cat.codes.to_numpy()[opened["k"].to_numpy()],
                        metric_names.cat.categories,
                    ),
                    "score": opened["score"].to_numpy(),
                    "factor": opened["factor"].to_numpy(),
                    "points": opened["points"].to_numpy(),
                }
            ),
            preserve_index=False,
        )
        writer = writer or parquet.ParquetWriter(
            folder / "pandas_contributions.parquet", found.schema
        )
        writer.write_table(found)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
