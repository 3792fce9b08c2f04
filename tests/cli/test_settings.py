"""Options of the form name=value."""

import pytest

import surefit as sf
from surefit.cli.settings import (
    MINIMIZERS,
    parse_bounds,
    parse_constraints,
    parse_minimizer,
    parse_order,
    parse_penalty,
    parse_ties,
    parse_values,
)


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


def test_penalties_have_names_and_a_strength_or_none():
    assert parse_penalty(None) is None
    assert parse_penalty("Roughness") == sf.Roughness()
    assert parse_penalty("ridge=0.1") == sf.Ridge(0.1)
    with pytest.raises(sf.InvalidOption, match="no penalty 'lasso'"):
        parse_penalty("lasso")
    with pytest.raises(sf.InvalidOption, match="'strong'"):
        parse_penalty("ridge=strong")
    with pytest.raises(sf.InvalidOption, match="strength of Ridge"):
        parse_penalty("ridge=-1")


def test_minimizers_have_names():
    assert parse_minimizer(None) is None
    assert parse_minimizer("MIGRAD") == sf.Minuit()
    for name, minimizer in MINIMIZERS.items():
        assert parse_minimizer(name) is minimizer
    with pytest.raises(sf.InvalidOption, match="no minimizer 'migrat'; did you mean migrad"):
        parse_minimizer("migrat")


def test_ties_orders_and_constraints_are_read():
    assert parse_ties(["s2=2*s1 if a == 1 else s1"]) == {"s2": "2*s1 if a == 1 else s1"}
    assert parse_order(["m1,m2", "a <= b < c"]) == [("m1", "m2"), ("a", "b", "c")]
    assert parse_constraints(["a=1:0.5", "b[0] = -1e3 : 2"]) == {"a": (1, 0.5), "b[0]": (-1e3, 2)}
    with pytest.raises(sf.InvalidOption, match="--ties s2 cannot be read; write --ties name=form"):
        parse_ties(["s2"])
    with pytest.raises(sf.InvalidOption, match="--order m1 cannot be read; write --order name,"):
        parse_order(["m1"])
    with pytest.raises(sf.InvalidOption, match="write --constraint name=mean:sigma"):
        parse_constraints(["a=1"])
    with pytest.raises(sf.InvalidOption, match="'x' is not a number"):
        parse_constraints(["a=1:x"])
