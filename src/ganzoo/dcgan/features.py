"""What a trained discriminator sees in images: the paper's own use of it."""

import keras
from keras import layers

from ganzoo.types import ImageShape

GRID = 4


def build_feature_reader(discriminator: keras.Model, image_shape: ImageShape) -> keras.Model:
    """Return the network from images in [0, 255] to the features `(batch, size)` of section 5.1.

    The activations of every convolution are max-pooled to a grid of 4 x 4, flattened and joined.
    They do not depend on a label. Where a map's side is no multiple of 4, neighbouring cells of
    the grid share a row or column of it.
    """
    maps = [each.output for each in discriminator.layers if isinstance(each, layers.LeakyReLU)]
    activations = keras.Model(discriminator.inputs[0], maps)
    images = keras.Input(image_shape)
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(images)
    pool = layers.AdaptiveMaxPooling2D(GRID, data_format="channels_last", dtype="float32")
    pooled = [layers.Flatten(dtype="float32")(pool(each)) for each in activations(scaled)]
    return keras.Model(images, layers.Concatenate(dtype="float32")(pooled))
