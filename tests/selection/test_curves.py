"""Under- and over-fitting are seen where they are, and nowhere else."""

import numpy as np
import pytest

import surefit as sf


@pytest.fixture
def sample(rng):
    x = rng.uniform(0.0, 1.0, 120)
    return x, np.sin(6 * x) + rng.normal(scale=0.2, size=120)


def test_errors_of_a_right_model_meet_as_theory_has_it():
    """For k parameters and m points, the mean errors are 1 − k/m and, nearly, 1 + k/m."""
    rng = np.random.default_rng(2)
    x = rng.uniform(size=3000)
    y = 1.0 + x + rng.normal(scale=0.1, size=3000)
    models = sf.Polynomial(4, domain=(0, 1))
    curve = sf.learning_curve(x, y, models, 0.1, sizes=[20, 60, 2400], repeats=60)
    expected = 1 - 5 / curve.sizes
    spread = np.sqrt(2 / curve.sizes / 60)
    # Repeats of large parts share their points; the noise of the whole sample is in all.
    np.testing.assert_array_less(np.abs(curve.training.mean(axis=1) - expected)[:2], 4 * spread[:2])
    assert curve.validation[0].mean() > 1 + 5 / 20
    assert curve.validation[2].mean() == pytest.approx(1.0, abs=0.08)
    assert "more points will not help" in curve.verdict
    assert "too stiff" not in curve.verdict


def test_a_stiff_model_and_a_hungry_one_are_told_apart(sample):
    stiff = sf.learning_curve(*sample, sf.Line(), 0.2)
    assert "the model is too stiff" in stiff.verdict
    few = sf.learning_curve(sample[0][:30], sample[1][:30], sf.Polynomial(9, domain=(0, 1)), 0.2)
    assert "more points would help" in few.verdict


def test_the_smallest_model_within_one_standard_error_is_chosen(sample):
    curve = sf.complexity_curve(*sample, [sf.Polynomial(n) for n in range(10)], 0.2, folds=8)
    training = [rung.training for rung in curve.rungs]
    assert (np.diff(training) < 1e-9).all()
    limit = curve.lowest.validation + curve.lowest.validation_error
    for rung in curve.rungs:
        if rung.n_parameters < curve.chosen.n_parameters:
            assert rung.validation > limit
    assert curve.chosen.validation <= limit
    assert 4 <= curve.chosen.n_parameters <= 7
    alone = sf.cross_validate(*sample, sf.Polynomial(3), 0.2, folds=8)
    assert curve.rungs[3].validation == pytest.approx(alone.mean)
    assert "Too stiff: Polynomial(0)" in curve.verdict


def test_models_that_cannot_be_fitted_are_listed(sample):
    x, y = sample[0][:12], sample[1][:12]
    curve = sf.complexity_curve(x, y, [sf.Line(), sf.Polynomial(30)], folds=4)
    assert [rung.label for rung in curve.rungs] == ["Line()"]
    assert "31 distinct x" in " ".join(str(curve).split())
    assert not curve.has_scale
    with pytest.raises(sf.TooFewPoints, match="31 distinct"):
        sf.complexity_curve(x, y, [sf.Polynomial(30)])


def test_curves_print_show_and_plot_themselves_and_become_frames(sample):
    learning = sf.learning_curve(*sample, sf.Line(), sizes=[10, 40], repeats=3)
    complexity = sf.complexity_curve(*sample, [sf.Line(), sf.Polynomial(5)], folds=5)
    for curve, heading in ((learning, "Learning curve of Line()"), (complexity, "Error against")):
        text = str(curve)
        assert text.startswith(heading)
        assert max(map(len, text.splitlines())) <= 80
        assert heading.split()[0] in curve._repr_html_()
        labels = curve.plot(title="both").axes[0].get_legend().get_texts()
        assert {"points fitted", "points not fitted"} <= {label.get_text() for label in labels}
    assert list(learning.to_frame()["points"]) == [10, 40]
    assert list(complexity.to_frame()["label"]) == ["Line()", "Polynomial(5)"]


def test_wrong_use_is_refused(sample):
    fit = sf.fit(*sample, sf.Line(), 0.2)
    with pytest.raises(sf.InvalidOption, match="give numbers of points from 2 to 119"):
        sf.learning_curve(fit, sizes=[1, 50])
    with pytest.raises(sf.InvalidOption, match="repeats is 1"):
        sf.learning_curve(fit, repeats=1)
    with pytest.raises(sf.TooFewPoints, match="too few for a learning curve"):
        sf.learning_curve(sample[0][:3], sample[1][:3], sf.Polynomial(2))
