"""The door: 64-bit JAX and one BLAS thread inside, the caller's settings outside."""

import threading

import jax
import jax.numpy as jnp
import pytest
import threadpoolctl

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
