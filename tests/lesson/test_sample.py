import numpy as np

from surefit.lesson.sample import (
    TOSS_TRUE_VALUES,
    TRUE_VALUES,
    ansatz,
    draw_sample,
    draw_toss,
    stream,
    toss,
    truth,
)


def test_the_truth_is_a_wave_inside_and_a_parabola_outside():
    x = np.array([0.1, 0.279, 0.281, 0.5, 0.579, 0.581, 0.9])
    inside = np.array([False, False, True, True, True, False, False])
    expected = np.array([np.sin(22 * v) if i else -1 + 3.5 * v - 2 * v * v
                         for v, i in zip(x, inside, strict=True)])  # fmt: skip
    np.testing.assert_allclose(truth(x), expected, rtol=1e-15)


def test_the_sample_has_the_lessons_size_range_and_noise():
    sample = draw_sample(stream(5, "sample"))
    assert sample.x.shape == sample.y.shape == (1000,)
    assert 0 <= sample.x.min() < 0.02
    assert 0.98 < sample.x.max() <= 1
    residuals = sample.y - ansatz(sample.x, **TRUE_VALUES)
    assert abs(residuals.std() - 0.03) < 4 * 0.03 / np.sqrt(2000)
    assert sample.true_chi2 == np.sum((residuals / 0.03) ** 2)


def test_the_toss_has_fifty_times_and_falls_at_constant_speed_in_the_end():
    sample = draw_toss(stream(5, "toss"))
    np.testing.assert_allclose(sample.x, np.arange(50) * 10 / 49)
    heights = toss(np.array([50.0, 51.0]), **TOSS_TRUE_VALUES)
    assert abs(np.diff(heights)[0] + 1 / (0.05 * 2)) < 1e-6


def test_parts_have_random_streams_of_their_own():
    assert stream(1, "a").random() == stream(1, "a").random()
    assert len({stream(s, n).random() for s in (1, 2) for n in ("a", "b")}) == 4


def test_a_prediction_that_is_not_finite_has_an_infinite_chi2():
    sample = draw_sample(stream(5, "sample"), 3)
    assert sample.chi2(np.array([1.0, np.nan, 0.0])) == np.inf
