"""Formulas compute what Python computes from the same text, and cannot do anything else."""

import inspect
import re
import sys

import jax
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from surefit.exceptions import InvalidModel
from surefit.models.formulas.formula import Formula, formula_function
from surefit.models.formulas.functions import CALLABLE
from surefit.models.function import Function
from surefit.models.tracing.fingerprint import fingerprint
from surefit.models.tracing.trace import jax_function, traceable
from surefit.precision import double_precision

X = np.array([-1.5, -0.3, 0.0, 0.4, 2.0])


def parameters(text, inputs=("x",)):
    return list(inspect.signature(formula_function(text, inputs)).parameters)[1:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a*exp(-x/tau) + c", ["a", "tau", "c"]),
        ("c + a*exp(-x/tau)", ["c", "a", "tau"]),
        ("tau**-1 * a", ["tau", "a"]),
        ("gamma/((x - x0)**2 + gamma**2)", ["gamma", "x0"]),  # names of functions are free
        ("α*x + β_1", ["α", "β_1"]),
        ("where(x < edge, low, high)", ["edge", "low", "high"]),
        ("a*np.sin(2*np.pi*x) + math.exp(b)", ["a", "b"]),
    ],
)
def test_parameters_are_in_the_order_in_which_they_occur(text, expected):
    assert parameters(text) == expected
    assert Function(formula_function(text)).argument_names == tuple(expected)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a*x**2 - b", (2.0, 1.0), 2 * X**2 - 1),
        ("-x**2*a", (1.0,), -(X**2)),
        ("a - -x", (1.0,), 1 + X),
        ("a + 1/2", (0.0,), np.full(5, 0.5)),
        ("a*pi + 0*x", (1.0,), np.pi + 0 * X),
        ("a*e + 0*x", (1.0,), np.e + 0 * X),
        ("a if x > 0 else b", (1.0, 2.0), np.where(X > 0, 1.0, 2.0)),
        ("a*(-1 < x < 1)", (3.0,), 3.0 * ((X > -1) & (X < 1))),
        ("where((x > -1) & (x < a), b, 0)", (1.0, 3.0), 3.0 * ((X > -1) & (X < 1))),
        ("a*(x < -1 or x > 1)", (3.0,), 3.0 * ((X < -1) | (X > 1))),
        ("a*(not x < 0)", (3.0,), 3.0 * (X >= 0)),
        ("log(exp(a*x), 10)", (1.0,), X / np.log(10)),
        ("min(a, x, 1) + max(x, 0)", (0.5,), np.minimum(0.5, X) + np.maximum(X, 0)),
        ("voigt_profile(x, s, g)", (0.5, 0.2), scipy.special.voigt_profile(X, 0.5, 0.2)),
        ("a*x % 1", (0.7,), (0.7 * X) % 1),
        ("a*clip(x, -1, +1)", (2.0,), 2 * np.clip(X, -1, 1)),
    ],
)
def test_a_formula_means_what_it_says(text, values, expected):
    found = np.broadcast_to(formula_function(text)(X, *values), X.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


# No whole numbers: Python computes a tower of their powers exactly, until the machine is full.
numbers = st.sampled_from(["2.0", "0.5", "3.0", "1e-3", "10.0", "7.25"])
variables = st.sampled_from(["x", "a", "b", "tau_1"])
one = st.sampled_from(["exp", "sin", "sqrt", "abs", "tanh", "erf", "log1p", "arctan", "cbrt"])
two = st.sampled_from(["arctan2", "hypot", "max", "power"])


def grow(inner):
    operation = st.sampled_from(["+", "-", "*", "/", "**", " + ", " % "])
    compared = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    return st.one_of(
        st.builds(lambda left, op, right: f"({left}{op}{right})", inner, operation, inner),
        st.builds(lambda left, op, right: f"{left}{op}{right}", inner, operation, inner),
        st.builds(lambda name, value: f"{name}({value})", one, inner),
        st.builds(lambda name, first, second: f"{name}({first}, {second})", two, inner, inner),
        st.builds(lambda value: f"-{value}", inner),
        st.builds(
            lambda left, op, right, yes, no: f"where({left} {op} {right}, {yes}, {no})",
            *(inner, compared, inner, inner, inner),
        ),
    )


NAMES = {name: function.apply for name, function in CALLABLE.items()}


@settings(max_examples=300)
@given(text=st.recursive(st.one_of(numbers, variables), grow, max_leaves=12))
def test_a_formula_computes_what_python_computes(text):
    variables = {"x": X, "a": np.float64(1.25), "b": np.float64(-0.75), "tau_1": np.float64(3.0)}
    with np.errstate(all="ignore"):
        try:
            expected = eval(text, {"__builtins__": {}}, NAMES | variables)
        except (OverflowError, ZeroDivisionError):
            expected = np.nan  # of Python's own numbers, before NumPy meets them
        try:
            formula = formula_function(text)
        except InvalidModel as error:
            if re.search("no parameters to fit|not a finite number", str(error)):
                return
            raise
        found = formula(X, *(variables[name] for name in parameters(text)))
    found, expected = np.broadcast_arrays(found, expected)
    known = np.isfinite(np.asarray(expected, dtype=complex)) & ~np.iscomplex(expected)
    if np.iscomplexobj(expected):
        return  # (-2)**0.5 of Python's own numbers
    np.testing.assert_allclose(np.asarray(found)[known], expected[known], rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "where(abs(x - a) < tau, sin(c*x), c + x**2)",
        "a*erf(x/tau) + max(x, c)",
        "a if x < tau else c*x",
        "a*(-1 < x < tau) + c",
        "a*gamma(1 + x**2) + j0(c*x) + tau*(not x < 0)",
    ],
)
def test_a_formula_is_traced_and_differentiated(text):
    formula = formula_function(text)
    report = traceable(formula, X, len(parameters(text)))
    assert report.ok, report.reason

    @double_precision
    def derivative(values):
        return np.array(jax.jit(jax.jacfwd(lambda v: jax_function(formula)(X, *v)))(values))

    values = np.linspace(0.6, 1.4, len(parameters(text)))
    step = 1e-6 * np.eye(len(values))
    numeric = [(formula(X, *(values + s)) - formula(X, *(values - s))) / 2e-6 for s in step]
    np.testing.assert_allclose(derivative(values), np.transpose(numeric), atol=1e-7)


def test_equal_texts_make_equal_hashable_functions():
    first, second = formula_function("a*x  + b"), formula_function("a*x + b")
    assert first == second
    assert hash(first) == hash(second)
    assert fingerprint(first) == fingerprint(second)
    assert hash(Function(first)) == hash(Function(second))
    assert fingerprint(first) != fingerprint(formula_function("a*x + c"))
    assert str(Function(first)) == "a*x + b"


def test_several_inputs_have_names_and_numbers():
    points = np.array([[1.0, 10.0], [2.0, 20.0]])
    formula = formula_function("a*time + b*x1 + x0", ("time", "voltage [V]"))
    assert parameters(formula.text, formula.inputs) == ["a", "b"]
    assert formula(points, 3.0, 0.5).tolist() == [9.0, 18.0]
    assert formula_function("a*t + b*x", ("t", "x"))(points, 3.0, 0.5).tolist() == [8.0, 16.0]
    assert parameters("a*exp(-(x - x0)**2)") == ["a", "x0"]  # one input: x0 is a parameter
    assert parameters("a*time + x", ("time",)) == ["a"]
    assert formula_function("a*x", ("time",))(points[:, :1], 2.0).tolist() == [2.0, 4.0]
    with pytest.raises(InvalidModel, match="x has several columns; write one of time, x0, x1"):
        formula_function("a*x", ("time", "y (cm)"))


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("", "formula is empty", None),
        ("2*x", "no parameters to fit", None),
        ("a*x^2", r"\^ is not a power; write \*\* instead", "a"),
        ("2a*x", r"write the multiplication sign: 2\*", "a"),
        ("a*2.5x + 1", r"write the multiplication sign: 2\.5\*", "x"),
        ("a x", r"an operator such as \* is missing", "x"),
        ("y = a*x", "only what is right of the = sign", "="),
        ("a*exp(-x/lambda)", "lambda is a word of Python", "l"),
        ("a*expp(x)", r"expp is not one of the functions; did you mean exp.*\?", "e"),
        ("a(x)", r"a is not one of the functions; write \* to multiply", "a"),
        ("2(x + a)", r"only functions can be called; write \* to multiply", "2"),
        ("a*sin()", r"sin takes 1 argument\(s\), not 0", "s"),
        ("a*where(x > 0, 1)", r"where takes 3 argument\(s\), not 2", "w"),
        ("a*log(x, base=2)", "plain arguments, without names or stars", "l"),
        ("a*max(*x)", "plain arguments", "m"),
        ("a + x/0", None, None),
        ("a + 1/0", "this is inf, not a finite number", "1"),
        ("a + (-8)**0.5", "this is nan", "("),
        ("a*9**9**9**9*x", "this is inf", "9"),
        ("a + 1e999", "this number is too large", "1"),
        ("a + 1j", "1j is not a real number", "1"),
        ("a + 'x'", "'x' is not a real number", "'"),
        ("a + True", "True is not a real number", "T"),
        ("a + x[0]", "indices are not allowed", "x"),
        ("a, x", "a comma is only allowed between the arguments", "a"),
        ("a + x.real", "a dot is only allowed as in np.exp", "x"),
        ("a*np.inf", "np.inf is not a number; only np.pi and np.e are", "n"),
        ("a*x // 2", r"write floor\(a/b\)", "a"),
        ("a @ x", "@ is not allowed", "a"),
        ("(a := x)", "nothing can be assigned", "a"),
        ("[a for a in x]", "for is a word of Python|only arithmetic", None),
        ("a + (x", "this is not a formula", "("),
        ("a +", "this is not a formula", None),
        ("a + b*x + c*x**2 + d*x**3 + e*x**4", "e is Euler's number", "e"),
        ("a is x", "only < <= > >= == != compare", "a"),
        ("α*x + expp(x)", "expp is not one", "e"),
    ],
)
def test_what_is_not_a_formula_is_shown_and_explained(text, message, marked):
    if message is None:
        formula_function(text)
        return
    with pytest.raises(InvalidModel, match=message) as raised:
        formula_function(text)
    if marked is not None:
        _, shown, caret = str(raised.value).split("\n")
        assert shown[caret.index("^")] == marked


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true') + a*x",
        "a.__class__.__mro__[1].__subclasses__()",
        "().__class__",
        "exp.__globals__ + a",
        "np.__loader__ + a",
        "np.load('x') + a",
        "numpy.exec('1') + a",
        "scipy.special.exec(a)",
        "open('x')",
        "exec(a)",
        "eval(a)",
        "(lambda: a)()",
        "f'{a}'",
        "getattr(a, x)",
        "a if (yield) else x",
        "await a",
        "{a: x}",
        "exp(a)(x)",
        "a\0x",
        "\ud800*a",
    ],
)
def test_nothing_but_arithmetic_gets_through(text):
    with pytest.raises(InvalidModel, match="formula"):
        formula_function(text)


@pytest.mark.parametrize(
    "text",
    [
        "a + x" * 2000,
        "(" * 1500 + "a*x" + ")" * 1500,
        "-" * 3000 + "a*x",
        "exp(" * 300 + "a*x" + ")" * 300,
        "a" + "+x" * 500,
        "(a < " * 30 + "x" + " < a)" * 30,
        "(a" + "+x" * 190 + ")(x)",
        "not " * 900 + "a",
        "a" + "[a" * 1000,
    ],
)
def test_hostile_formulas_are_refused_quickly(text):
    with pytest.raises(InvalidModel, match=r"formula|Formula"):
        formula_function(text)


def test_a_formula_of_200_terms_is_not_hostile():
    limit = sys.getrecursionlimit()
    formula = formula_function(" + ".join(f"a{at}*x**{at}" for at in range(150)))
    assert len(formula.steps) > 400
    assert sys.getrecursionlimit() == limit


@given(text=st.text(alphabet="abx0129.+-*/()<>=,^ _[]{}'\"\\#:;eπ\n\t", max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_formula_or_an_error_of_ours(text):
    try:
        formula = formula_function(text)
    except InvalidModel:
        return
    assert isinstance(formula, Formula)
    with np.errstate(all="ignore"):
        formula(X, *[0.5] * len(parameters(text)))


def test_a_wrong_number_of_columns_is_refused():
    from surefit.exceptions import InvalidType, ShapeMismatch, SurefitError

    with pytest.raises(ShapeMismatch, match=r"1 input\(s\), x, but x has 2 column"):
        formula_function("a*x")(np.ones((3, 2)), 1.0)
    with pytest.raises(InvalidModel, match="this is int"):
        formula_function(3)
    with pytest.raises(InvalidModel, match="at least one input"):
        formula_function("a*x", ())
    assert issubclass(InvalidType, SurefitError)
