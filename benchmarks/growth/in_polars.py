"""The same scoring in polars, with integer keys: Parquet in, Parquet out."""

import sys
from pathlib import Path

import polars as pl


def blended(inputs: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Blend every set of the grid (m, s, whole) from rows of (m, s, weight, score)."""
    sums = inputs.group_by("m", "s").agg(
        seen=pl.col("weight").sum(), total=(pl.col("weight") * pl.col("score")).sum()
    )
    position = ((pl.col("coverage") - 0.6) / 0.2).clip(0, 1)
    trust = position * position * (3 - 2 * position)
    return (
        grid.join(sums, on=["m", "s"], how="left")
        .with_columns(coverage=pl.col("seen").fill_null(0) / pl.col("whole"))
        .with_columns(kept=trust + (1 - trust) * pl.col("coverage"))
        .select(
            "m",
            "s",
            "coverage",
            score=(50 + (pl.col("total") / pl.col("seen") - 50) * pl.col("kept")).fill_null(50.0),
            factor=pl.col("kept") / pl.col("seen"),
        )
    )


def main(folder: Path) -> None:
    """Read cells, metrics, models and weights of a folder, and write the four tables there."""
    metrics = pl.read_parquet(folder / "metrics.parquet").with_row_index("k")
    models = pl.read_parquet(folder / "models.parquet").rename({"entry_no": "m"})
    weights = pl.read_parquet(folder / "weights.parquet")
    sets = (
        weights.group_by("level", "parent_key", maintain_order=True)
        .agg(whole=pl.col("weight").sum())
        .with_row_index("s")
    )
    weights = (
        weights.join(sets, on=["level", "parent_key"])
        .join(metrics.select("k", input_key="metric_key"), on="input_key", how="left")
        .join(sets.select(i="s", input_key="parent_key"), on="input_key", how="left")
    )
    of = {
        level: weights.filter(pl.col("level") == level) for level in ("composite", "group", "role")
    }
    grids = {
        level: models.select("m").join(
            sets.filter(pl.col("level") == level).select("s", "whole"), how="cross"
        )
        for level in of
    }
    value = pl.col("raw_value")
    cells = (
        pl.scan_parquet(folder / "cells.parquet")
        .join(metrics.lazy(), on="metric_key")
        .select(
            "k",
            "pull",
            "raw_value",
            "transform",
            "higher_is_better",
            m="entry_no",
            x=pl.when(~pl.col("is_log_scale")).then(value).when(value > 0).then(value.log()),
            direct=pl.col("evidence_class").eq_missing("direct"),
            measured=pl.col("evidence_class").is_in(["direct", "override"]).fill_null(False),
        )
        .collect()
    )
    counted = cells.group_by("k").agg(sparse=pl.col("direct").sum() < 2)
    tails = {f"q{q}": pl.col("x").quantile(q, "linear") for q in (0, 0.02, 0.05, 0.95, 0.98, 1)}
    members = cells.join(counted, on="k").filter(pl.col("direct") | pl.col("sparse"))
    small = pl.col("n") < 20
    percentile = pl.col("transform") == "percentile"
    bounds = (
        members.group_by("k")
        .agg(n=pl.col("x").count(), transform=pl.col("transform").first(), **tails)
        .select(
            "k",
            low=pl.when(percentile).then("q0.05").when(small).then("q0").otherwise("q0.02"),
            high=pl.when(percentile).then("q0.95").when(small).then("q1").otherwise("q0.98"),
        )
    )
    del members
    position = ((pl.col("x") - pl.col("low")) / (pl.col("high") - pl.col("low"))).clip(0, 1)
    good = pl.col("good")
    fraction = pl.when(value.is_between(-1e-12, 1 + 1e-12)).then(value * 100).otherwise(value)
    scored = (
        cells.join(bounds, on="k", how="left")
        .with_columns(good=pl.when("higher_is_better").then(position).otherwise(1 - position))
        .with_columns(
            normalized=pl.when(pl.col("transform") == "as_score")
            .then(fraction.clip(0, 100))
            .when(pl.col("x").is_null())
            .then(None)
            .when((pl.col("high") - pl.col("low")).abs() < 1e-12)
            .then(50.0)
            .when(percentile)
            .then(100 * good)
            .when(good >= 0.2)
            .then(70 + 30 * (good - 0.2) / 0.8)
            .otherwise(70 * good / 0.2)
        )
        .select(
            "m",
            "k",
            "measured",
            "normalized",
            score=pl.col("normalized") * (1 - pl.col("pull")) + 50 * pl.col("pull"),
        )
    )
    del cells
    named_metrics = metrics.select("k", "metric_key")
    scored.join(named_metrics, on="k").select(
        "m", "metric_key", "normalized", "score"
    ).write_parquet(folder / "polars_metric_scores.parquet")

    present = scored.filter(pl.col("score").is_not_null()).select("m", "k", "score")
    composites = blended(
        present.join(of["composite"].select("k", "s", "weight"), on="k"), grids["composite"]
    )
    inputs = pl.concat(
        [
            present.join(of["group"].select("k", "s", "weight"), on="k").select(
                "m", "s", "weight", "score"
            ),
            composites.select("m", "score", i="s")
            .join(of["group"].select("i", "s", "weight"), on="i")
            .select("m", "s", "weight", "score"),
        ]
    )
    del present
    groups = blended(inputs, grids["group"])
    del inputs
    in_roles = of["role"].select("i", "s", "weight")
    roles = blended(
        groups.select("m", "score", i="s")
        .join(in_roles, on="i")
        .select("m", "s", "weight", "score"),
        grids["role"],
    )
    inner = of["composite"].select(i="s", inner="k", of_composite="weight", inner_whole="whole")
    ways = (
        of["role"]
        .select(r="s", g="i", of_role="weight", role_whole="whole")
        .join(of["group"].select("k", "i", g="s", of_group="weight", group_whole="whole"), on="g")
        .join(inner, on="i", how="left")
        .select(
            "r",
            "g",
            k=pl.coalesce("inner", "k"),
            c=pl.when(pl.col("inner").is_not_null()).then("i"),
            weight=pl.col("of_role") * pl.col("of_group") * pl.col("of_composite").fill_null(1.0),
            share=pl.col("of_role")
            / pl.col("role_whole")
            * pl.col("of_group")
            / pl.col("group_whole")
            * (pl.col("of_composite") / pl.col("inner_whole")).fill_null(1.0),
        )
        .with_columns(way_count=pl.len().over("r", "k"))
    )
    shares = ways.group_by("r", "k").agg(pl.col("share").sum())
    measured = (
        scored.filter("measured")
        .join(shares, on="k")
        .group_by("m", s="r")
        .agg(share=pl.col("share").sum())
    )
    whole_share = shares.group_by(s="r").agg(whole_share=pl.col("share").sum())
    roles = (
        roles.join(measured, on=["m", "s"], how="left")
        .join(whole_share, on="s")
        .with_columns(measured_weight_share=pl.col("share").fill_null(0) / pl.col("whole_share"))
    )
    named_sets = sets.select("s", "parent_key")
    for level, rows in (("group", groups), ("role", roles)):
        rows.join(models, on="m").join(named_sets, on="s").drop("m", "s").write_parquet(
            folder / f"polars_{level}_scores.parquet"
        )
    factors = (
        roles.select("m", r="s", role_factor="factor")
        .join(of["role"].select(r="s", g="i"), on="r")
        .join(groups.select("m", g="s", group_factor="factor"), on=["m", "g"])
        .select("m", "r", "g", factor=pl.col("role_factor") * pl.col("group_factor"))
    )
    # A composite that a way does not pass has no factor: 1 stands for it.
    through = pl.when(pl.col("c").is_null()).then(1.0).otherwise(pl.col("inner_factor"))
    opened = (
        scored.lazy()
        .select("m", "k", "score")
        .join(ways.lazy(), on="k")
        .join(factors.lazy(), on=["m", "r", "g"])
        .join(
            composites.lazy().select("m", c="s", inner_factor="factor"), on=["m", "c"], how="left"
        )
        .with_columns(factor=pl.col("factor") * pl.col("weight") * through)
        .select(
            "m",
            "r",
            "k",
            "way_count",
            "score",
            points=(pl.col("factor") * (pl.col("score") - 50)).fill_null(0.0),
            factor=pl.when(pl.col("score").is_null()).then(0.0).otherwise(pl.col("factor")),
        )
        .collect()
    )
    del scored
    several = (
        opened.filter(pl.col("way_count") > 1)
        .group_by("m", "r", "k")
        .agg(pl.col("score").max(), pl.col("factor").sum(), pl.col("points").sum())
    )
    once = opened.filter(pl.col("way_count") == 1).select(several.columns)
    del opened
    pl.concat([once, several]).lazy().join(
        named_sets.lazy().rename({"s": "r", "parent_key": "role_key"}), on="r"
    ).join(named_metrics.lazy(), on="k").select(
        "m", "role_key", "metric_key", "score", "factor", "points"
    ).collect().write_parquet(folder / "polars_contributions.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
