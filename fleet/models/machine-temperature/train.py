"""Train the detector and measure it: python train.py [FOLDER]. Needs nothing but Python.

The training data has faults in it and nobody says where: the fit throws out what it cannot explain
and fits again. The threshold is chosen on a second set of data, and the numbers that are printed
and kept come from a third, which neither step has seen.
"""

import json
import math
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "images" / "anomaly-detector"))

from detector import CAUSES, Detector, expected, parse, pressure_terms, temperature_terms
from generate import PER_DAY, readings

WEIGHTS = Path(__file__).resolve().parent / "weights"
TRAINING = {"seed": 1, "days": 28, "faults_per_day": 0.5}
VALIDATION = {"seed": 2, "days": 56, "faults_per_day": 1}
HELD_OUT = {"seed": 3, "days": 112, "faults_per_day": 1}
SMOOTHING = 0.25
CLIP = 4.0
DIGITS = 6
"""Enough for the detector, few enough to hide how processors differ in the last bits."""


def main(folder):
    weights = train(parsed(TRAINING))
    weights["threshold"] = best_threshold(weights, parsed(VALIDATION))
    metrics = {"trainedOn": TRAINING, "heldOut": HELD_OUT, **measure(weights, parsed(HELD_OUT))}
    for name, content in (("weights", weights), ("metrics", metrics)):
        text = json.dumps(content, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    print(f"threshold {weights['threshold']}")
    print(f"precision {metrics['precision']}, recall {metrics['recall']} of readings")
    print(f"found {metrics['faultsFound']} of {metrics['faults']} faults, ", end="")
    print(f"{metrics['falseAlarmsPerDay']} false alarms a day")


def parsed(source):
    return [(parse(message), fault) for message, fault in readings(**source)]


def train(data):
    """Weights without a threshold. The labels are not looked at."""
    plain = [reading for reading, _ in data]
    temperature = robust_fit([(temperature_terms(r), r["temperature"]) for r in plain])
    pressure = robust_fit([(pressure_terms(r), r["pressure"]) for r in plain])
    weights = {
        "temperature": temperature,
        "pressure": pressure,
        "smoothing": SMOOTHING,
        "clip": CLIP,
        "scale": dict.fromkeys(CAUSES, 1.0),
    }
    # The trend is cut off in terms of the temperature's scale, which must be known first.
    for cause in CAUSES:
        weights["scale"][cause] = usual_size(weights, plain, CAUSES.index(cause))
    return weights


def robust_fit(rows):
    """Least squares, three times: each time without the rows that the last fit cannot explain."""
    kept = rows
    weights = []
    for _ in range(3):
        weights = least_squares(kept)
        sizes = [abs(wanted - expected(terms, weights)) for terms, wanted in rows]
        limit = 3 * 1.4826 * statistics.median(sizes)
        kept = [row for row, size in zip(rows, sizes, strict=True) if size <= limit]
    return [rounded(weight) for weight in weights]


def least_squares(rows):
    """Solve the normal equations by Gauss-Jordan elimination."""
    size = len(rows[0][0])
    table = [
        [math.fsum(terms[i] * terms[j] for terms, _ in rows) for j in range(size)]
        + [math.fsum(terms[i] * wanted for terms, wanted in rows)]
        for i in range(size)
    ]
    for pivot in range(size):
        best = max(range(pivot, size), key=lambda row: abs(table[row][pivot]))
        table[pivot], table[best] = table[best], table[pivot]
        table[pivot] = [number / table[pivot][pivot] for number in table[pivot]]
        for row in range(size):
            if row != pivot:
                factor = table[row][pivot]
                pairs = zip(table[row], table[pivot], strict=True)
                table[row] = [number - factor * above for number, above in pairs]
    return [row[-1] for row in table]


def usual_size(weights, data, index):
    """The spread of one statistic, by the median, which faults hardly move."""
    detector = Detector(weights)
    return rounded(1.4826 * statistics.median(detector.statistics(r)[index] for r in data))


def best_threshold(weights, data):
    """The threshold with the best balance (F1) of precision and recall."""
    scores = scored(weights, data)
    candidates = [step / 10 for step in range(20, 100)]
    return max(candidates, key=lambda threshold: counted(scores, threshold)["f1"])


def measure(weights, data):
    scores = scored(weights, data)
    return counted(scores, weights["threshold"])


def scored(weights, data):
    detector = Detector({**weights, "threshold": 0.0})
    return [(detector.score(reading)[0], fault) for reading, fault in data]


def counted(scores, threshold):
    hits = sum(score > threshold and fault is not None for score, fault in scores)
    alarms = sum(score > threshold for score, _ in scores)
    faulty = sum(fault is not None for _, fault in scores)
    events = runs(scores)
    return {
        "precision": round(hits / alarms, 3) if alarms else 0.0,
        "recall": round(hits / faulty, 3),
        "f1": round(2 * hits / (alarms + faulty), 3),
        "faults": len(events),
        "faultsFound": sum(max(event) > threshold for event in events),
        "falseAlarmsPerDay": round((alarms - hits) / (len(scores) / PER_DAY), 2),
    }


def runs(scores):
    """The scores of each fault from its first reading to its last."""
    found = []
    before = None
    for score, fault in scores:
        if fault is not None and fault != before:
            found.append([])
        if fault is not None:
            found[-1].append(score)
        before = fault
    return found


def rounded(number):
    return float(f"{number:.{DIGITS}g}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS)
