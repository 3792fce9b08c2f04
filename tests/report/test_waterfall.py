"""The waterfall of starts: every independent start is drawn, at the height where it ended."""

import numpy as np
import pytest

import surefit as sf
from surefit.exceptions import NotAvailable
from surefit.report.waterfall import waterfall_figure
from surefit.search.base import gather_evidence


def drawn(figure):
    """Positions and heights of all points in the picture."""
    lines = figure.axes[0].lines
    return [(line.get_xdata(), line.get_ydata(), line.get_fillstyle()) for line in lines]


def test_starts_are_counted_by_the_minimum_at_which_they_ended():
    values = np.array([7.0, 5.0, 5.0001, np.inf, 9.0, 4.0])
    independent = np.array([True, True, True, True, True, False])
    evidence = gather_evidence(values, independent, 1.0, True)
    assert evidence.values == (4.0, 5.0, 7.0, 9.0)
    assert evidence.counts == (0, 2, 1, 1)
    assert sum(evidence.counts) == evidence.n_finished


def test_where_a_start_stopped_on_its_way_is_no_minimum():
    values = np.array([7.0, 5.0, 5.0001, np.inf, 9.0, 4.0])
    cut_short = np.array([True, False, False, False, False, True])
    evidence = gather_evidence(values, np.ones(6, dtype=bool), 1.0, True, cut_short)
    assert evidence.values == (4.0, 5.0, 9.0)  # the best counts, however it ended
    assert evidence.counts == (1, 2, 1)
    assert (evidence.n_starts, evidence.n_finished, evidence.n_agree) == (6, 4, 1)
    assert evidence.gap == 1.0
    assert evidence.explanation[0] == (
        "1 of 6 independent starts ended at this minimum "
        "(1 found no finite value, 1 stopped on the way, higher up)."
    )
    texts = [text.get_text() for text in waterfall_figure(evidence).axes[0].texts]
    assert "2 more ended at no minimum" in texts


def test_each_start_is_a_point_and_what_only_the_second_search_found_is_open():
    values = np.array([7.0, 5.0, 5.0001, 9.0, 4.0])
    evidence = gather_evidence(values, np.array([True, True, True, True, False]), 1.0, True)
    lines = drawn(waterfall_figure(evidence))
    assert lines[0][2] == "none"
    closed = np.concatenate([x for x, _, style in lines if style != "none"])
    assert closed.tolist() == [1, 2, 3, 4]
    assert np.concatenate([y for _, y, _ in lines]).tolist() == [0, 1, 1, 3, 5]


def test_a_fit_draws_its_search_and_a_linear_one_says_that_there_was_none(tmp_path):
    x = np.linspace(0, 5, 60)
    y = 3 * np.exp(-x / 1.5) + 0.05 * np.random.default_rng(1).standard_normal(60)
    fit = sf.fit(x, y, lambda x, a, tau: a * np.exp(-x / tau), 0.05)
    assert len(drawn(fit.plot_search())) >= 1
    fit.save(tmp_path / "fit.json")
    assert sf.load(tmp_path / "fit.json").evidence.counts == fit.evidence.counts
    with pytest.raises(NotAvailable, match="no waterfall of starts"):
        sf.fit(x, y, sf.Line(), 0.05).plot_search()
