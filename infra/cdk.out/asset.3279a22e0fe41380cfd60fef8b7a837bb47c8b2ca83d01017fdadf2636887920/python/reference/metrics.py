"""Oracle figures for src/training/measures, computed by scikit-learn, scipy and plain linear algebra.

Writes src/training/measures/oracle.json: a few data sets with every figure the measures' tests compare to 1e-9.
Run from the repository root:  python python/reference/metrics.py
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy import optimize, stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score


def delong_components(scores, target):
    """DeLong 1988 by its definition: every pair compared, no midranks."""
    events, others = scores[target == 1], scores[target == 0]
    kernel = (events[:, None] > others[None, :]) + 0.5 * (events[:, None] == others[None, :])
    return kernel.mean(), kernel.mean(axis=1), kernel.mean(axis=0)


def delong_covariance(a, b, target):
    _, a10, a01 = delong_components(a, target)
    _, b10, b01 = delong_components(b, target)
    return np.cov(a10, b10)[0, 1] / len(a10) + np.cov(a01, b01)[0, 1] / len(a01)


def calibration_line(scores, target):
    x = np.log(scores) - np.log1p(-scores)

    def fit(columns, offset):
        beta = np.zeros(columns.shape[1])
        for _ in range(200):
            p = 1 / (1 + np.exp(-(columns @ beta + offset)))
            hessian = columns.T @ (columns * (p * (1 - p))[:, None])
            beta = beta + np.linalg.solve(hessian, columns.T @ (target - p))
        return beta, np.linalg.inv(hessian)

    ones = np.ones_like(x)
    (intercept, slope), covariance = fit(np.column_stack([ones, x]), 0)
    (shift,), _ = fit(ones[:, None], x)
    half = stats.norm.ppf(0.975) * np.sqrt(covariance[1, 1])
    return {
        "slope": slope,
        "slopeLower": slope - half,
        "slopeUpper": slope + half,
        "intercept": intercept,
        "interceptAtSlopeOne": shift,
    }


def quantile_bins(scores, target, bins=10):
    edges = np.percentile(scores, np.linspace(0, 1, bins + 1) * 100)
    ids = np.searchsorted(edges[1:-1], scores)
    count = np.bincount(ids, minlength=bins).astype(float)
    pd = np.bincount(ids, weights=scores, minlength=bins)
    defaults = np.bincount(ids, weights=target, minlength=bins)
    kept = count > 0
    count, pd, defaults = count[kept], pd[kept] / count[kept], defaults[kept]
    observed, mean = calibration_curve(target, scores, n_bins=bins, strategy="quantile")
    assert np.allclose(observed, defaults / count) and np.allclose(mean, pd)
    return count, pd, defaults


def figures(scores, other, target):
    count, pd, defaults = quantile_bins(scores, target)
    hl = float(np.sum((defaults - count * pd) ** 2 / (count * pd * (1 - pd))))
    variance = delong_covariance(scores, scores, target)
    auc = roc_auc_score(target, scores)
    difference_variance = (
        variance + delong_covariance(other, other, target) - 2 * delong_covariance(scores, other, target)
    )
    difference = auc - roc_auc_score(target, other)
    z = difference / np.sqrt(difference_variance)
    return {
        "auc": auc,
        "aucVariance": variance,
        "difference": difference,
        "differenceVariance": difference_variance,
        "differencePValue": 2 * stats.norm.sf(abs(z)),
        "ks": stats.ks_2samp(scores[target == 1], scores[target == 0], method="asymp").statistic,
        "brier": brier_score_loss(target, scores),
        "logLoss": log_loss(target, scores),
        "calibration": calibration_line(scores, target),
        "ece": float(np.sum(count * np.abs(defaults / count - pd)) / count.sum()),
        "hosmerLemeshow": hl,
        "hosmerLemeshowP": stats.chi2.sf(hl, len(count) - 2),
        "hosmerLemeshowHeldOutP": stats.chi2.sf(hl, len(count)),
    }


def case(name, rows, decimals, seed):
    random = np.random.default_rng(seed)
    truth = 1 / (1 + np.exp(-(random.normal(size=rows) * 1.2 - 1.5)))
    target = (random.random(rows) < truth).astype(int)
    noisy = 1 / (1 + np.exp(-(np.log(truth / (1 - truth)) * 0.8 + random.normal(size=rows) * 0.7 - 0.2)))
    other = 1 / (1 + np.exp(-(np.log(truth / (1 - truth)) * 0.5 + random.normal(size=rows) * 1.1)))
    scores = np.clip(np.round(noisy, decimals), 0.01, 0.99)
    other = np.clip(np.round(other, decimals), 0.01, 0.99)
    return {
        "name": name,
        "scores": scores.tolist(),
        "other": other.tolist(),
        "target": target.tolist(),
        "figures": figures(scores, other, target),
    }


def jeffreys():
    found = []
    for defaults, count, pd in [(0, 50, 0.01), (3, 100, 0.02), (12, 12, 0.9), (250, 4000, 0.06), (1, 100000, 1e-4)]:
        a, b = defaults + 0.5, count - defaults + 0.5
        found.append(
            {
                "defaults": defaults,
                "count": count,
                "pd": pd,
                "lower": 0.0 if defaults == 0 else stats.beta.ppf(0.025, a, b),
                "upper": 1.0 if defaults == count else stats.beta.ppf(0.975, a, b),
                "pValue": stats.beta.cdf(pd, a, b),
            }
        )
    return found


def psi():
    expected, actual = np.array([100, 250, 300, 350.0]), np.array([180, 120, 0, 200.0])
    e, a = expected / expected.sum(), np.maximum(actual / actual.sum(), 1e-4)
    return {"expected": expected.tolist(), "actual": actual.tolist(), "psi": float(np.sum((a - e) * np.log(a / e)))}


if __name__ == "__main__":
    cases = [case("continuous", 400, 12, 1), case("many ties", 500, 1, 2), case("small", 40, 2, 3)]
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "src/training/measures/oracle.json")
    target.write_text(json.dumps({"cases": cases, "jeffreys": jeffreys(), "psi": psi()}, default=float) + "\n")
