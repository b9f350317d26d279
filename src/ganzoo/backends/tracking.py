"""How a part of a Keras model is replaced by another."""

from typing import Any

import keras


def replace_part(model: keras.Model, name: str, part: Any) -> None:
    """Set an attribute of a model, whose old value is then no part of it any more.

    Keras goes on training and threading a layer that was an attribute once. It forgets one only
    as it leaves a list or dict that is an attribute; so the old one goes through a list.

    Args:
        model: or a layer.
        name: of the attribute, which may not exist yet.
        part: a layer, or anything else.
    """
    model.leaving = [getattr(model, name, None)]
    model.leaving.clear()
    del model.leaving
    setattr(model, name, part)
