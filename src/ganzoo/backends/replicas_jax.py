"""JAX on several devices: one program, whose batches `keras.distribution` lays over all of them.

Where several processes were started, each has some of the devices, and all run the same steps of
the program together. What they tell each other beside it goes through the service by which
`jax.distributed` has brought them together, so that no device is waited for.
"""

import atexit
import os
import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax._src import distributed
from jax.experimental import multihost_utils

from ganzoo.launched import place

LAID = "keras.distribution.set_distribution(keras.distribution.DataParallel())"
OF_MESSAGES = ("Gloo", "NCCL", "peer", "coordination service", "another process has ended")
TOLD, ENDED = "ganzoo/told", "ganzoo/ended"  # where messages lie
PATIENCE = 2_000  # milliseconds, after which one looks whether the others are there
KEPT = 100  # messages, before the oldest are thrown away

_told = 0


def join() -> tuple[int, int]:
    count = jax.process_count()
    if count == 1:
        if (found := place()) is not None:
            raise RuntimeError(
                f"{found.processes} processes were started, and JAX knows of this one alone, so "
                "each would train a model of its own. Begin the program with "
                "jax.distributed.initialize(), before anything else of JAX or ganzoo, and "
                f"{LAID}; or start one process, which uses all devices of this machine."
            )
        return 0, 1
    distribution = keras.distribution.distribution()
    if distribution is None:
        raise RuntimeError(
            f"{count} processes were started, and nothing lays batches over their devices, so each "
            f"would train a model of its own. Say {LAID} before the model is built."
        )
    distribution.auto_shard_dataset = False  # each process reads its rows already
    if keras.Variable._direct_assign is not assign_here:
        keras.Variable._direct_assign = assign_here
        atexit.register(end)
    return jax.process_index(), count


_assign = keras.Variable._direct_assign


def assign_here(variable: keras.Variable, value: Any) -> None:
    """Give a variable a value in this process; the others have been given the same, or will be.

    Keras would ask them for theirs, and wait: they may be doing something else.
    """
    if variable._layout is not None and not isinstance(value, jax.core.Tracer):
        value = jnp.asarray(value)
        if value.is_fully_addressable:
            layout = variable._layout.backend_layout
            whole = np.asarray(value)
            value = jax.make_array_from_process_local_data(layout, whole, whole.shape)
    _assign(variable, value)


def from_all(value: Any) -> list[Any]:
    return [pickle.loads(each) for each in messages(pickle.dumps(value))]


def highest(number: int) -> int:
    return max(int(each) for each in messages(str(number).encode()))


def messages(own: bytes) -> list[bytes]:
    """Return what each process says; every one of them must say something."""
    global _told
    number, client = jax.process_index(), distributed.global_state.client
    here = f"{TOLD}/{_told // KEPT}/{_told}"
    client.key_value_set_bytes(f"{here}/{number}", own)
    found = [
        own if each == number else awaited(f"{here}/{each}") for each in range(jax.process_count())
    ]
    if number == 0 and _told % KEPT == 0:  # all have read what was said before this
        client.key_value_delete(f"{TOLD}/{_told // KEPT - 1}")
    _told += 1
    return found


def awaited(key: str) -> bytes:
    """Return a message, as soon as it is there."""
    client = distributed.global_state.client
    while True:
        try:
            return client.blocking_key_value_get_bytes(key, PATIENCE)
        except jax.errors.JaxRuntimeError as error:
            if "DEADLINE_EXCEEDED" not in str(error):
                raise
        if client.key_value_dir_get(ENDED):
            raise RuntimeError("another process has ended")


def end() -> None:
    """Let no other process wait for this one.

    One that ends by an error does so at once: JAX would wait for the others, and those for it.
    """
    with suppress(jax.errors.JaxRuntimeError):  # the first one has ended already
        distributed.global_state.client.key_value_set(f"{ENDED}/{jax.process_index()}", "")
    if hasattr(sys, "last_value"):  # Python has shown an error, and ends
        sys.stdout.flush()
        sys.stderr.flush()
        if jax.process_index() == 0:  # JAX ends all with the first: let them say why before
            time.sleep(2 * PATIENCE / 1000)
        os._exit(1)


def adopt(variables: Sequence[keras.Variable]) -> None:
    if jax.process_count() > 1:
        values = [keras.ops.convert_to_numpy(each) for each in variables]
        for variable, value in zip(
            variables, multihost_utils.broadcast_one_to_all(values), strict=True
        ):
            variable.assign(value)


def lost_another(error: Exception) -> bool:
    """Whether an error came from a message between processes: JAX knows no more."""
    return isinstance(error, RuntimeError) and any(each in str(error) for each in OF_MESSAGES)


def shares(model: keras.Model) -> int:
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 1
    mesh = distribution.device_mesh
    count = mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]
    known = [*model.variables, *(model.optimizer.variables if model.compiled else ())]
    if count > 1 and not all(map(is_laid, known)):
        raise ValueError(
            "The model was built before the distribution was set, on one device: build it, or load "
            "it, and compile it within the distribution."
        )
    return count


def is_laid(variable: keras.Variable) -> bool:
    """Whether a variable is on all devices of a distribution."""
    return variable.value.sharding.num_devices > 1


def rows(count: int, shares: int) -> np.ndarray:
    """Return this process's block; JAX puts those of all processes behind each other."""
    return np.split(np.arange(count), jax.process_count())[jax.process_index()]


@contextmanager
def alone(*models: keras.Model) -> Iterator[None]:
    """Lay copies of the values on one device: a step gives those that it gets away."""
    distribution = keras.distribution.distribution()
    several = models if jax.device_count() > 1 else ()  # else looking takes a fifth of an image
    before = [
        (each, each.value, each._layout)
        for model in several
        for each in [*model.variables, *model.metrics_variables]
        if is_laid(each)
    ]
    keras.distribution.set_distribution(None)
    try:
        for variable, value, _ in before:
            variable._layout, variable._value = None, jnp.array(value.addressable_data(0))
        yield
    finally:
        for variable, value, layout in before:
            variable._layout, variable._value = layout, value
        keras.distribution.set_distribution(distribution)


def is_first() -> bool:
    return jax.process_index() == 0


@contextmanager
def spread(count: int | None) -> Iterator[None]:
    found = place()
    if found is not None:
        jax.distributed.initialize(
            f"{found.address}:{found.port + 1}", found.processes, found.number
        )
    elif count is not None and count > 1 and not has_accelerator():
        jax.config.update("jax_num_cpu_devices", count)
    devices = keras.distribution.list_devices()
    if found is None and count is not None and count > len(devices):
        raise ValueError(f"There are {len(devices)} devices, not {count}.")
    devices = devices if found else devices[:count]
    if len(devices) == 1:
        yield
        return
    with keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False).scope():
        yield


def has_accelerator() -> bool:
    """Say whether JAX computes on something else than the CPU, without asking JAX to begin."""
    return any(find_spec(f"jax_{kind}_plugin") for kind in ("cuda12", "cuda13", "rocm7")) or bool(
        find_spec("libtpu")
    )
