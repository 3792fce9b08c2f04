"""Options of the form name=value."""

import pytest

import surefit as sf
from surefit.cli.settings import MINIMIZERS, parse_bounds, parse_minimizer, parse_values


def test_values_and_bounds_are_read():
    assert parse_values(["a=1e-3", " hidden.weight[0,3] = -2"], "--start") == {
        "a": 1e-3,
        "hidden.weight[0,3]": -2.0,
    }
    assert parse_bounds(["a=0:", "b=:1", "c=-1:1e3"]) == {
        "a": (0.0, None),
        "b": (None, 1.0),
        "c": (-1.0, 1000.0),
    }


@pytest.mark.parametrize("item", ["a", "a=", "=1", ""])
def test_an_item_without_name_or_value_is_refused(item):
    with pytest.raises(sf.InvalidOption, match="cannot be read; write --fix name=value"):
        parse_values([item], "--fix")


def test_other_mistakes_are_explained():
    with pytest.raises(sf.InvalidOption, match="--start a=1,x: 'x' is not a number"):
        parse_values(["a=1,x"], "--start")
    with pytest.raises(sf.InvalidOption, match="--start is given twice for a"):
        parse_values(["a=1", "a=2"], "--start")
    for text in ("a=1", "a=1:2:3", "a=:"):
        with pytest.raises(sf.InvalidBounds, match="write name=low:high"):
            parse_bounds([text])
    with pytest.raises(sf.InvalidOption, match="'one' is not a number"):
        parse_bounds(["a=one:2"])


def test_minimizers_have_names():
    assert parse_minimizer(None) is None
    assert parse_minimizer("MIGRAD") == sf.Minuit()
    for name, minimizer in MINIMIZERS.items():
        assert parse_minimizer(name) is minimizer
    with pytest.raises(sf.InvalidOption, match="no minimizer 'migrat'; did you mean migrad"):
        parse_minimizer("migrat")
