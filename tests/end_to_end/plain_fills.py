"""The fills of a board, worked out from the seeds and the measured figures in plain Python."""

import math
from collections import defaultdict
from fractions import Fraction

PULLS = {
    "override": 0.1,
    "fill_same_series": 0.0,
    "fill_conservative": 0.15,
    "fill_cross_vendor": 0.15,
}
WEAKEST_LAST = ("fill_same_series", "fill_conservative", "fill_cross_vendor")


def chains(target, metric, source, measured, pairs):
    """Ways from a model to a measured one: the fewest steps first, then the order of the pairs."""
    front = [((), (target,))]
    while front:
        reached = []
        for steps, met in front:
            for pair in pairs:
                if pair["target_model_id"] != met[-1] or pair["donor_model_id"] in met:
                    continue
                scope = pair["source_keys"].split()
                if not scope or source in scope:
                    reached.append(((*steps, pair), (*met, pair["donor_model_id"])))
        arrived = [way for way in reached if (way[1][-1], metric) in measured]
        if arrived:
            return min(arrived, key=lambda way: [int(pair["pair_order"]) for pair in way[0]])
        front = reached
    return None


def fills(measured, models, metrics, pairs, cap):
    """(kept, blocked): {(model, metric): (class, donor, chain length, pull)}.

    `measured` maps (model, metric) to direct or override.
    """
    vendors = {row["model_id"]: row["vendor"] for row in models}
    found = defaultdict(list)
    counts = defaultdict(int)
    for metric in metrics:
        if metric["status"] != "scored" or metric["is_synthesizable"] != "true":
            continue
        key, source = metric["metric_key"], metric["source_key"]
        shared = key if source == "overrides" else source
        for model in vendors:
            if (model, key) in measured:
                counts[shared] += 1
                continue
            way = chains(model, key, source, measured, pairs)
            if way is None:
                continue
            steps, met = way
            kinds = [
                "fill_cross_vendor"
                if vendors[pair["target_model_id"]] != vendors[pair["donor_model_id"]]
                else "fill_same_series"
                if pair["category"] == "same_series_forward"
                else "fill_conservative"
                for pair in steps
            ]
            donor = met[-1]
            pull = max(PULLS.get(kind, 0.0) for kind in (*kinds, measured[donor, key]))
            order = (len(steps), [int(pair["pair_order"]) for pair in steps], model, key)
            found[shared].append(
                (order, (max(kinds, key=WEAKEST_LAST.index), donor, len(steps), pull))
            )
    kept, blocked = {}, {}
    for shared, ways in found.items():
        allowed = math.floor(Fraction(cap) * counts[shared] / (1 - Fraction(cap)))
        for place, (order, fill) in enumerate(sorted(ways, key=lambda way: way[0]), 1):
            (kept if place <= allowed else blocked)[order[2], order[3]] = fill
    return kept, blocked
