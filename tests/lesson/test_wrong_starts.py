import pytest

from surefit.lesson.sample import draw_toss, stream
from surefit.lesson.wrong_starts import FACTORS, is_success, toss_success


@pytest.fixture(scope="module")
def success():
    return toss_success(stream(2, "toss"), 6, 2)


def test_migrad_succeeds_near_the_truth_and_fails_far_away(success):
    assert success.rates[0] == 1
    assert success.rates[-1] < 1
    assert success.one_at_a_time[:, FACTORS.index(1.0)].all()
    assert not success.one_at_a_time.all()


def test_ours_needs_no_start(success):
    assert success.n_successes == success.n_samples == 2


def test_success_means_as_good_as_the_truth():
    sample = draw_toss(stream(2, "toss"))
    assert is_success(sample.true_chi2, sample)
    assert not is_success(sample.true_chi2 + 1, sample)
    assert not is_success(float("inf"), sample)
