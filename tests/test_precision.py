"""The door: 64-bit JAX and one BLAS thread inside, the caller's settings outside."""

import subprocess
import sys
import threading

import jax
import jax.numpy as jnp
import pytest
import threadpoolctl

from surefit import precision
from surefit.precision import double_precision


def blas_threads():
    return [
        pool["num_threads"]
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas"
    ]


@double_precision
def inside():
    return jnp.asarray(1 / 3).dtype.name, blas_threads()


@pytest.mark.parametrize("setting", [True, False])
def test_the_callers_setting_is_restored(setting):
    with jax.enable_x64(setting):
        before = jnp.asarray(0.5).dtype
        dtype, threads = inside()
        assert dtype == "float64"
        assert set(threads) <= {1}
        assert jnp.asarray(0.5).dtype == before


def test_doors_open_in_several_threads_leave_the_number_of_threads_as_it_was():
    before = blas_threads()
    both = threading.Barrier(2)

    @double_precision
    def meet():
        both.wait(5)
        inside()
        both.wait(5)

    workers = [threading.Thread(target=meet) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert blas_threads() == before
    assert set(inside()[1]) <= {1}


def test_settings_are_restored_after_an_error():
    before = blas_threads()

    @double_precision
    def fails():
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fails()
    assert blas_threads() == before


def test_a_library_loaded_after_the_first_door_is_limited_too():
    inside()
    import scipy.linalg  # noqa: F401

    assert set(inside()[1]) <= {1}


def test_jax_finds_its_devices_while_set_to_compute_in_line_and_keeps_no_setting(monkeypatch):
    seen = []
    monkeypatch.setattr(jax, "devices", lambda: seen.append(jax.config.read(precision.ASYNC)))
    before = jax.config.read(precision.ASYNC)
    precision._compute_in_line.__wrapped__()
    assert seen == [False]
    assert jax.config.read(precision.ASYNC) == before


FIT = """
import jax, surefit as sf
names = [name for name in dir(jax.config) if name.startswith("jax_") and "cache" not in name]
before = {name: getattr(jax.config, name) for name in names}
sf.fit([0, 1, 2, 3], [0, 1, 2, 3.1], sf.Line(), yerr=0.1)
assert {name: getattr(jax.config, name) for name in names} == before
assert jax.config.read("jax_cpu_enable_async_dispatch")
"""


def test_no_setting_of_jax_but_its_cache_is_changed_by_a_fit():
    subprocess.run([sys.executable, "-c", FIT], check=True, timeout=120)
