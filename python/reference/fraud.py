"""scikit-learn's isolation forest on the matrix bench/fraud.ts wrote: the peer's side of an AUC.

Arguments: folder with train.f64, test.f64 (row-major doubles), label.u8 and the number of columns. Prints JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score


def main(folder, columns, trees, sample):
    read = lambda name: np.fromfile(Path(folder) / name, dtype=np.float64).reshape(-1, columns)
    train, test = read("train.f64"), read("test.f64")
    label = np.fromfile(Path(folder) / "label.u8", dtype=np.uint8)
    aucs, started = [], time.perf_counter()
    for seed in range(5):
        forest = IsolationForest(n_estimators=trees, max_samples=sample, random_state=seed).fit(train)
        aucs.append(roc_auc_score(label, -forest.score_samples(test)))
    seconds = (time.perf_counter() - started) / 5
    print(json.dumps({"version": sklearn.__version__, "aucs": aucs, "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
