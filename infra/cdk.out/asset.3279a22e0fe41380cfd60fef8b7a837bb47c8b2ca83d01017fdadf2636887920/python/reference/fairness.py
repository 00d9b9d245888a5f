"""Oracle figures for src/training/measures/fairness.ts, computed by statsmodels, scipy and scikit-learn.

Writes src/training/measures/fairness-oracle.json. Run from the repository root:  python python/reference/fairness.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.metrics import confusion_matrix, roc_auc_score
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

GROUPS = {"majority": (400, 0.0, 0.10), "second": (150, 0.5, 0.16), "third": (60, 0.9, 0.2), "few": (12, 0.2, 0.2)}


def delong_variance(scores, target):
    events, others = scores[target == 1], scores[target == 0]
    kernel = (events[:, None] > others[None, :]) + 0.5 * (events[:, None] == others[None, :])
    return kernel.mean(axis=1).var(ddof=1) / len(events) + kernel.mean(axis=0).var(ddof=1) / len(others)


def interval(value, bounds):
    return {"value": float(value), "lower": float(bounds[0]), "upper": float(bounds[1])}


def share(events, count):
    return interval(events / count, proportion_confint(events, count, method="wilson"))


def figures(group, reference):
    approved, pd, score, outcome = (group[k] for k in ("approved", "pd", "score", "outcome"))
    n, m = len(pd), len(reference["pd"])
    ratio = confint_proportions_2indep(
        approved.sum(), n, reference["approved"].sum(), m, method="log", compare="ratio"
    )
    pooled = np.sqrt(((n - 1) * score.var(ddof=1) + (m - 1) * reference["score"].var(ddof=1)) / (n + m - 2))
    d = (score.mean() - reference["score"].mean()) / pooled
    z = stats.norm.ppf(0.975)
    half = z * np.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    known = outcome != 255
    # rows: truth (0 repaid, 1 defaulted); columns: decision (0 declined, 1 approved)
    table = confusion_matrix(outcome[known], approved[known], labels=[0, 1])
    auc = roc_auc_score(outcome[known], pd[known])
    spread = z * np.sqrt(delong_variance(pd[known], outcome[known]))
    same = group is reference
    return {
        "approvalRate": share(approved.sum(), n),
        "adverseImpactRatio": None
        if same
        else interval(approved.mean() / reference["approved"].mean(), ratio),
        "scoreDifference": None if same else interval(d, (d - half, d + half)),
        "falseDeclineRate": share(table[0, 0], table[0].sum()) if table[0].sum() >= 30 else None,
        "falseApprovalRate": share(table[1, 1], table[1].sum()) if table[1].sum() >= 30 else None,
        "auc": interval(auc, (max(0, auc - spread), min(1, auc + spread))),
        "meanPd": float(pd.mean()),
        "defaultRate": share(table[1].sum(), known.sum()),
    }


def main():
    random = np.random.default_rng(11)
    groups = {}
    for name, (count, shift, rate) in GROUPS.items():
        margin = random.normal(np.log(rate / (1 - rate)) + shift, 1.0, count)
        pd = np.round(1 / (1 + np.exp(-margin)), 10)
        outcome = (random.random(count) < pd).astype(int)
        outcome[random.random(count) < 0.15] = 255
        groups[name] = {
            "approved": (pd < 0.2).astype(int),
            "pd": pd,
            "score": np.round(600 - 40 * margin / np.log(2), 6),
            "outcome": outcome,
        }
    oracle = [
        {
            "name": name,
            "rows": {key: [float(v) for v in values] for key, values in group.items()},
            "figures": None if len(group["pd"]) < 30 else figures(group, groups["majority"]),
        }
        for name, group in groups.items()
    ]
    path = Path(__file__).resolve().parents[2] / "src/training/measures/fairness-oracle.json"
    path.write_text(json.dumps({"groups": oracle}) + "\n")


if __name__ == "__main__":
    main()
