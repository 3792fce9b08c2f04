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


def test_doors_in_several_threads_limit_each_and_restore_all():
    with threadpoolctl.threadpool_limits(2, "blas"):
        before, seen = blas_threads(), []
        entered, leave = threading.Barrier(3), threading.Event()

        @double_precision
        def wait():
            entered.wait(5)
            seen.append(blas_threads())
            inside()
            seen.append(blas_threads())  # a door within a door changes nothing
            leave.wait(5)

        workers = [threading.Thread(target=wait) for _ in range(2)]
        for worker in workers:
            worker.start()
        entered.wait(5)
        leave.set()
        for worker in workers:
            worker.join()
        assert all(set(threads) <= {1} for threads in seen)
        assert len(seen) == 4
        assert blas_threads() == before


def test_settings_are_restored_after_an_error():
    before = blas_threads()

    @double_precision
    def fails():
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fails()
    assert blas_threads() == before
