"""Start-free fits of functions: what they find, what they cost in evaluations and compilations."""

import logging

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.problem.blocks import Tiles
from surefit.search.multi_start import LIGHT
from surefit.search.run import Run
from tests.lesson_sample import SIGMA, ansatz, sample


def chi2(x, y, values):
    return float(np.sum(((y - ansatz(x, *values)) / SIGMA) ** 2))


def check_steps(seed):
    x, y = sample(seed)
    fit = sf.fit(x, y, ansatz, yerr=SIGMA)
    assert fit.chi2 <= chi2(x, y, (0.43, 0.15, 22.0, -1.0, 3.5, -2.0))
    assert fit.chi2 == pytest.approx(chi2(x, y, fit.values.values()), rel=1e-9)


def test_two_steps_are_found_without_starts():
    check_steps(0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_two_steps_are_found_without_starts_on_every_sample(seed):
    check_steps(seed)


def peak(x, height, center, width, level):
    return height * np.exp(-0.5 * ((x - center) / width) ** 2) + level


def peak_sample(n, width=0.5, height=3.0):
    rng = np.random.default_rng(n)
    x = rng.uniform(0, 10, n)
    return x, peak(x, height, 6.2, width, 1.0) + 0.2 * rng.standard_normal(n)


def test_a_peak_that_a_sample_of_the_points_would_miss_is_found():
    x, y = peak_sample(4000, width=0.01, height=4.0)  # some ten points of 4000
    fit = sf.fit(x, y, peak, yerr=0.2)
    assert fit.chi2 <= np.sum(((y - peak(x, 4.0, 6.2, 0.01, 1.0)) / 0.2) ** 2)


def test_data_of_another_length_compile_nothing(caplog):
    sf.fit(*peak_sample(500), peak, yerr=0.2)
    with caplog.at_level(logging.DEBUG, logger="jax"):
        sf.fit(*peak_sample(731), peak, yerr=0.2)
    assert not [record for record in caplog.records if "XLA compilation" in record.getMessage()]


def test_a_fit_of_many_points_evaluates_most_candidates_on_few(monkeypatch):
    counted = []
    sums = Tiles.sums
    monkeypatch.setattr(
        Tiles, "sums", lambda self, kernel, points: (
            counted.append(len(points) * len(self.block.y)) or sums(self, kernel, points)
        )
    )  # fmt: skip
    x, y = peak_sample(20_000)
    assert sf.fit(x, y, peak, yerr=0.2).valid
    n_tiles = -(-len(x) // 64)
    assert sum(counted) < 1000 * n_tiles  # some 2500 candidates and 100 steps, in full passes


def test_a_light_second_search_goes_downhill_from_all_its_points_at_once(monkeypatch):
    batches = []
    refine = Run.refine

    def noted(run, points, *, independent, **options):
        batches.append((independent, len(points)))
        return refine(run, points, independent=independent, **options)

    monkeypatch.setattr(Run, "refine", noted)
    x, y = peak_sample(1000)
    fit = sf.fit(x, y, peak, yerr=0.2)
    assert fit.valid
    assert [n for independent, n in batches if not independent] == [LIGHT + 1]
    good, _ = scipy.optimize.curve_fit(peak, x, y, (3.0, 6.2, 0.5, 1.0))
    assert fit.chi2 == pytest.approx(np.sum(((y - peak(x, *good)) / 0.2) ** 2), rel=1e-9)
