"""scikit-learn, measured beside Phr.Ml: answers one command a line with one line of JSON. Times are nanoseconds by its own clock."""

import csv
import gzip
import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.svm import SVC

warnings.filterwarnings("ignore")

MODELS = {
    "svm": lambda seed: SVC(C=10, gamma=0.01, probability=True, random_state=seed),
    "linear-svm": lambda seed: SVC(kernel="linear", C=0.05),
    "logistic": lambda seed: LogisticRegression(C=1, max_iter=5000),
    "random-forest": lambda seed: RandomForestClassifier(500, random_state=seed, n_jobs=2),
    "extra-trees": lambda seed: ExtraTreesClassifier(500, random_state=seed, n_jobs=2),
    "random-forest-calibrated": lambda seed: CalibratedClassifierCV(
        RandomForestClassifier(500, random_state=seed, n_jobs=2), method="sigmoid", cv=5, ensemble=False),
    "extra-trees-calibrated": lambda seed: CalibratedClassifierCV(
        ExtraTreesClassifier(500, random_state=seed, n_jobs=2), method="sigmoid", cv=5, ensemble=False),
}


def read(path, skip):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        lines = list(csv.reader(file))
    columns = [i for i, name in enumerate(lines[0][:-1]) if name not in skip]
    x = np.column_stack([numbers([line[i] for line in lines[1:]]) for i in columns])
    y = np.array([int(line[-1]) for line in lines[1:]])
    return x, y - y.min()


def numbers(texts):
    """Numbers as they are; in a column of words the place of each word in their order; missing is NaN."""
    try:
        return [float(text) if text else np.nan for text in texts]
    except ValueError:
        words = sorted({text for text in texts if text})
        return [words.index(text) if text else np.nan for text in texts]


def prepare(train, test, categories):
    """Median or mode for what is missing, one column for each level of a category, z-scores: all from the training rows."""
    parts = []
    for c in range(train.shape[1]):
        a, b = train[:, c], test[:, c]
        known = a[~np.isnan(a)]
        if c in categories:
            levels, counts = np.unique(known, return_counts=True)
            mode = levels[counts.argmax()]
            a, b = np.where(np.isnan(a), mode, a), np.where(np.isnan(b), mode, b)
            parts += [((a == level).astype(float), (b == level).astype(float)) for level in levels]
        else:
            median = np.median(known)
            parts.append((np.where(np.isnan(a), median, a), np.where(np.isnan(b), median, b)))
    a, b = np.column_stack([p[0] for p in parts]), np.column_stack([p[1] for p in parts])
    mean, deviation = a.mean(axis=0), a.std(axis=0)
    deviation[deviation == 0] = 1
    return (a - mean) / deviation, (b - mean) / deviation


def calibration_error(p, y):
    bins = np.minimum((p * 10).astype(int), 9)
    return sum(abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(10)) / len(p)


def quality(request):
    x, y = read(request["data"], request["skip"])
    with open(request["folds"]) as file:
        folds = np.array(list(csv.reader(file))[1:], dtype=int)[:, : request["repeats"]]
    two = y.max() == 1
    auc, loss, brier, right, everything, truth = [], [], [], [], [], []
    for repeat in range(folds.shape[1]):
        for fold in range(folds.max() + 1):
            inside = folds[:, repeat] != fold
            a, b = prepare(x[inside], x[~inside], request["categories"])
            model = MODELS[request["model"]](1000 * repeat + fold).fit(a, y[inside])
            p, t = model.predict_proba(b), y[~inside]
            right.append((p.argmax(axis=1) == t).mean() if not two else ((p[:, 1] >= 0.5) == t).mean())
            hot = np.eye(p.shape[1])[t]
            if two:
                auc.append(roc_auc_score(t, p[:, 1]))
                brier.append(((p[:, 1] - t) ** 2).mean())
                everything.append(p[:, 1])
                truth.append(t)
            else:
                auc.append(np.mean([roc_auc_score(hot[:, k], p[:, k]) for k in range(p.shape[1])]))
                brier.append(((p - hot) ** 2).sum(axis=1).mean())
                everything.append(p.max(axis=1))
                truth.append((p.argmax(axis=1) == t).astype(int))
            loss.append(log_loss(t, p, labels=range(p.shape[1])))
    return {
        "RocAuc": np.mean(auc), "LogLoss": np.mean(loss), "Brier": np.mean(brier), "Accuracy": np.mean(right),
        "CalibrationError": calibration_error(np.concatenate(everything), np.concatenate(truth)),
    }


def holdout(request):
    x, y = read(request["data"], request["skip"])
    other, truth = read(request["test"], request["skip"])
    a, b = prepare(x, other, request["categories"])
    return {"Right": int((MODELS[request["model"]](1).fit(a, y).predict(b) == truth).sum()), "Rows": len(truth)}


def make_folds(request):
    _, y = read(request["data"], request["skip"])
    folds = np.zeros((len(y), 3), dtype=int)
    for i, (_, test) in enumerate(RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=request["seed"]).split(y, y)):
        folds[test, i // 10] = i % 10
    with open(request["folds"], "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rep1", "rep2", "rep3"])
        writer.writerows(folds)
    return {}


def model_for_speed(request):
    jobs, trees = request.get("jobs", 1), request.get("trees", 500)
    return {
        "random-forest": lambda: RandomForestClassifier(trees, n_jobs=jobs, random_state=request.get("seed", 1)),
        "extra-trees": lambda: ExtraTreesClassifier(trees, n_jobs=jobs, random_state=request.get("seed", 1)),
        "svm": lambda: SVC(C=10, gamma=0.01),
        "logistic": lambda: LogisticRegression(C=1, max_iter=5000),
    }[request["model"]]()


held = {}


def rows(request):
    """Raw little-endian numbers: the matrix row after row, and the classes as bytes."""
    key = (request["x"], request["y"])
    if held.get("rows") != key:
        y = np.fromfile(request["y"], dtype=np.uint8)
        held.update(rows=key, y=y, x=np.fromfile(request["x"], dtype="<f8").reshape(len(y), -1))
    return held["x"], held["y"]


def fit(request):
    x, y = rows(request)
    training = request.get("training", len(y))
    model = model_for_speed(request)
    begin = time.perf_counter_ns()
    model.fit(x[:training], y[:training])
    elapsed = time.perf_counter_ns() - begin
    held["model"] = model
    answer = {"Nanoseconds": elapsed}
    if training < len(y) and hasattr(model, "predict_proba"):
        answer["RocAuc"] = roc_auc_score(y[training:], model.predict_proba(x[training:])[:, 1])
    return answer


def predict(request):
    """With the model fitted last: all rows at once, or one row."""
    x, _ = rows(request)
    x = x[:1] if request["one"] else x
    model = held["model"]
    call = model.predict_proba if hasattr(model, "predict_proba") else model.decision_function
    call(x)
    begin = time.perf_counter_ns()
    call(x)
    return {"Nanoseconds": time.perf_counter_ns() - begin}


def versions(_):
    return {"Text": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}"}


COMMANDS = {f.__name__: f for f in (quality, holdout, make_folds, fit, predict, versions)}

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(COMMANDS[request["command"]](request)), flush=True)
