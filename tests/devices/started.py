"""What programs of these tests begin with: so many devices, as the first argument says.

Imported before anything else. Where a launcher says that several processes were started, each of
them is one device on torch, and has so many of its own on JAX.
"""

import contextlib
import os
import sys
from pathlib import Path

DEVICES = int(sys.argv[1])
BACKEND = os.environ["KERAS_BACKEND"]
RANK = os.environ.get("RANK", "0")

sys.path.append(str(Path(__file__).parents[1] / "families"))
if BACKEND == "tensorflow":
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"  # threads add up in another order each time
if BACKEND == "jax":
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES}"
if BACKEND == "jax" and "RANK" in os.environ:
    import jax

    address = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
    jax.distributed.initialize(address, int(os.environ["WORLD_SIZE"]), int(RANK))

import ganzoo  # noqa: E402, F401  # isort: skip
import keras  # noqa: E402

if BACKEND == "torch":  # where Keras' products of float64 are float32
    import torch
    from keras.src.backend.torch import numpy as of_torch

    rounding = of_torch.matmul
    of_torch.matmul = lambda x, y: (torch.matmul if x.dtype == torch.float64 else rounding)(x, y)


def scope():
    """Return what a user puts a model into, so that it trains on several devices."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * DEVICES
        )
        devices = [f"CPU:{number}" for number in range(DEVICES)]
        return tf.distribute.MirroredStrategy(devices).scope()
    if BACKEND == "jax":
        return keras.distribution.DataParallel().scope()
    return contextlib.nullcontext()
