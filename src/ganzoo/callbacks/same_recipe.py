"""Whether a training goes on by the recipe that it began with, and in words where not."""

import json
from collections.abc import Mapping
from typing import Any

import keras

Recipe = Mapping[str, Any] | None
"""What `compile` was told, plain JSON; None of a model that is not compiled."""

WHOLE = "the recipe"
HOW = ("run_eagerly", "jit_compile", "steps_per_execution")  # a step is run, not what it does
CALLED = ("name", "module", "registered_name")  # what Keras calls a part


def recipe_of(model: keras.Model) -> Recipe:
    """Return what a model is compiled with."""
    config = keras.saving.serialize_keras_object(model.get_compile_config())
    return recipe_in(plain(config))


def recipe_in(compile_config: Any) -> Recipe:
    """Return what of a saved `compile` says how the model learns."""
    return compile_config and {k: v for k, v in compile_config.items() if k not in HOW}


def plain(config: Any) -> Any:
    """Return a config as a file holds it."""
    return json.loads(json.dumps(config))


def differences(then: Any, now: Any, what: str = WHOLE) -> list[str]:
    """Return in words where two recipes differ.

    What only one of them knows of a part is an option of another version of Keras.
    """
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        if then.get("class_name") == now.get("class_name"):
            common = {**then, **now} if what == WHOLE else then.keys() & now.keys()
            keys = [key for key in {**then, **now} if key in common and key not in CALLED]
            return [
                each
                for key in keys
                for each in differences(then.get(key), now.get(key), place(what, key))
            ]
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [
            each
            for number, pair in enumerate(zip(then, now, strict=True))
            for each in differences(*pair, f"{what}[{number}]")
        ]
    return [] if then == now else [f"{what} is {words(now)}, and was {words(then)}"]


def place(what: str, key: str) -> str:
    """Return where a part of a recipe is; that it has a config is Keras' affair."""
    return what if key == "config" else f"{what}.{key}".removeprefix(f"{WHOLE}.")


def words(value: Any) -> str:
    """Return a part of a recipe as people write it."""
    if isinstance(value, Mapping) and "class_name" in value:
        return str(value["class_name"])
    if isinstance(value, list):
        return f"[{', '.join(map(words, value))}]"
    return repr(value)


def scheduled(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether a schedule sets an optimizer's learning rate."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # behind loss scaling
    return isinstance(inner.get_config()["learning_rate"], dict)
