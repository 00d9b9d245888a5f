"""Oracle of the logistic regression test: writes src/estimators/logistic/oracle.json.

A weighted design with scikit-learn's coefficients (to 1e-10), and standard errors from the inverse penalised Hessian.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

ORACLE = Path(__file__).parents[2] / "src/estimators/logistic/oracle.json"
ROWS, WIDTH = 150, 4


def standard_errors(design, weights, intercept, coefficients, l2):
    full = np.column_stack([np.ones(len(design)), design])
    pd = 1 / (1 + np.exp(-(intercept + design @ coefficients)))
    penalty = np.diag([0.0] + [l2] * design.shape[1])
    hessian = (full * (weights * pd * (1 - pd))[:, None]).T @ full + penalty
    return np.sqrt(np.diag(np.linalg.inv(hessian)))


def main():
    random = np.random.default_rng(3)
    design = np.round(random.normal(size=(ROWS, WIDTH)), 3)
    design[:, 3] = (design[:, 3] > 0.8).astype(float)
    margin = -0.7 + design @ np.array([0.9, -0.4, 0.0, 1.1])
    target = (random.uniform(size=ROWS) < 1 / (1 + np.exp(-margin))).astype(int)
    weights = np.round(random.uniform(0.5, 1.5, size=ROWS), 2)
    cases = []
    for l2 in (0.01, 1.0, 20.0):
        for used in (None, weights):
            model = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-12, max_iter=1000)
            model.fit(design, target, sample_weight=used)
            weight = np.ones(ROWS) if used is None else used
            errors = standard_errors(design, weight, model.intercept_[0], model.coef_[0], l2)
            cases.append(
                {
                    "l2": l2,
                    "weighted": used is not None,
                    "intercept": float(model.intercept_[0]),
                    "coefficients": model.coef_[0].tolist(),
                    "interceptStandardError": float(errors[0]),
                    "standardErrors": errors[1:].tolist(),
                }
            )
    content = {"width": WIDTH, "design": design.ravel().tolist(), "target": target.tolist(), "weights": weights.tolist()}
    ORACLE.write_text(json.dumps({**content, "cases": cases}) + "\n", encoding="utf-8")


main()
