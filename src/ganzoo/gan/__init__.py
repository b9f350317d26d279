"""What every family of GANs shares."""

from ganzoo.gan.arguments import GANArguments, checked
from ganzoo.gan.gan import GAN

__all__ = ["GAN", "GANArguments", "checked"]
