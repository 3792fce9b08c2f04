"""A saved fit of a formula predicts after it has been read back, also from an edited file."""

import numpy as np
import pytest

import surefit as sf
from surefit.models.formulas.formula import formula_function


def test_a_fit_of_a_formula_predicts_after_loading(tmp_path, rng):
    x = np.linspace(0.0, 5.0, 50)
    y = 3.0 * np.exp(-x / 1.5) + rng.normal(scale=0.01, size=50)
    fit = sf.fit(x, y, formula_function("a*exp(-t/tau)", ("t",)), yerr=0.01)
    fit.save(tmp_path / "fit.json")
    loaded = sf.load(tmp_path / "fit.json")
    assert str(loaded.model) == "a*exp(-t/tau)"
    assert loaded.values == fit.values
    np.testing.assert_array_equal(loaded.predict(x), fit.predict(x))
    np.testing.assert_allclose(loaded.band(x), fit.band(x), rtol=1e-9)


def test_a_file_with_another_text_in_it_cannot_run_anything(tmp_path):
    fit = sf.fit([0.0, 1.0, 2.0, 3.0], [0.0, 1.1, 1.9, 3.0], formula_function("a*x"), yerr=0.1)
    fit.save(tmp_path / "fit.json")
    text = (tmp_path / "fit.json").read_text()
    evil = text.replace('"text":"a*x"', '"text":"__import__(\'os\')*a"')
    assert evil != text
    (tmp_path / "fit.json").write_text(evil)
    with pytest.raises(sf.SurefitError, match="formula"):
        sf.load(tmp_path / "fit.json")
