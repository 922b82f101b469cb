"""The ability score in plain numpy, written from its description and not from the warehouse's SQL."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np


def uniform(*parts):
    """The draw of a key: 13 hexadecimal digits of its MD5, over 2^52."""
    digest = hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    return int(digest[:13], 16) / 2**52


@dataclass
class Fit:
    """Abilities and their variances by model; slope, noise and intercept by metric."""

    theta: np.ndarray
    variance: np.ndarray
    intercept: np.ndarray
    slope: np.ndarray
    noise: np.ndarray
    correlation: float
    predicted: np.ndarray
    deviation: np.ndarray
    seen: np.ndarray


def fit(values, families, rounds=25):
    """Fit one factor to `values` (models x metrics, 0-100, nan where missing).

    `families` numbers the family of each metric. A column without any value has no meaning in the result.
    """
    seen = ~np.isnan(values)
    n = seen.sum(axis=0)
    mean = np.where(seen, values, 0).sum(axis=0) / np.maximum(n, 1)
    spread = np.sqrt(np.where(seen, (values - mean) ** 2, 0).sum(axis=0) / np.maximum(n, 1))
    spread[spread < 1e-9] = 1
    z = np.where(seen, (values - mean) / spread, 0)
    member = np.equal.outer(families, np.arange(families.max() + 1)).astype(float)
    cells = seen @ member
    plural = (member * (n > 0)[:, None]).sum(axis=0) >= 2
    slope, noise = np.full(len(n), 0.7), np.full(len(n), 0.51)
    intercept, rho = np.zeros(len(n)), 0.3

    def posterior():
        crowding = (1 + np.maximum(cells - 1, 0) * rho)[:, families]
        precision = 1 + (seen * slope**2 / noise / crowding).sum(axis=1)
        pulled = (seen * slope * (z - intercept) / noise / crowding).sum(axis=1)
        return pulled / precision, 1 / precision

    for _ in range(rounds):
        theta, variance = posterior()
        known = seen.any(axis=1)
        size = math.sqrt((theta[known] ** 2 + variance[known]).mean())
        theta, variance = theta / size, variance / size**2
        t = (seen * theta[:, None]).sum(axis=0)
        tt = (seen * (theta**2 + variance)[:, None]).sum(axis=0)
        zt, zs, zz = (z * theta[:, None]).sum(axis=0), z.sum(axis=0), (z**2).sum(axis=0)
        intercept = (zs - slope * t) / (n + 1)
        slope = (zt - intercept * t + 4 * 0.7 * noise) / (tt + 4 * noise)
        rest = (
            zz
            - 2 * intercept * zs
            - 2 * slope * zt
            + n * intercept**2
            + 2 * intercept * slope * t
            + slope**2 * tt
        )
        noise = np.maximum(0.05, (rest + 4 * 0.45) / (np.maximum(n - 2, 1) + 4))
        r = seen * (z - intercept - theta[:, None] * slope) / np.sqrt(noise)
        sums, squares = (r @ member)[:, plural], (r**2 @ member)[:, plural]
        pairs = (cells * (cells - 1))[:, plural].sum()
        rho = min(0.9, max(0, ((sums**2 - squares).sum() + 20 * 0.3) / (pairs + 20)))
    theta, variance = posterior()
    r = seen * (z - intercept - theta[:, None] * slope) / np.sqrt(noise)
    crowd = 1 + (cells - 1) * rho
    leaning = np.where(cells > 0, rho * (r @ member) / crowd, 0)[:, families]
    known_part = np.clip(cells * rho**2 / crowd, 0, 0.9)[:, families]
    expected = intercept + np.outer(theta, slope) + np.sqrt(noise) * leaning
    doubt = np.outer(variance, slope**2) + noise * (
        1 - known_part + (1 + theta[:, None] ** 2) / np.maximum(n, 1)
    )
    return Fit(
        theta,
        variance,
        intercept,
        slope,
        noise,
        rho,
        expected * spread + mean,
        np.sqrt(doubt) * spread,
        seen,
    )


def rank_interval(theta, deviation, draws):
    """(lowest rank, highest rank, share of first places) of each model over standard normal `draws`.

    `draws` has a row a draw; a twentieth of the draws is left out at each end.
    """
    drawn = theta + deviation * draws
    ranks = 1 + (drawn[:, :, None] < drawn[:, None, :]).sum(axis=2)
    ordered = np.sort(ranks, axis=0)
    cut = math.floor(0.05 * len(draws))
    return ordered[cut], ordered[len(draws) - 1 - cut], (ranks == 1).mean(axis=0)


def plain_spearman(left, right):
    """Rank correlation with mean ranks for ties; None where one side does not vary."""

    def ranks(values):
        return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]

    a, b = np.array(ranks(left)), np.array(ranks(right))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def plain_kendall(left, right):
    """Kendall's tau-b by counting pairs; None where one side does not vary."""
    agree = tied_left = tied_right = pairs = 0
    for i in range(len(left)):
        for j in range(i):
            a, b = np.sign(left[i] - left[j]), np.sign(right[i] - right[j])
            agree += a * b
            tied_left += a == 0
            tied_right += b == 0
            pairs += 1
    varied = (pairs - tied_left) * (pairs - tied_right)
    return float(agree / math.sqrt(varied)) if varied else None
