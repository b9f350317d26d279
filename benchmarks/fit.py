"""The contestant: `ganzoo.DCGAN(...).fit` on the backend that `KERAS_BACKEND` names."""

import keras
import numpy as np

import ganzoo
from referee import BATCH_SIZE, Referee


class Timed(keras.callbacks.Callback):
    """Reports each batch of one long `fit`, so that no start of a `fit` is counted."""

    def __init__(self, referee: Referee, losses: tuple[str, str]) -> None:
        super().__init__()
        self.referee = referee
        self.losses = losses

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.referee.played([logs[name] for name in self.losses])


def compete(referee: Referee, images: np.ndarray) -> None:
    gan = ganzoo.DCGAN(images.shape[1:], seed=0)
    gan.compile()
    timed = Timed(referee, ("discriminator_loss", "generator_loss"))
    networks = (gan.generator, gan.discriminator)
    parameters = sum(np.prod(v.shape) for network in networks for v in network.trainable_variables)
    referee.ready(parameters)
    gan.fit(images, batch_size=BATCH_SIZE, epochs=10**6, verbose=0, callbacks=[timed])
