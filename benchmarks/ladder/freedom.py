"""Degrees of freedom that searches spend, measured by toys: `python -m benchmarks.ladder.freedom`.

Three questions, each answered for several numbers of points N:

- *needed*: toys are drawn from the lesson's function, to which sums of n sigmoids are fitted, and
  from a staircase, to which n breaks are. The generalized degrees of freedom are
  Σ cov(prediction, y)/σ² (Ye 1998, J. Am. Stat. Assoc. 93, 120, eq. 3).
- *superfluous*: the same, and how much χ² falls, where the truth is a constant.
- *gain*: quantiles of how much χ² falls by one unit, or one break, that is not needed: a χ² with as
  many degrees of freedom as it has parameters would be much too small.

`surefit.selection.spent` holds the numbers that are used.
"""

import argparse
import itertools
from collections.abc import Callable

import numpy as np

import surefit as sf
from surefit.data.checked import check_data
from surefit.lesson.sample import NOISE, truth
from surefit.search.growth.climb import climb
from surefit.search.segmentation import cut, solved

Array = np.ndarray
QUANTILES = (0.5, 0.9, 0.95, 0.99)


def by_units(x: Array, y: Array, sigma: float, most: int) -> list[tuple[float, Array]]:
    """χ² and prediction of 1, 2, … sigmoids with a constant."""
    data = check_data(x, y, sigma)
    units = sf.Sigmoids(1).resolve(data).units()
    found = []
    sums = climb(units, data, np.random.default_rng(0))
    for n, (_, grown) in enumerate(itertools.islice(sums, most), 1):
        model = sf.Dense(n).resolve(data)
        prediction = np.asarray(model.evaluate(model.from_units(grown.values()), x))[:, 0]
        found.append((grown.deviance, prediction))
    return found


def by_breaks(x: Array, y: Array, sigma: float, most: int, degree: int = 0):
    """χ² and prediction of 1, 2, … breaks."""
    data = check_data(x, y, sigma)
    cuts = cut(data, most, degree)
    found = []
    for n in range(1, most + 1):
        model = sf.Piecewise(n, degree).resolve(data)
        prediction = np.asarray(model.evaluate(solved(model, data, cuts.breaks(n)), x))[:, 0]
        found.append((float(cuts.value[n]), prediction))
    return found


def staircase(n_breaks: int, height: float) -> Callable[[Array], Array]:
    """Steps up and down at even distances."""
    return lambda x: height * (np.floor(x * (n_breaks + 1)) % 2)


def study(
    curve, sigma: float, n_points: int, n_toys: int, fits, degree: int = 0
) -> tuple[Array, Array, Array]:
    """Degrees of freedom of each size, their errors, and the gains over a polynomial."""
    x = (np.arange(n_points) + 0.5) / n_points
    mean, noises, predictions, gains = curve(x), [], [], []
    basis = np.linalg.qr(np.vander(x, degree + 1))[0]
    for toy in range(n_toys):
        noise = np.random.default_rng([toy, n_points]).normal(size=n_points)
        found = fits(x, mean + sigma * noise, sigma)
        noises.append(noise)
        predictions.append([prediction / sigma for _, prediction in found])
        left = noise @ noise - np.sum((basis.T @ noise) ** 2)
        gains.append([left - chi2 for chi2, _ in found])
    noises, predictions = np.array(noises), np.array(predictions)
    moved = (predictions - predictions.mean(axis=0)) * n_toys / (n_toys - 1)
    freedom = np.einsum("tn,tkn->tk", noises, moved)
    return freedom.mean(axis=0), freedom.std(axis=0) / np.sqrt(n_toys), np.array(gains)


def line(name: str, n_points: int, value: Array, error: Array) -> None:
    """Print one line."""
    shown = "  ".join(f"{v:5.1f} ±{e:3.1f}" for v, e in zip(value, error, strict=True))
    print(f"{name:42s} N={n_points:5d}: {shown}", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toys", type=int, default=100)
    parser.add_argument("--points", type=int, nargs="*", default=[50, 200, 1000])
    options = parser.parse_args()
    for n in options.points:
        sums = lambda x, y, s: by_units(x, y, s, 7)  # noqa: E731
        few = lambda x, y, s: by_units(x, y, s, 3)  # noqa: E731
        value, error, _ = study(truth, NOISE, n, options.toys, sums)
        line("needed: Dense(1 … 7), 3n + 1 parameters", n, value, error)
        value, error, gains = study(lambda x: 0 * x, 1.0, n, options.toys, few)
        line("superfluous: Dense(1 … 3)", n, value, error)
        one = gains[:, 0]
        print(f"    gain of one unit: mean {one.mean():.1f}, quantiles {_quantiles(one)}")
        for degree in (0, 1):
            cuts = lambda x, y, s, d=degree: by_breaks(x, y, s, 4, d)  # noqa: E731
            arguments = (lambda x: 0 * x, 1.0, n, 2 * options.toys, cuts, degree)
            value, error, gains = study(*arguments)
            line(f"superfluous: Piecewise(1 … 4, {degree})", n, value, error)
            one = gains[:, 0]
            print(f"    gain of one break: mean {one.mean():.1f}, quantiles {_quantiles(one)}")
        for height in (2.0, 4.0):
            for n_breaks in (1, 3):
                fits = lambda x, y, s, k=n_breaks: by_breaks(x, y, s, k)[-1:]  # noqa: E731
                value, error, _ = study(staircase(n_breaks, height), 1.0, n, options.toys, fits)
                name = f"needed: Piecewise({n_breaks}), steps of {height:.0f} σ"
                line(f"{name}, {2 * n_breaks + 1} parameters", n, value, error)


def _quantiles(gains: Array) -> str:
    found = np.quantile(gains, QUANTILES)
    return ", ".join(f"{q:.0%}: {v:.1f}" for q, v in zip(QUANTILES, found, strict=True))


if __name__ == "__main__":
    main()
