"""Ten thousand separate peaks, start-free in one batch, beside loops over curve_fit."""

import dataclasses
import warnings
from collections.abc import Callable

import numpy as np
import scipy.optimize

import surefit
from benchmarks.record import OURS, Row, rows_of
from benchmarks.timing import Timing, alternate

GROUP = "Many separate fits: five-parameter peaks of 100 points"
FIXED = "curve_fit, one start for all"
GOOD = "curve_fit, a good start for each"
N_POINTS = 100
NOISE = 0.3
# A fit has found the minimum if its χ² is at most this much above that of a fit from the truth.
ENOUGH = 0.1


def gaussian(x, height, mean, width, intercept, slope):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + intercept + slope * x


def breit_wigner(x, height, mean, width, intercept, slope):
    return height * width**2 / (4 * (x - mean) ** 2 + width**2) + intercept + slope * x


# What somebody would type who has seen a few of the spectra: the middle of each range.
START = (6.5, 5.0, 0.75, 1.5, 0.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Spectra:
    """Peaks over a linear background, each with its own truth.

    Attributes:
        function: f(x, height, mean, width, intercept, slope).
        x: Shape (n,).
        truth: Shape (k, 5).
        y: Shape (k, n).
    """

    function: Callable
    x: np.ndarray
    truth: np.ndarray
    y: np.ndarray

    def chi2(self, values: np.ndarray) -> np.ndarray:
        """χ² of each spectrum at its row of values; infinite where these are NaN."""
        found = np.array(
            [
                np.sum(((y - self.function(self.x, *row)) / NOISE) ** 2)
                for y, row in zip(self.y, values, strict=True)
            ]
        )
        return np.where(np.isfinite(found), found, np.inf)


def spectra(function: Callable, k: int, seed: int) -> Spectra:
    """k spectra with heights of 10 to 33 times the noise, anywhere but at the edges of x."""
    rng = np.random.default_rng([k, seed + 1])
    x = np.linspace(0, 10, N_POINTS)
    ranges = [(3, 10), (2, 8), (0.3, 1.2), (0, 3), (-0.2, 0.2)]
    truth = np.stack([rng.uniform(low, high, k) for low, high in ranges], axis=1)
    clean = np.array([function(x, *row) for row in truth])
    return Spectra(function, x, truth, clean + NOISE * rng.standard_normal(clean.shape))


def measure(quick: bool) -> list[Row]:
    k, repeats = (300, 1) if quick else (10_000, 3)
    return [row for function in (gaussian, breit_wigner) for row in _case(function, k, repeats)]


def _case(function: Callable, k: int, repeats: int) -> list[Row]:
    samples = {repeat: spectra(function, k, repeat) for repeat in range(-1, repeats)}

    def ours(repeat):
        one = samples[repeat]
        fits = surefit.fit_many(one.x, one.y, function, yerr=NOISE)
        return fits.values, int(fits.valid.sum())

    tasks = {OURS: ours, FIXED: _loop(samples, lambda one: np.tile(START, (len(one.y), 1)))}
    tasks[GOOD] = _loop(samples, _good_starts)
    ours(-1)  # compilation apart; the others compile nothing
    timings = alternate(tasks, repeats, warm_up=False)
    reference = {
        r: samples[r].chi2(_curve_fits(samples[r], samples[r].truth)) for r in range(repeats)
    }
    outcomes = {name: _outcome(samples, reference, timing) for name, timing in timings.items()}
    wall = timings[OURS].wall
    notes = {
        name: f"wall: {timing.wall / wall:.0f} times ours, "
        f"{timing.wall / wall / max(_share(samples, reference, timing), 1e-9):.0f} times "
        "for each fit at the minimum"
        for name, timing in timings.items()
    }
    notes[FIXED] += f"; from {START}, maxfev as it is by default"
    notes[GOOD] += "; within 10 % of the truth of each"
    notes[OURS] = "no start; compiled before, new data"
    return rows_of(GROUP, f"{k} × {function.__name__}", timings, outcomes, notes)


def _good_starts(one: Spectra) -> np.ndarray:
    signs = np.where(np.arange(one.truth.shape[1]) % 2, 1.1, 0.9)
    return one.truth * signs


def _loop(samples: dict[int, Spectra], starts: Callable[[Spectra], np.ndarray]):
    def run(repeat):
        values = _curve_fits(samples[repeat], starts(samples[repeat]))
        return values, int(np.isfinite(values[:, 0]).sum())

    return run


def _curve_fits(one: Spectra, starts: np.ndarray) -> np.ndarray:
    """Values of each spectrum, NaN where curve_fit gave up."""
    sigma, values = np.full(len(one.x), NOISE), np.full(starts.shape, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a covariance that could not be estimated
        for i, start in enumerate(starts):
            try:
                values[i], _ = scipy.optimize.curve_fit(one.function, one.x, one.y[i], start, sigma)
            except RuntimeError:
                continue
    return values


def _share(samples, reference, timing: Timing) -> float:
    """Which part of all fits found the minimum."""
    found = [
        samples[repeat].chi2(values) <= reference[repeat] + ENOUGH
        for repeat, (values, _) in enumerate(timing.results)
    ]
    return float(np.mean(found))


def _outcome(samples, reference, timing: Timing) -> str:
    """How many found the minimum, and of how many the tool said so."""
    total = found = claimed = false = 0
    for repeat, (values, n_claimed) in enumerate(timing.results):
        chi2 = samples[repeat].chi2(values)
        is_found = chi2 <= reference[repeat] + ENOUGH
        total, found, claimed = total + len(chi2), found + int(is_found.sum()), claimed + n_claimed
        false += int(np.sum(~is_found & np.isfinite(chi2)))
    return f"at the minimum {found}/{total}, said so {claimed}; {false} elsewhere"
