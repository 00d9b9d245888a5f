"""Files that nothing here was made for, and scikit-learn's defaults on them: the peer's side of bench/odd-files.ts.

Argument: a folder. Writes NAME.csv with the outcome in the column bad, one for each kind of trouble, and prints JSON: for each the mean
AUC over the hash folds sha256("odd:ROW") of gradient boosting and of logistic regression, each with the usual preparation.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

TEXT, NUMBER = make_column_selector(dtype_exclude="number"), make_column_selector(dtype_include="number")


def outcomes(random, margin, rate):
    """Drawn with log-odds `margin`, moved so that about `rate` of them default."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(margin + middle)))).mean() < rate else (low, middle)
    return (random.random(len(margin)) < 1 / (1 + np.exp(-(margin + low)))).astype(int)


def with_gaps(random, values, share):
    return np.where(random.random(len(values)) < share, np.nan, values)


def rare(random, rows=20_000):
    frame = pd.DataFrame({f"amount_{i}": random.lognormal(8, 1.2, rows).round(2) for i in range(10)})
    frame["late_days"] = random.poisson(0.4, rows)
    frame["utilisation"] = random.beta(0.6, 2, rows).round(4)
    margin = 1.1 * frame["late_days"] + 3 * frame["utilisation"] - 0.6 * np.log(frame["amount_0"]) + 0.4 * (frame["amount_1"] > 9000)
    frame["amount_2"] = with_gaps(random, frame["amount_2"], 0.4)
    return frame, outcomes(random, margin, 0.005)


def categories(random, rows=4_000):
    margin, frame = np.zeros(rows), pd.DataFrame()
    for name, levels in (("branch", 300), ("occupation", 120), ("region", 40), ("channel", 6), ("product", 12), ("housing", 4)):
        code = np.minimum((levels * random.beta(0.7, 2, rows)).astype(int), levels - 1)
        margin += random.normal(0, 0.6, levels)[code]
        frame[name] = [f"{name[:2].upper()}{value:03d}" for value in code]
    frame["income"] = random.lognormal(10, 0.5, rows).round(0)
    return frame, outcomes(random, margin - 0.8 * (np.log(frame["income"]) - 10), 0.2)


def dates(random, rows=3_000):
    applied = pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 1400, rows), unit="D")
    held = random.gamma(1.5, 900, rows).astype(int)
    born = applied - pd.to_timedelta((18 + 50 * random.beta(2, 3, rows)) * 365.25, unit="D")
    amount = random.lognormal(9, 0.7, rows)
    frame = pd.DataFrame({
        "applied_on": applied.strftime("%d/%m/%Y"),
        "account_opened": (applied - pd.to_timedelta(held, unit="D")).strftime("%Y-%m-%d"),
        "first_job": (born + pd.to_timedelta(7000, unit="D")).strftime("%b-%Y"),
        "amount": [f"${value:,.2f}" for value in amount],
    })
    return frame, outcomes(random, -0.9 * np.log1p(held / 365) + 0.7 * (np.log(amount) - 9), 0.15)


def texts(random, rows=3_000):
    jobs = ["teacher", "Nurse", "truck driver", "owner", "engineer", "sales manager", "cook", "clerk"]
    job = random.integers(0, len(jobs), rows)
    rate, term = 5 + 20 * random.beta(2, 3, rows), random.choice([36, 60], rows)
    frame = pd.DataFrame({
        "job": [jobs[code].upper() if random.random() < 0.2 else jobs[code] for code in job],
        "note": [" ".join(random.choice(["please", "debts", "car", "house", "soon", "need", "loan"], 9)) + f" {i}" for i in range(rows)],
        "rate": [f"{value:.2f}%" for value in rate],
        "term": [f" {value} months" for value in term],
        "score": with_gaps(random, random.normal(650, 60, rows).round(0), 0.1),
    })
    margin = 0.12 * rate + 0.5 * (term == 60) - 0.008 * frame["score"].fillna(620) + random.normal(0, 0.5, len(jobs))[job]
    return frame, outcomes(random, margin, 0.2)


def wide(random, rows=1_000, columns=200):
    values = random.normal(size=(rows, columns))
    values[:, 20:60] = 0.7 * values[:, :40] + 0.7 * values[:, 20:60]
    margin = values[:, :12] @ random.normal(0, 0.5, 12) + 0.6 * (values[:, 0] * values[:, 1] > 0.3)
    return pd.DataFrame(values.round(4), columns=[f"v{i}" for i in range(columns)]), outcomes(random, margin, 0.3)


def as_a_reader_would(frame):
    """Dates and numbers that are written as text, as one who looks at the columns turns them."""
    frame = frame.copy()
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name]):
            continue
        number = pd.to_numeric(frame[name].str.replace(r"[$,%]| months", "", regex=True), errors="coerce")
        date = pd.to_datetime(frame[name], errors="coerce", dayfirst="/" in frame[name][0])
        if number.notna().all():
            frame[name] = number
        elif date.notna().all():
            frame[name] = (date - pd.Timestamp("2000-01-01")).dt.days
        elif frame[name].nunique() > len(frame) / 2:
            frame = frame.drop(columns=name)
    return frame


def models():
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    dummies = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    return {
        "boosting": make_pipeline(make_column_transformer((ordinal, TEXT), remainder="passthrough"), HistGradientBoostingClassifier(random_state=1)),
        "logistic": make_pipeline(make_column_transformer((numbers, NUMBER), (dummies, TEXT)), LogisticRegression(max_iter=2000)),
    }


def mean_auc(model, frame, bad):
    fold = np.array([int.from_bytes(hashlib.sha256(f"odd:{row}".encode()).digest()[:4], "big") % 5 for row in range(len(bad))])
    aucs = []
    for out in range(5):
        fitted = model.fit(frame[fold != out], bad[fold != out])
        aucs.append(roc_auc_score(bad[fold == out], fitted.predict_proba(frame[fold == out])[:, 1]))
    return float(np.mean(aucs))


def main(folder):
    warnings.simplefilter("ignore")
    found = {}
    for seed, make in enumerate([rare, categories, dates, texts, wide]):
        frame, bad = make(np.random.default_rng(100 + seed))
        frame.assign(bad=bad).to_csv(Path(folder) / f"{make.__name__}.csv", index=False)
        found[make.__name__] = {name: mean_auc(model, as_a_reader_would(frame), bad) for name, model in models().items()}
    print(json.dumps({"version": sklearn.__version__, "aucs": found}))


main(sys.argv[1])
