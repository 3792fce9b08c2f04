"""A small lesson, from beginning to end, without writing anything."""

import json
import math

import numpy as np
import pytest

from surefit.lesson.gallery import gallery
from surefit.report.files import json_text
from tests.lesson.small_lesson import COUNTS

ORDER = [
    "line", "ansatz", "ansatz-migrad-truth", "ansatz-migrad-near", "ansatz-migrad-wrong",
    "toss", "toss-parabola", "toss-migrad-good", "toss-migrad-bad",
    "taylor-15", "taylor-100", "taylor-100-numpy", "fourier", "fourier-trapezoid",
    "chebyshev", "legendre", "jacobi", "laguerre", "hermite",
    "sigmoids", "sigmoids-migrad", "network", "network-adam", "network-lbfgs",
]  # fmt: skip


def test_all_attempts_are_made_in_the_lessons_order(lesson, reported):
    assert list(lesson.attempts) == ORDER
    assert "MIGRAD, try 2 of 2" in reported


def test_every_chi2_is_that_of_the_curve(lesson):
    for attempt in lesson.attempts.values():
        sample = lesson.toss if attempt.key.startswith("toss") else lesson.sample
        if math.isfinite(attempt.chi2):
            curve = attempt.predict(sample.x)
            total = np.sum(((sample.y - curve) / sample.yerr) ** 2)
            assert attempt.chi2 == pytest.approx(total, rel=1e-6), attempt.key


def test_five_sigmoids_beat_fifteen_fixed_terms(lesson):
    made = lesson.attempts
    assert made["sigmoids"].chi2 < made["taylor-15"].chi2 < made["line"].chi2
    assert made["network"].chi2 <= 1.01 * made["sigmoids"].chi2


def test_the_network_is_the_same_as_sigmoids(lesson):
    form, x = lesson.conversion, lesson.sample.x
    curve = np.full_like(x, form.constant)
    for c, a, b in zip(form.coefficients, form.centers, form.widths, strict=True):
        with np.errstate(over="ignore"):
            curve += c / (1 + np.exp((x - a) / b))
    np.testing.assert_allclose(curve, lesson.attempts["network"].predict(x), atol=1e-8)
    np.testing.assert_allclose(form.slopes, -1 / np.array(form.widths), rtol=1e-12)
    assert form.largest_difference < 1e-8


def test_all_permutations_are_the_same_minimum(lesson):
    found = lesson.permutations
    assert found.n_copies == 120
    assert found.largest_difference < 1e-6 * lesson.attempts["sigmoids"].chi2
    assert found.largest_canonical_difference < 1e-12
    assert found.paths.max(axis=1).min() > 2 * lesson.attempts["sigmoids"].chi2
    best = lesson.attempts["sigmoids"].chi2
    assert found.refitted_chi2[0] == pytest.approx(best, rel=1e-3)


def test_the_document_is_json_with_null_for_what_is_not_finite(lesson):
    document = json.loads(json_text(lesson.document()), parse_constant=pytest.fail)
    assert [entry["key"] for entry in document["attempts"]] == ORDER
    assert document["counts"]["tries"] == COUNTS.tries
    assert document["seed"] == 3
    assert len(document["costs"]) == 2
    assert [entry["title"] for entry in document["wrong_starts"]] == [
        "tossed object",
        "ansatz with steps",
    ]


def test_every_figure_is_drawn_and_labeled(lesson):
    figures = gallery(lesson)
    assert len(figures) == 25
    for name, figure in figures.items():
        if name == "network-diagram":
            continue
        labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
        assert any(labels) or figure.get_supylabel(), name
