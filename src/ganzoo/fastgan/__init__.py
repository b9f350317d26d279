"""The FastGAN family."""

from ganzoo.fastgan.fastgan import FastGAN

__all__ = ["FastGAN"]
