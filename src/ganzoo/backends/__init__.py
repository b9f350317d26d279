"""Each framework's share: the only modules that import one, and that use what is private.

`contract` says what a framework supplies. `on_jax`, `on_tensorflow` and `on_torch` hold its
gradients and what its trainer wants; `stock` is Keras' own way to the rest, `fast_jax`,
`fast_tensorflow` and `fast_torch` are faster ways to the same numbers, `halving` is what the first
two of these share, and `replicas_jax`, `replicas_tensorflow` and `replicas_torch` share the work
out to several devices.

What is private or undocumented, as of Keras 3.15.1 and torch 2.13, and the test that notices when
it is gone:

- `fast_torch.tune` replaces the method `_parallel_update_step` of Keras' Adam and reads its
  `_momentums` and `_velocities`, as no public method sees all gradients at once.
  `tests/backends/test_fast_torch.py`; without them, Adam is as slow as Keras' own.
- `fast_torch` calls `torch.optim.adam.adam`, which `torch.optim.Adam(fused=True)` calls: torch
  exports it, and does not document it. `tests/backends/test_fast_torch.py`.
- `replicas_tensorflow.tune` replaces `_all_reduce_sum_gradients` of Keras' optimizers, which would
  add up what is a mean already. `tests/devices/test_rounds.py`.
- `replicas_jax.alone` reads and sets `_value` and `_layout` of Keras variables, to take them from
  all devices and back. `tests/devices/test_uses.py`.
- `replicas_jax.join` replaces `_direct_assign` of Keras variables, which waits for all processes.
  `tests/devices/test_uses.py`; without it, a callback of one process that loads weights hangs.
- `replicas_jax` asks `jax._src` for the client of the service that brings processes together: its
  keys and values are public in no other way. `tests/devices/test_jax_processes.py`.
- `on_jax.sync` calls `keras.Model.jax_state_sync`, as Keras' own callbacks do.
  `tests/backends/test_contract.py`.
- `on_jax.keeping` reads `_value` of a Keras variable, as one whose value was taken away has no
  other sign. `tests/gan/test_stopping.py`.
- `tracking.replace_part` counts on it that Keras forgets a layer that leaves a list.
  `tests/backends/test_tracking.py`.

`tests/backends/test_private_api.py` keeps all other modules from it.
"""

import keras

from ganzoo.backends.contract import Backend
from ganzoo.backends.tracking import replace_part

__all__ = ["current", "on_processor", "replace_part"]

current: Backend
"""The running framework's."""

if keras.backend.backend() == "jax":
    from ganzoo.backends import on_jax

    current = on_jax
elif keras.backend.backend() == "tensorflow":
    from ganzoo.backends import on_tensorflow

    current = on_tensorflow
else:
    from ganzoo.backends import on_torch

    current = on_torch


def on_processor() -> bool:
    """Say whether a processor computes, and no accelerator."""
    return "cpu" in str(keras.ops.zeros(()).device).lower()
