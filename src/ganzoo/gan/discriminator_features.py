"""What a trained discriminator sees in images: the first paper's own use of it."""

from collections.abc import Sequence

import keras
from keras import layers

from ganzoo.types import ImageShape

GRID = 4


def build_feature_reader(
    discriminator: keras.Model, stages: Sequence[Sequence[keras.Layer]], image_shape: ImageShape
) -> keras.Model:
    """Return the network from images in [0, 255] to features `(batch, size)`.

    What comes out of each stage is flattened and joined; feature maps are max-pooled to a grid of
    4 x 4 before, as in section 5.1 of [Radford et al., 2016](https://arxiv.org/abs/1511.06434).
    They do not depend on a label. Where a map's side is no multiple of 4, neighbouring cells of
    the grid share a row or column of it.
    """
    outputs = [stage[-1].output for stage in stages]
    images = keras.Input(image_shape)
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(images)
    pool = layers.AdaptiveMaxPooling2D(GRID, data_format="channels_last", dtype="float32")
    seen = keras.tree.flatten(keras.Model(discriminator.inputs[0], outputs)(scaled))
    pooled = [pool(each) if len(each.shape) == 4 else each for each in seen]
    flat = [layers.Flatten(dtype="float32")(each) for each in pooled]
    return keras.Model(images, layers.Concatenate(dtype="float32")(flat) if len(flat) > 1 else flat)
