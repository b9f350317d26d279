"""The contestant: `ganzoo.FastGAN(...).fit` on the backend that `KERAS_BACKEND` names."""

import numpy as np

import ganzoo
from fit import Timed
from referee import FASTGAN_BATCH, FASTGAN_FILTERS, Referee


def compete(referee: Referee, images: np.ndarray) -> None:
    gan = ganzoo.FastGAN(images.shape[1:], base_filters=FASTGAN_FILTERS, seed=0)
    gan.compile()
    timed = Timed(referee, ("discriminator_loss", "generator_loss"))
    networks = (gan.generator, gan.discriminator, gan.auxiliary)
    parameters = sum(np.prod(v.shape) for network in networks for v in network.trainable_variables)
    referee.ready(parameters)
    gan.fit(images, batch_size=FASTGAN_BATCH, epochs=10**6, verbose=0, callbacks=[timed])
