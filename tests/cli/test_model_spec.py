"""What may stand after --model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surefit as sf
from surefit.cli.model_spec import MODELS, parse_model, split_models


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("constant", sf.Constant()),
        ("line", sf.Line()),
        ("plane", sf.Plane()),
        ("polynomial:14", sf.Polynomial(14)),
        ("chebyshev:14", sf.Chebyshev(14)),
        ("legendre:5", sf.Legendre(5)),
        ("jacobi:5,0.5,-0.5", sf.Jacobi(5, 0.5, -0.5)),
        ("laguerre:3", sf.Laguerre(3)),
        ("hermite:3", sf.Hermite(3)),
        ("fourier:7", sf.Fourier(7)),
        ("fourier:7,2.5", sf.Fourier(7, period=2.5)),
        ("sigmoids:5", sf.Sigmoids(5)),
        ("sigmoids:5:tanh", sf.Sigmoids(5, shape="tanh")),
        ("dense:5", sf.Dense(5)),
        ("dense:32,32,32:relu", sf.Dense(32, 32, 32, activation="relu")),
        (" Sigmoids:5 + constant ", sf.Sigmoids(5) + sf.Constant()),
        ("line+fourier:2+sigmoids:1", sf.Line() + sf.Fourier(2) + sf.Sigmoids(1)),
    ],
)
def test_names_make_models(text, model):
    assert parse_model(text) == model


def test_every_name_in_the_table_says_how_to_write_it():
    for name, model in MODELS.items():
        assert model.usage.split(":")[0] == name


def test_everything_else_is_a_formula_of_the_columns():
    assert str(parse_model("a*exp(-x/tau) + c")) == "a*exp(-x/tau) + c"
    model = parse_model("a*time + b*x1 + constant", ("time", "U [V]"))
    assert model.parameters().names == ("a", "b", "constant")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The model is empty; write one of constant"),
        ("polinomial:3", "no model 'polinomial'; did you mean polynomial:DEGREE"),
        ("sigmoid:5", "did you mean sigmoids:N"),
        ("fourrier", "did you mean fourier:HARMONICS"),
        ("sigmoids:5+konstant", "no model 'konstant'; did you mean constant"),
        ("qqq:5", "no model 'qqq'; write one of constant, line"),
        ("polynomial", "wrong number of arguments; write polynomial:DEGREE"),
        ("line:3", "line:3 has the wrong number of arguments; write line"),
        ("jacobi:5", "write jacobi:DEGREE,ALPHA,BETA"),
        ("dense", "dense needs the width of a hidden layer; write dense:WIDTH"),
        ("polynomial:x", "'x' is not a number; write polynomial:DEGREE"),
        ("polynomial:3:tanh", "polynomial takes no 'tanh'"),
        ("dense:5:relu:x", r"'dense:5:relu:x' cannot be read; write dense:WIDTH"),
        ("sigmoids:5:tan", 'Did you mean "tanh"'),
        ("polynomial:-1", "degree is -1 but must be at least 0"),
        ("polynomial:2.5", "degree must be a whole number"),
        ("line + a*x", "adds the model 'line' to a formula"),
        ("a*expp(x)", "did you mean exp"),
        ("nowhere.py:f", "There is no file nowhere.py"),
    ],
)
def test_what_is_no_model_is_explained(text, message):
    with pytest.raises(sf.SurefitError, match=message):
        parse_model(text)


FILE = """
import numpy as np
from shapes import bump

WIDTH = 0.5

def peak(x, height, mean):
    return height * bump(x, mean, WIDTH)

def no_parameters(x):
    return x

mixture = __import__("surefit").Sigmoids(3)
number = 5
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shapes.py").write_text(
        "import numpy as np\ndef bump(x, m, w):\n    return np.exp(-((x - m) / w) ** 2)\n"
    )
    (tmp_path / "models.py").write_text(FILE)
    return tmp_path


def test_a_function_or_a_model_in_a_file_is_loaded_with_what_it_imports(folder):
    model = parse_model(f"{folder}/models.py:peak")
    assert model.parameters().names == ("height", "mean")
    assert model.function(np.array([1.0]), 2.0, 1.0).tolist() == [2.0]
    assert parse_model(f"{folder}/models.py:mixture") == sf.Sigmoids(3)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (FILE, "peek", r"models\.py has no function 'peek'; did you mean peak\?"),
        (FILE, "no_parameters", r"models\.py:no_parameters cannot be fitted: .*no parameters"),
        (FILE, "number", r"models\.py:number cannot be fitted"),
        ("x = 1\ny = 1/0\n", "f", r"models\.py, line 2: ZeroDivisionError: division by zero\.$"),
        ("x = 1\n\ndef f(x:\n", "f", r"models\.py, line 3: SyntaxError: "),
        ("import nothing_of_this_name\n", "f", r"line 1: ModuleNotFoundError: No module named"),
        ("import sys\nsys.exit(3)\n", "f", r"line 2: SystemExit: 3\.$"),
    ],
)
def test_a_file_that_fails_says_where_in_one_sentence(folder, content, name, message):
    (folder / "models.py").write_text(content)
    with pytest.raises(sf.InvalidModel, match=message) as raised:
        parse_model(f"{folder}/models.py:{name}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("line", ["line"]),
        ("line,constant", ["line", "constant"]),
        ("jacobi:5,0.5,-.5,line", ["jacobi:5,0.5,-.5", "line"]),
        ("dense:8,8:relu,dense:3,4", ["dense:8,8:relu", "dense:3,4"]),
        ("a*max(x,b),line,-a*x", ["a*max(x,b)", "line", "-a*x"]),
        ("fourier:3,2*a*x", ["fourier:3", "2*a*x"]),
    ],
)
def test_a_list_of_models_is_cut_at_the_right_commas(text, parts):
    assert split_models(text) == parts


@given(text=st.text(alphabet="lineartcospymd:,+5.xa*() ", max_size=20))
def test_any_text_is_a_model_or_an_error_of_ours(text):
    try:
        model = parse_model(text)
    except sf.SurefitError:
        return
    assert str(model)
