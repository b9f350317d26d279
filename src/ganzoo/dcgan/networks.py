"""The paper's two networks, for images of any height, width and channels.

Reference:
    [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434): strided and
    fractionally-strided convolutions instead of pooling, batch normalisation except next to the
    images, ReLU in the generator and LeakyReLU in the discriminator, tanh at the output.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from ganzoo import backends
from ganzoo.types import ImageShape, Tensor

SMALLEST_SIDE = 8  # one stage down to a stem of 4
LARGEST_STEM = 7
MOST_FILTERS = 512


def feature_shapes(image_shape: ImageShape, base_filters: int = 64) -> list[ImageShape]:
    """Return the shapes of the feature maps, from the stem up to the image.

    Each stage doubles the size (rounded up) and halves the filters, which are `base_filters`
    next to the image and at most 512. The stem's shorter side is 4 to 7.

    Args:
        image_shape: `(height, width, channels)`, height and width at least 8.
        base_filters: filters of the map next to the image.

    Returns:
        A list of `(height, width, filters)`; the last is `image_shape`.

    Example:
        ```python
        from ganzoo.dcgan.networks import feature_shapes

        feature_shapes((28, 28, 1))  # [(7, 7, 128), (14, 14, 64), (28, 28, 1)]
        ```
    """
    height, width, _ = image_shape
    shapes = [image_shape]
    filters = base_filters
    while min(height, width) > LARGEST_STEM:
        height, width = math.ceil(height / 2), math.ceil(width / 2)
        shapes.append((height, width, min(filters, MOST_FILTERS)))
        filters *= 2
    return shapes[::-1]


@keras.saving.register_keras_serializable("ganzoo")
class StridedConv(layers.Conv2D):
    """`Conv2D` with stride 2, each backend's fastest way."""

    def call(self, inputs: Tensor) -> Tensor:
        return self.convolved(inputs, self.kernel.value)

    def convolved(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        outputs = backends.current.conv(inputs, kernel)
        return outputs + self.bias if self.use_bias else outputs


class SpectralNorm:
    """Divides a layer's kernel by its largest singular value, as power iteration sees it.

    Keras' own wrapper assigns the divided kernel to the layer: its backends' gradients differ.

    Reference:
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), algorithm 1.
    """

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)  # type: ignore[misc]
        self.direction = self.add_weight(  # type: ignore[attr-defined]
            (self.kernel.shape[-1],),  # type: ignore[attr-defined]
            Normal(stddev=1.0, seed=0),
            trainable=False,
            autocast=False,  # torch would assign to a copy in half precision
            name="direction",
        )

    # Keras' convolutions and products save their kernel and bias alone.

    def save_own_variables(self, store: Any) -> None:
        keras.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: Any) -> None:
        keras.Layer.load_own_variables(self, store)

    def divided(self, training: bool) -> Tensor:
        """Return the kernel; while training, take one step of the power iteration before."""
        kernel = ops.cast(self.kernel.value, "float32")  # type: ignore[attr-defined]
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        constant, left = ops.stop_gradient(matrix), ops.cast(self.direction.value, "float32")
        right = ops.normalize(ops.matmul(constant, left), axis=-1)
        if training:
            left = ops.normalize(ops.matmul(right, constant), axis=-1)
            self.direction.assign(left)
        largest = ops.sum(ops.matmul(right, matrix) * left)
        return ops.cast(kernel / largest, self.compute_dtype)  # type: ignore[attr-defined]


@keras.saving.register_keras_serializable("ganzoo")
class SpectralConv(SpectralNorm, StridedConv):
    """`StridedConv` under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return self.convolved(inputs, self.divided(training))


@keras.saving.register_keras_serializable("ganzoo")
class SpectralDense(SpectralNorm, layers.Dense):
    """`Dense` without a bias, under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return ops.matmul(inputs, self.divided(training))


@keras.saving.register_keras_serializable("ganzoo")
class FractionallyStridedConv(layers.Conv2DTranspose):
    """`Conv2DTranspose` with stride 2 and no bias, each backend's fastest way."""

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.conv_transpose(inputs, self.kernel.value)


@keras.saving.register_keras_serializable("ganzoo")
class ResizeConv(FractionallyStridedConv):
    """Doubles each pixel and convolves with a kernel of 3 x 3: no checkerboard to begin with.

    That is a fractionally-strided convolution whose kernel of 4 x 4 is the one of 3 x 3, added up
    where both halves of a doubled pixel lie: as fast as the paper's.

    Reference:
        [Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/).
    """

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.conv_transpose(inputs, smeared(self.kernel.value))


def smeared(kernel: Tensor) -> Tensor:
    """Return the kernel `(4, 4, ...)` that does what `(3, 3, ...)` does to doubled pixels."""
    halves, rest = ([0, 1], [1, 0]), [[0, 0], [0, 0]]
    return sum(ops.pad(kernel, [rows, columns, *rest]) for rows in halves for columns in halves)


@keras.saving.register_keras_serializable("ganzoo")
class BatchNorm(layers.BatchNormalization):
    """`BatchNormalization` over the channels, each backend's fastest way."""

    def call(self, inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        if not training:
            return super().call(inputs, training=False)
        normalised, mean, variance = backends.current.batch_norm(
            *(ops.cast(each, "float32") for each in (inputs, self.gamma, self.beta)), self.epsilon
        )
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        return ops.cast(normalised, self.compute_dtype)


@keras.saving.register_keras_serializable("ganzoo")
class Normal(keras.initializers.RandomNormal):
    """`RandomNormal` drawn by NumPy: the same on every backend.

    JAX would compile a program for every shape, which takes longer than to draw images.
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        numbers = np.random.default_rng(self.seed).normal(self.mean, self.stddev, shape)
        return ops.convert_to_tensor(numbers.astype("float32"), dtype)


class PaperLayers:
    """The layers as the paper sets them, in one dtype and with one stream of initial weights."""

    def __init__(self, seed: int, dtype: Any) -> None:
        self.dtype = dtype
        self.random = np.random.default_rng(seed)

    def normal(self, mean: float = 0.0) -> keras.initializers.Initializer:
        seed = int(self.random.integers(2**31))
        return Normal(mean, stddev=0.02, seed=seed)

    def dense(self, units: int, kind: type[layers.Dense] = layers.Dense) -> keras.Layer:
        return kind(units, use_bias=False, kernel_initializer=self.normal(), dtype=self.dtype)

    def halve(self, filters: int, norm: str | None = "batch") -> keras.Layer:
        kind = SpectralConv if norm == "spectral" else StridedConv
        return kind(filters, **self._stage() | {"use_bias": norm != "batch"})

    def double(self, filters: int, upsampling: str = "transposed") -> keras.Layer:
        if upsampling == "resize":
            return ResizeConv(filters, **self._stage() | {"kernel_size": 3})
        return FractionallyStridedConv(filters, **self._stage())

    def batch_norm(self) -> keras.Layer:
        # Keras' own momentum and epsilon differ from the paper's code; its gain is N(1, 0.02).
        return BatchNorm(
            momentum=0.9, epsilon=1e-5, gamma_initializer=self.normal(1.0), dtype=self.dtype
        )

    def activation(self, kind: type[keras.Layer], *arguments: Any) -> keras.Layer:
        return kind(*arguments, dtype=self.dtype)

    def _stage(self) -> dict[str, Any]:
        return {
            "kernel_size": 4,
            "strides": 2,
            "padding": "same",
            "data_format": "channels_last",  # whatever keras.json says
            "use_bias": False,
            "kernel_initializer": self.normal(),
            "dtype": self.dtype,
        }


def build_generator(
    image_shape: ImageShape,
    latent_dim: int,
    num_classes: int | None,
    base_filters: int,
    seed: int,
    dtype: Any = None,
    upsampling: str = "transposed",
) -> keras.Model:
    """Return the network from latents `(batch, latent_dim)` to images in [-1, 1].

    With `num_classes`, its inputs are `[latents, labels]`, the labels int32 `(batch,)`; their
    one-hot vectors are joined to the latents
    ([Mirza and Osindero, 2014](https://arxiv.org/abs/1411.1784)).
    """
    paper = PaperLayers(seed, dtype)
    stem, *stages = feature_shapes(image_shape, base_filters)
    inputs = [keras.Input((latent_dim,), name="latents")]
    x = inputs[0]
    if num_classes:
        inputs.append(keras.Input((), dtype="int32", name="labels"))
        x = ops.concatenate([x, ops.one_hot(inputs[1], num_classes, dtype=x.dtype)], axis=-1)
    x = paper.dense(math.prod(stem))(x)
    x = layers.Reshape(stem, dtype=dtype)(x)
    for height, width, filters in stages:
        x = paper.activation(layers.ReLU)(paper.batch_norm()(x))
        x = crop(paper.double(filters, upsampling)(x), height, width)
    images = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(inputs if num_classes else inputs[0], images, name="generator")


def build_discriminator(
    image_shape: ImageShape,
    num_classes: int | None,
    base_filters: int,
    seed: int,
    dtype: Any = None,
    norm: str | None = "batch",
) -> keras.Model:
    """Return the network from images in [-1, 1] to logits `(batch,)`.

    With a norm other than `"batch"`, no image is judged by its batch, and convolutions have biases;
    with `"spectral"`, every kernel is divided by its largest singular value.

    With `num_classes`, its inputs are `[images, labels]` and the logit gains the inner product
    of the last features with a vector of the asked class, the projection discriminator of
    [Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637), equation 3.
    """
    paper = PaperLayers(seed, dtype)
    *stages, _ = feature_shapes(image_shape, base_filters)
    inputs = [keras.Input(image_shape, name="images")]
    x = inputs[0]
    for depth, (_, _, filters) in enumerate(reversed(stages)):
        x = paper.halve(filters, norm)(x)
        if depth > 0 and norm == "batch":
            x = paper.batch_norm()(x)
        x = paper.activation(layers.LeakyReLU, 0.2)(x)
    features = layers.Reshape((-1,), dtype=dtype)(x)
    dense = SpectralDense if norm == "spectral" else layers.Dense
    logits = ops.squeeze(paper.dense(1, dense)(features), axis=-1)
    if num_classes:
        inputs.append(keras.Input((), dtype="int32", name="labels"))
        projections = paper.dense(num_classes, dense)(features)
        asked = ops.one_hot(inputs[1], num_classes, dtype=projections.dtype)
        logits = logits + ops.sum(projections * asked, axis=-1)
    logits = layers.Activation("linear", dtype="float32")(logits)
    return keras.Model(inputs if num_classes else inputs[0], logits, name="discriminator")


def discriminator_stages(discriminator: keras.Model) -> list[list[keras.Layer]]:
    """Return each convolution with the layers up to the next one, from the image on."""
    stages: list[list[keras.Layer]] = []
    for layer in discriminator.layers:
        if isinstance(layer, StridedConv):
            stages.append([])
        if stages:
            stages[-1].append(layer)
    last = stages[-1]
    del last[1 + next(i for i, layer in enumerate(last) if isinstance(layer, layers.LeakyReLU)) :]
    return stages


def crop(images: Tensor, height: int, width: int) -> Tensor:
    """Return the images without the row or column that doubling an odd size added."""
    return images if images.shape[1:3] == (height, width) else images[:, :height, :width, :]
