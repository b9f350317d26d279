"""What a trained discriminator sees in images: the first paper's own use of it."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from ganzoo.gan.drawing import in_batches
from ganzoo.types import ImageShape

GRID = 4


def build_feature_reader(
    discriminator: keras.Model, stages: Sequence[Sequence[keras.Layer]], image_shape: ImageShape
) -> keras.Model:
    """Return the network from images in [0, 255] to features `(batch, size)`.

    What comes out of each stage is flattened and joined; feature maps are max-pooled to a grid of
    4 x 4 before, as in section 5.1 of [Radford et al., 2016](https://arxiv.org/abs/1511.06434).
    Where a map's side is no multiple of 4, neighbouring cells of the grid share a row or column of
    it. The inputs are `[images, labels]` where the features depend on a label, else images alone.
    """
    outputs = [stage[-1].output for stage in stages]
    try:
        features = keras.Model(discriminator.inputs[0], outputs)
    except ValueError:  # Keras: they are not connected, because the label is joined to the image
        features = keras.Model(discriminator.inputs, outputs)
    images, labels = keras.Input(image_shape), features.inputs[1:]
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(images)
    pool = layers.AdaptiveMaxPooling2D(GRID, data_format="channels_last", dtype="float32")
    seen = keras.tree.flatten(features([scaled, *labels] if labels else scaled))
    pooled = [pool(each) if len(each.shape) == 4 else each for each in seen]
    flat = [layers.Flatten(dtype="float32")(each) for each in pooled]
    joined = layers.Concatenate(dtype="float32")(flat) if len(flat) > 1 else flat
    return keras.Model([images, *labels] if labels else images, joined)


def read_features(
    reader: keras.Model, images: np.ndarray, labels: np.ndarray | None, batch_size: int
) -> np.ndarray:
    """Return the features of images, float32 `(n, size)`; the mean over labels that they depend on.

    Args:
        reader: as `build_feature_reader` returns it.
        images: in [0, 255], `(n, height, width, channels)`.
        labels: all labels that there are, if there are any; attributes one by one.
        batch_size: how many images are looked at at once.
    """

    def read(*asked: np.ndarray) -> np.ndarray:
        return np.concatenate(list(in_batches(reader, [images, *asked], batch_size)))

    if labels is None or len(reader.inputs) == 1:
        return read()
    each = (np.resize(label, (len(images), *label.shape)) for label in labels)
    return np.asarray(sum(map(read, each), start=np.float32(0)) / np.float32(len(labels)))
