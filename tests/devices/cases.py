"""Models that train for 20 rounds on one set of images: what the table of devices is about.

They are of float64. In float32 most end within a millionth of each other, too; but now and then a
ReLU is so near to 0 that another order of sums takes it to the other side.
"""

import keras
import numpy as np
from keras.optimizers.schedules import CosineDecay

import ganzoo
from ganzoo.augmentation import AdaptiveAugmentation, Flip, InstanceNoise, Translation
from ganzoo.penalties import R1, Dragan, GradientPenalty, LeCam

ROUNDS, BATCH = 20, 8
SHAPE = (12, 8, 3)


def trained(build=None, fit=(), classes=None, epochs=4, **recipe):
    rng = np.random.default_rng(0)
    gan = (build or dcgan)(classes)
    images = rng.integers(0, 256, (37, *gan.image_shape), dtype="uint8")
    labels = rng.integers(0, classes, len(images)) if classes else None
    if keras.backend.backend() == "tensorflow":
        recipe["jit_compile"] = False  # XLA draws other random numbers
    gan.compile(**recipe)
    gan.fit(images, labels, batch_size=BATCH, epochs=epochs, verbose=0, **dict(fit))
    assert keras.ops.convert_to_numpy(gan.optimizer.iterations) == epochs * ROUNDS // 4
    return gan


def dcgan(classes=None, **arguments):
    small = {"latent_dim": 6, "base_filters": 4, "num_classes": classes, "seed": 3}
    return ganzoo.DCGAN(SHAPE, **{"dtype": "float64"} | small | arguments)


def no_norm(classes=None):
    return dcgan(classes, discriminator_norm=None)


def fastgan(classes=None):
    """For few rounds: what differs grows tenfold in each."""
    small = {"latent_dim": 6, "base_filters": 8, "seed": 3}
    return ganzoo.FastGAN((64, 64, 3), dtype="float64", **small)


def dense(classes=None):
    import dense_gan  # of tests/families, where programs look, too

    return dense_gan.load()(SHAPE, latent_dim=6, seed=3, dtype="float64")


CASES = {
    "batch norm": lambda: trained(),
    "spectral": lambda: trained(lambda classes: dcgan(classes, discriminator_norm="spectral")),
    "conditional": lambda: trained(classes=3),
    "R1, adaptive": lambda: trained(
        penalties=[R1()],
        augmentation=AdaptiveAugmentation([Flip(), Translation()], 0.5, images=999),
    ),
    "lazy R1": lambda: trained(penalties=[R1(every=4)]),
    "drawing penalties": lambda: trained(no_norm, penalties=[GradientPenalty(), Dragan()]),
    "LeCam, noise": lambda: trained(
        penalties=[LeCam()], augmentation=ganzoo.augmentation.Augmentation([InstanceNoise()])
    ),
    "two updates": lambda: trained(discriminator_steps=2),
    "relativistic": lambda: trained(loss="relativistic"),
    "no average": lambda: trained(ema_decay=None),
    "schedules": lambda: trained(
        generator_optimizer=keras.optimizers.Adam(CosineDecay(2e-3, ROUNDS), clipnorm=0.1),
        discriminator_optimizer=keras.optimizers.SGD(CosineDecay(2e-2, ROUNDS), momentum=0.9),
    ),
    "averaging optimizer": lambda: trained(
        discriminator_optimizer=keras.optimizers.AdamW(use_ema=True),
    ),
    "weights": lambda: trained(classes=3, fit={"class_weight": {0: 2.0}}),
    "float16": lambda: trained(lambda classes: dcgan(classes, dtype="mixed_float16")),
    "FastGAN": lambda: trained(fastgan, epochs=1),
    "dense": lambda: trained(dense),
}
