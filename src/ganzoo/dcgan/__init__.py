"""The deep convolutional GAN of Radford, Metz and Chintala (2016)."""

from ganzoo.dcgan.dcgan import DCGAN

__all__ = ["DCGAN"]
