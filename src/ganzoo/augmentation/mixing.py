"""Changes of colours as numbers, so that several of them are one pass over the images."""

from typing import NamedTuple

from keras import ops

from ganzoo.types import Tensor


class Mix(NamedTuple):
    """Colours that are a mix of what an image has: `own x + grey g + mean m + plus`.

    `x` are the values, `g` a pixel's mean over the channels and `m` the image's mean over all its
    values. The numbers are those of each image, `(batch, 1, 1, 1)`, or of all.
    """

    own: Tensor = 1.0
    grey: Tensor = 0.0
    mean: Tensor = 0.0
    plus: Tensor = 0.0

    def then(self, after: "Mix") -> "Mix":
        """Return both, one after the other: a pixel's and an image's mean are mixed alike."""
        of_grey = self.own + self.grey
        of_mean = of_grey + self.mean
        return Mix(
            own=after.own * self.own,
            grey=after.own * self.grey + after.grey * of_grey,
            mean=(after.own + after.grey) * self.mean + after.mean * of_mean,
            plus=(after.own + after.grey + after.mean) * self.plus + after.plus,
        )

    def of(self, images: Tensor) -> Tensor:
        """Return images in these colours; of four channels, the last is no colour but alpha."""
        if images.shape[3] == 4:
            return ops.concatenate([self.of(images[..., :3]), images[..., 3:]], axis=3)
        grey = ops.mean(images, axis=3, keepdims=True)
        mean = ops.mean(grey, axis=[1, 2], keepdims=True)
        return self.own * images + (self.grey * grey + (self.mean * mean + self.plus))
