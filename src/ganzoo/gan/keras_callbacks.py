"""Keras' own callbacks: what cannot work with a GAN is refused before it costs an epoch."""

from collections.abc import Sequence
from typing import Any

import keras

BETTER = {
    "min": ("generator_loss", "discriminator_loss", "fid", "kid", "snapshot_fid", "snapshot_kid"),
    "max": ("precision", "recall", "density", "coverage"),
}
"""Which numbers of the logs are better the lower, and the higher, they are."""


def check_callbacks(callbacks: Sequence[Any], model: keras.Model, validated: bool) -> None:
    """Look at callbacks, and tell those that monitor a number which way is better.

    Args:
        callbacks: of a `fit`.
        model: compiled.
        validated: whether there are images to validate on.

    Raises:
        TypeError: something that is no callback.
        ValueError: a callback that could not do what it is for.
    """
    for each in callbacks:
        if not isinstance(each, keras.callbacks.Callback):
            made = f"an object of it: {each.__name__}(...)" if isinstance(each, type) else "those"
            raise TypeError(f"callbacks are objects of keras.callbacks.Callback: give {made}.")
        if isinstance(each, keras.callbacks.BackupAndRestore) and each.save_freq != "epoch":
            raise ValueError(
                f"BackupAndRestore(save_freq={each.save_freq!r}) saves within an epoch, and would "
                "go on at its beginning, with images that the model has seen already. Use "
                'save_freq="epoch", or ganzoo.callbacks.ExactResume.'
            )
        if isinstance(each, keras.callbacks.SwapEMAWeights):
            _check_averages(model)
        if monitors(each):
            _check_monitor(each, [tracker.name for tracker in model.metrics], validated)


def monitors(callback: Any) -> bool:
    """Whether a callback makes something of a number in the logs."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        return bool(callback.save_best_only)
    known = keras.callbacks.EarlyStopping | keras.callbacks.ReduceLROnPlateau
    return isinstance(callback, known)


def _check_monitor(callback: Any, own: Sequence[str], validated: bool) -> None:
    kind, name = type(callback).__name__, callback.monitor
    known = [*own, *(f"val_{each}" for each in own if validated)]
    plain = name.removeprefix("val_")
    if name not in known and plain in ("loss", "accuracy", "acc", *own):
        without = "" if plain not in own else " without validation_data"
        raise ValueError(
            f"{kind} monitors {name!r}, which the logs of a GAN do not have{without}: they have "
            f"{', '.join(known)}. Scores say more: put BestSnapshot before it, with "
            f'{kind}(monitor="snapshot_fid", mode="min").'
        )
    if callback.mode != "auto":
        return
    for mode, names in BETTER.items():
        if plain in names:
            callback.mode = mode
    if callback.mode == "auto":
        raise ValueError(
            f"{kind} monitors {name!r}: say which way is better, with mode='min' or mode='max'."
        )


def _check_averages(model: keras.Model) -> None:
    if not any(each.use_ema for each in model.optimizer.optimizers):
        raise ValueError(
            "SwapEMAWeights needs an optimizer with use_ema=True. A GAN has an average of its "
            "own, which draws: compile(ema_decay=...), and leave the callback out."
        )
