"""The lowest chi2 known of the lesson's adaptive models on twenty samples.

`python -m benchmarks.best_known` searches twice, long and with independent keys, and keeps the
lower of what it finds and what is on file in best_known.json.
"""

import argparse
import json
import sys
from pathlib import Path

import surefit
from surefit.lesson.sample import draw_sample, stream

FILE = Path(__file__).with_name("best_known.json")
N_SAMPLES = 20
KEYS = (1001, 2002)
MODELS = {"Sigmoids(5)": surefit.Sigmoids(5), "Dense(5)": surefit.Dense(5)}


def sample(number: int):
    """The numbered sample of the lesson's problem, for `Sample` see `surefit.lesson.sample`."""
    return draw_sample(stream(number, "benchmark"))


def load() -> dict[str, dict[str, float]]:
    """Lowest χ² by model and number of the sample."""
    return json.loads(FILE.read_text()) if FILE.exists() else {name: {} for name in MODELS}


def main() -> int:
    """Search long on each sample, and write what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--effort", type=float, default=20.0, help="factor on the normal search")
    parser.add_argument("--samples", type=int, default=N_SAMPLES)
    options = parser.parse_args()
    known = load()
    for number in range(options.samples):
        data = sample(number)
        for name, model in MODELS.items():
            budget = surefit.Budget(starts=options.effort)
            found = [
                surefit.fit(data.x, data.y, model, yerr=data.yerr, key=key, budget=budget).chi2
                for key in KEYS
            ]
            old = known[name].get(str(number), float("inf"))
            known[name][str(number)] = min(*found, old)
            print(number, name, found, old, flush=True)
            FILE.write_text(json.dumps(known, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
