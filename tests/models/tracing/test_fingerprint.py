import dataclasses
import functools
import math
import types

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import erf

from surefit.models.tracing.fingerprint import fingerprint


def defined(source, **names):
    """A function `f` defined by source in a namespace of its own, as in a notebook cell."""
    namespace = {"np": np, "math": math, "erf": erf, **names}
    exec(source, namespace)
    return namespace["f"]


SOURCE = "def f(x, a):\n    return a * np.exp(-x / tau)"


def test_the_same_cell_run_twice_gives_the_same_key():
    first, second = defined(SOURCE, tau=2.0), defined("\n\n" + SOURCE, tau=2.0)
    assert first is not second
    assert fingerprint(first) == fingerprint(second)
    assert hash(fingerprint(first)) == hash(fingerprint(second))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (2.0, 3.0),
        (2.0, 2),
        (0.0, -0.0),
        ("a", "b"),
        (True, 1),
        (np.ones(3), np.ones(4)),
        (np.ones(3), np.array([1.0, 1.0, 1.5])),
        (np.ones(2), np.ones(2, np.float32)),
        (np.array([1, "a"], object), np.array([1, "b"], object)),
        ([1, 2], [1, 3]),
        ([1, 2], (1, 2)),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        (np.float64(1), np.float64(2)),
        (jnp.ones(2), jnp.zeros(2)),
        (1 + 2j, 1 + 3j),
    ],
)
def test_a_changed_global_gives_another_key(old, new):
    key = fingerprint(defined(SOURCE, tau=old))
    assert key == fingerprint(defined(SOURCE, tau=old))
    assert key != fingerprint(defined(SOURCE, tau=new))


def test_nan_equals_itself():
    assert fingerprint(defined(SOURCE, tau=math.nan)) == fingerprint(
        defined(SOURCE, tau=float("nan"))
    )


@pytest.mark.parametrize(
    "changed",
    [
        "def f(x, a):\n    return a * np.exp(-x / tau) + 1",
        "def f(x, a):\n    return a * np.sin(-x / tau)",
        "def f(x, a=2):\n    return a * np.exp(-x / tau)",
        "def f(x, a, *, option=1):\n    return a * np.exp(-x / tau)",
        "def f(x, b):\n    return b * np.exp(-x / tau)",
    ],
)
def test_changed_code_gives_another_key(changed):
    assert fingerprint(defined(SOURCE, tau=1)) != fingerprint(defined(changed, tau=1))


def test_keyword_defaults_and_inner_functions_count():
    template = "def f(x, a, *, option={0}):\n    return [(lambda t: t * {1})(a) for _ in x]"
    keys = {fingerprint(defined(template.format(*pair))) for pair in ((1, 2), (1, 3), (2, 2))}
    assert len(keys) == 3


def test_functions_referred_to_count_with_their_own_globals():
    def made(rate):
        helper = defined("def f(x):\n    return x * rate", rate=rate)
        return defined("def f(x, a):\n    return a * helper(x) * erf(x)", helper=helper)

    assert fingerprint(made(1.0)) == fingerprint(made(1.0))
    assert fingerprint(made(1.0)) != fingerprint(made(2.0))


def test_only_globals_that_are_read_count():
    assert fingerprint(defined(SOURCE, tau=1, other=1)) == fingerprint(
        defined(SOURCE, tau=1, other=2)
    )


def test_constants_of_a_module_of_the_user_count():
    def made(rate):
        module = types.ModuleType("settings")
        module.rate = rate
        module.unused = object()
        return defined("def f(x, a):\n    return a * x * settings.rate", settings=module)

    first = made(1.0)
    key = fingerprint(first)
    assert key == fingerprint(first)
    first.__globals__["settings"].rate = 2.0
    assert key != fingerprint(first)


def test_functions_that_call_themselves_or_each_other_end():
    source = "def f(x, a, n=3):\n    return a if n == 0 else x * f(x, a, n - 1)"
    assert fingerprint(defined(source)) == fingerprint(defined(source))
    loop = [1]
    loop.append(loop)
    assert fingerprint(defined(SOURCE, tau=loop)) == fingerprint(defined(SOURCE, tau=loop))


def test_closures_count_also_when_a_cell_is_empty():
    def make(rate):
        def inner(x, a):
            return a * x * rate + later

        if rate > 5:
            later = 1
        return inner

    assert fingerprint(make(1.0)) == fingerprint(make(1.0))
    assert fingerprint(make(1.0)) != fingerprint(make(2.0))
    assert fingerprint(make(6.0)) != fingerprint(make(1.0))


class Detector:
    def __init__(self, resolution):
        self.resolution = resolution

    def __call__(self, x, a):
        return a * x / self.resolution

    def response(self, x, a):
        return self(x, a)


@dataclasses.dataclass(slots=True)
class Slotted:
    rate: float

    def __call__(self, x, a):
        return a * x * self.rate


@pytest.mark.parametrize(
    "make",
    [
        Detector,
        Slotted,
        lambda rate: Detector(rate).response,
        lambda rate: functools.partial(max, rate),
        lambda rate: functools.partial(lambda x, a, b: a * x * b, b=rate),
        lambda rate: np.vectorize(lambda x, a: a * x * rate),
        lambda rate: functools.lru_cache(lambda x, a: a * x * rate),
    ],
)
def test_callables_of_other_kinds_count_with_their_state(make):
    assert fingerprint(make(1.0)) == fingerprint(make(1.0))
    assert fingerprint(make(1.0)) != fingerprint(make(2.0))


def test_functions_of_libraries_and_opaque_objects_are_themselves():
    assert fingerprint(np.exp) == fingerprint(np.exp)
    assert fingerprint(np.exp) != fingerprint(np.sin)
    assert fingerprint(math.exp) != fingerprint(math.sin)
    assert fingerprint(np.sum) == fingerprint(np.sum)
    one, other = object(), object()
    assert fingerprint(defined(SOURCE, tau=one)) == fingerprint(defined(SOURCE, tau=one))
    assert fingerprint(defined(SOURCE, tau=one)) != fingerprint(defined(SOURCE, tau=other))
