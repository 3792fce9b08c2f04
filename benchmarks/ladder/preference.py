"""How often `explain` prefers a larger model than the one behind the data.

`python -m benchmarks.ladder.preference` draws toys from small models at several numbers of points
and sizes of the noise, and counts. A larger model is one with more effective degrees of freedom
than the smallest rung that contains the truth.
"""

import argparse
import dataclasses
from collections.abc import Callable

import numpy as np

import surefit as sf


def damped(x, height, rate, frequency):
    """An ansatz that is no rung by itself."""
    return height * np.exp(-rate * x) * np.cos(frequency * x)


@dataclasses.dataclass(frozen=True)
class Truth:
    """A model that toys are drawn from.

    Attributes:
        name: What it is called.
        curve: The function.
        rung: The rung that is it.
        models: What the user gives besides.
    """

    name: str
    curve: Callable[[np.ndarray], np.ndarray]
    rung: str
    models: tuple = ()


TRUTHS = (
    Truth("constant", lambda x: 0 * x + 1.0, "Constant()"),
    Truth("line", lambda x: 1.0 + 2.0 * x, "Line()"),
    Truth("quadratic", lambda x: 1.0 + 2.0 * x - 4.0 * x**2, "Polynomial(2)"),
    Truth("sine", lambda x: np.sin(2 * np.pi * x), "Fourier(1, period=1.0)"),
    Truth("sigmoid", lambda x: 1.0 / (1 + np.exp((x - 0.4) / 0.05)), "Sigmoids(1)"),
    Truth("step", lambda x: np.where(x < 0.37, 1.0, 0.2), "Piecewise(1)"),
    Truth("ansatz", lambda x: damped(x, 1.0, 2.0, 15.0), "damped", (damped,)),
)
POINTS = (40, 200, 1000)
NOISES = (0.05, 0.3)


def one(truth: Truth, n: int, noise: float, seed: int, *, is_given: bool) -> tuple[bool, str]:
    """Whether a larger model was preferred, and which was chosen."""
    rng = np.random.default_rng([seed, n, int(1000 * noise), *truth.name.encode()])
    x = np.sort(rng.uniform(size=n))
    y = truth.curve(x) + rng.normal(scale=noise, size=n)
    found = sf.explain(x, y, noise if is_given else None, models=truth.models, period=1.0, key=seed)
    best = [row for row in found.rows if row.is_best]
    own = [row for row in found.rows if row.label == truth.rung]
    if not best:
        return True, "none"
    if not own:  # the climb ended below it
        return False, best[0].label
    return best[0].spent > own[0].spent, best[0].label


def main() -> None:
    """Print a line for each truth, number of points and noise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toys", type=int, default=200)
    parser.add_argument("--points", type=int, nargs="*", default=POINTS)
    parser.add_argument("--noises", type=float, nargs="*", default=NOISES)
    parser.add_argument("--truths", nargs="*", default=[truth.name for truth in TRUTHS])
    parser.add_argument("--no-errors", action="store_true", help="let explain estimate the noise")
    options = parser.parse_args()
    totals = []
    for truth in (truth for truth in TRUTHS if truth.name in options.truths):
        for n in options.points:
            for noise in options.noises:
                is_given = not options.no_errors
                runs = [one(truth, n, noise, k, is_given=is_given) for k in range(options.toys)]
                larger = sum(is_larger for is_larger, _ in runs)
                labels = [label for _, label in runs]
                counts = sorted({(labels.count(label), label) for label in labels}, reverse=True)
                chosen = ", ".join(f"{label} {count}" for count, label in counts[:4])
                print(
                    f"{truth.name:10s} N={n:5d} noise={noise:4.2f}: larger {larger:3d} of "
                    f"{len(runs)} ({larger / len(runs):.3f}); {chosen}",
                    flush=True,
                )
                totals.append((larger, len(runs)))
    larger, runs = map(sum, zip(*totals, strict=True))
    error = np.sqrt(0.05 * 0.95 / runs)
    print(f"all: {larger} of {runs}, {larger / runs:.4f} (5 % would be 0.05 ± {error:.4f})")


if __name__ == "__main__":
    main()
