"""The tests of adequacy: gains are those of refits, p-values those of toys."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from surefit.data.checked import check_data
from surefit.selection.adequacy import examiner
from surefit.selection.directions import directions, gathered


def prepared(x, y, yerr, seed=0):
    data = check_data(x, y, yerr)
    cells = gathered(data)
    rng = np.random.default_rng(seed)
    return cells, examiner(cells, directions(cells, rng), len(x), yerr is not None, rng)


def judged(judge, cells, x, y, yerr, columns):
    """A linear model fitted by NumPy and examined."""
    sigma = np.broadcast_to(1.0 if yerr is None else yerr, x.shape)
    solution = np.linalg.lstsq(columns / sigma[:, None], y / sigma, rcond=None)[0]
    residuals = y - columns @ solution
    tangent = np.array([cells.gather(column, sigma) for column in columns.T]).T
    chi2 = float(np.sum((residuals / sigma) ** 2))
    return judge.examine(cells.gather(residuals, sigma), chi2, tangent, columns.shape[1]), chi2


def vander(x, degree):
    return np.polynomial.legendre.legvander(2 * x - 1, degree)


@pytest.mark.parametrize("kind", ["step", "kink", "polynomial"])
def test_the_gain_is_that_of_a_refit_with_the_direction(rng, kind):
    x = np.sort(rng.uniform(size=80))
    extra = {
        "step": 2.0 * (x > 0.4),
        "kink": 20.0 * np.maximum(x - 0.5, 0),
        "polynomial": 20 * (x - 0.5) ** 2,
    }
    sigma = rng.uniform(0.5, 1.5, 80)
    y = 1 + 2 * x + 2 * extra[kind] + rng.normal(scale=sigma)
    cells, judge = prepared(x, y, sigma)
    judge = dataclasses.replace(
        judge,
        groups=tuple(group for group in judge.groups if group.name == kind),
        squares=np.concatenate(
            [np.sum(g.columns**2, axis=1) for g in judge.groups if g.name == kind]
        ),
        products=np.concatenate([g.columns @ judge.noise for g in judge.groups if g.name == kind]),
    )
    found, chi2 = judged(judge, cells, x, y, sigma, vander(x, 1))
    group = judge.groups[0]
    whitened = group.columns * sigma  # back to the unit of y
    alternatives = (
        [whitened[: k + 1] for k in range(len(whitened))]
        if group.is_ordered
        else [column[None] for column in whitened]
    )
    gains = []
    for columns in alternatives:
        design = np.column_stack([vander(x, 1), columns.T]) / sigma[:, None]
        solution = np.linalg.lstsq(design, y / sigma, rcond=None)[0]
        gains.append(chi2 - np.sum((y / sigma - design @ solution) ** 2))
    assert found.missing in (kind, "chi2")
    if not group.is_ordered:
        assert found.gain == pytest.approx(max(gains), rel=1e-8)
        assert found.place == pytest.approx(group.places[np.argmax(gains)])
    else:
        assert min(abs(np.array(gains) - found.gain)) < 1e-6 * found.gain
    assert found.pvalue < 1e-3


@pytest.mark.parametrize("yerr", [0.3, None])
def test_pvalues_are_uniform_if_the_model_is_right(yerr):
    rng = np.random.default_rng(8)
    x = np.sort(rng.uniform(size=60))
    cells, judge = prepared(x, 0 * x + rng.normal(size=60), yerr)
    pvalues = [
        judged(judge, cells, x, 1 - x + rng.normal(scale=0.3, size=60), yerr, vander(x, 1))[
            0
        ].pvalue
        for _ in range(150)
    ]
    # Upper limits stand for values only where both are far below any level.
    assert stats.kstest(pvalues, "uniform").pvalue > 0.01
    assert np.mean(np.array(pvalues) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_many_points_are_gathered_without_loss_of_what_a_line_leaves(rng):
    x = np.sort(rng.uniform(size=20_000))
    y = 1 + x + 0.05 * (x > 0.7) + rng.normal(size=20_000)
    cells, judge = prepared(x, y, 1.0)
    assert len(cells.root) == 1024
    found, _ = judged(judge, cells, x, y, 1.0, vander(x, 1))
    assert 0 < found.pvalue <= 1
    y = 1 + x + 0.5 * (x > 0.7) + rng.normal(size=20_000)
    found, _ = judged(judge, cells, x, y, 1.0, vander(x, 1))
    assert found.missing == "step"
    assert found.place == pytest.approx(0.7, abs=0.01)


def test_correlated_errors_are_whitened(rng):
    x = np.linspace(0, 1, 50)
    covariance = 0.1 * np.eye(50) + 0.2 * np.exp(-np.abs(x[:, None] - x) / 0.2)
    lower = np.linalg.cholesky(covariance)
    cells, judge = prepared(x, 0 * x + rng.normal(size=50), covariance)
    pvalues = []
    for _ in range(60):
        y = 2.0 + lower @ rng.normal(size=50)
        whitened = np.linalg.solve(lower, np.ones(50))
        mean = whitened @ np.linalg.solve(lower, y) / (whitened @ whitened)
        residuals = cells.gather(y - mean, np.ones(50))
        chi2 = float(residuals @ residuals)
        pvalues.append(judge.examine(residuals, chi2, whitened[:, None], 1.0).pvalue)
    assert stats.kstest(pvalues, "uniform").pvalue > 0.01


def test_exact_data_have_nothing_missing():
    x = np.linspace(0, 1, 30)
    _, judge = prepared(x, 0 * x, None)
    found = judge.examine(np.zeros(30), 0.0, vander(x, 0), 1.0)
    assert found.pvalue == 1.0
