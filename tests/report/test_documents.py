from fractions import Fraction

import numpy as np
import pytest

from surefit.bases.activations import Gaussian, LeakyRelu
from surefit.bases.fourier import Fourier
from surefit.bases.orthogonal import OrthogonalBasis
from surefit.bases.polynomials import Chebyshev, Jacobi, Polynomial
from surefit.bases.recurrence import Recurrence
from surefit.bases.sigmoids import Sigmoids
from surefit.data.checked import check_data
from surefit.exceptions import FileProblem, InvalidModel
from surefit.models.base import Sum
from surefit.models.function import Function
from surefit.models.linear import Constant, Line, Plane
from surefit.models.stored_function import stored
from surefit.networks.dense import Dense
from surefit.report.built_in import BUILT_IN
from surefit.report.documents import model_document, model_from_document
from surefit.report.files import read_json, write_json

CLASSES = BUILT_IN

MODELS = [
    Constant(),
    Line(),
    Polynomial(3),
    Chebyshev(14, domain=(-2.0, 1 / 3)),
    Jacobi(3, 0.5, -0.25),
    Fourier(7, 2.5),
    Sigmoids(5),
    Sigmoids(2, Gaussian()),
    Dense(5),
    Dense(7, 9, activation=LeakyRelu(0.1), output_activation="relu"),
    Sigmoids(5) + Constant(),
    Sum((Sigmoids(1, "tanh"), Line()), ("signal", "background")) + Fourier(2),
]


def through_a_file(model, folder):
    write_json(folder / "model.json", model_document(model))
    return model_from_document(read_json(folder / "model.json"), CLASSES)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_every_model_comes_back_equal_before_and_after_it_saw_data(model, tmp_path, rng):
    assert through_a_file(model, tmp_path) == model
    resolved = model.resolve(check_data(rng.uniform(1e6, 1e6 + 3, 60), rng.normal(size=60)))
    back = through_a_file(resolved, tmp_path)
    assert back == resolved
    assert str(back) == str(resolved)
    values = rng.normal(size=resolved.parameters().size)
    x = rng.uniform(1e6, 1e6 + 3, 10)
    assert np.array_equal(back.evaluate(values, x), resolved.evaluate(values, x))


def test_planes_of_several_inputs_come_back(tmp_path, rng):
    resolved = Plane().resolve(check_data(rng.normal(size=(20, 3)), rng.normal(size=(20, 2))))
    assert through_a_file(resolved, tmp_path) == resolved


def test_exact_fractions_come_back(tmp_path):
    third = Recurrence((Fraction(1, 3),), (Fraction(-2),), (0.5,))
    model = Polynomial(1, working=OrthogonalBasis(0.1, 2.0, third))
    assert through_a_file(model, tmp_path).working.recurrence == third


def decay(x, height, lifetime):
    return height * np.exp(-x / lifetime)


def test_a_function_is_kept_by_name_also_inside_a_sum(tmp_path):
    model = (Function(decay) + Line()).resolve(check_data([0.0, 1.0, 2.0, 3.0, 4.0], [1.0] * 5))

    def stand_in(part):
        return stored(part) if type(part).__name__ == "ResolvedFunction" else part

    write_json(tmp_path / "f.json", model_document(model, stand_in=stand_in))
    back = model_from_document(read_json(tmp_path / "f.json"), CLASSES)
    assert back.parts[0].names == ("height", "lifetime")
    assert "np.exp" in back.parts[0].source
    assert back.parts[1] == model.parts[1]


def test_what_a_file_cannot_hold_is_refused_with_its_place():
    with pytest.raises(InvalidModel, match=r"model\.function is a function, which a file cannot"):
        model_document(Function(decay))
    with pytest.raises(InvalidModel, match="Cannot describe int as a model"):
        model_document(3)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "describes a NoneType where a model should be"),
        ([], "describes a tuple where a model"),
        ({"type": "Logistic", "fields": {}}, "describes a Logistic where a model"),
        ({}, "should have a type and fields, but has nothing"),
        ({"type": "Line"}, "should have a type and fields, but has type"),
        ({"type": "Line", "fields": []}, "should have a type and fields"),
        ({"type": "os.system", "fields": {"command": "ls"}}, "type 'os.system', which this"),
        ({"type": "__import__", "fields": {}}, "which this surefit does not know"),
        ({"type": ["Line"], "fields": {}}, "which this surefit does not know"),
        ({"type": "Line", "fields": {"slop": 1}}, "unknown field slop; it has centering, "),
        ({"type": "Polynomial", "fields": {}}, "makes no Polynomial: .*degree"),
        ({"type": "Polynomial", "fields": {"degree": "3"}}, r"model\.degree is '3', which"),
        ({"type": "Polynomial", "fields": {"degree": True}}, r"model\.degree is True"),
        ({"type": "Polynomial", "fields": {"degree": -3}}, "makes no Polynomial: "),
        (
            {"type": "Chebyshev", "fields": {"degree": 3, "domain": [0, 1, 2]}},
            r"model\.domain is \(0, 1, 2\)",
        ),
        ({"type": "Sigmoids", "fields": {"n": 5, "shape": "logistic"}}, r"model\.shape is 'log"),
        ({"type": "Dense", "fields": {"hidden": [5, "x"]}}, r"model\.hidden is \(5, 'x'\)"),
        ({"type": "Sum", "fields": {"parts": [1], "names": ["a"]}}, r"model\.parts is \(1,\)"),
    ],
)
def test_documents_that_are_not_ours_are_refused_with_a_reason(document, message):
    with pytest.raises(FileProblem, match=message):
        model_from_document(document, CLASSES)


def test_bombs_of_nesting_are_refused():
    bomb = []
    for _ in range(200):
        bomb = [bomb]
    with pytest.raises(FileProblem, match="nested more than 30 levels"):
        model_from_document(bomb, CLASSES)
    deep = Line()
    for _ in range(40):
        deep = Sum((deep,), ("part",))
    with pytest.raises(InvalidModel, match="nested more than 30 levels"):
        model_document(deep)


def test_fields_left_out_take_their_defaults():
    assert model_from_document({"type": "Line", "fields": {}}, CLASSES) == Line()
