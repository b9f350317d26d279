"""A DCGAN as a good PyTorch user writes it, after the official tutorial."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from referee import (
    BATCH_SIZE,
    BETA_1,
    LATENT_DIM,
    LEARNING_RATE,
    Referee,
    Stage,
    batches,
    feature_maps,
)

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
STRIDED = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}


def generator(maps: list[Stage]) -> nn.Module:
    stem = maps[0]
    modules: list[nn.Module] = [
        nn.Linear(LATENT_DIM, stem.height * stem.width * stem.filters, bias=False),
        nn.Unflatten(1, (stem.filters, stem.height, stem.width)),
    ]
    for before, after in pairwise(maps):
        modules += [nn.BatchNorm2d(before.filters), nn.ReLU(inplace=True)]
        modules += [nn.ConvTranspose2d(before.filters, after.filters, **STRIDED)]
    return nn.Sequential(*modules, nn.Tanh())


def discriminator(maps: list[Stage]) -> nn.Module:
    modules: list[nn.Module] = []
    for after, before in list(pairwise(maps))[::-1]:
        modules.append(nn.Conv2d(before.filters, after.filters, **STRIDED))
        if before is not maps[-1]:
            modules.append(nn.BatchNorm2d(after.filters))
        modules.append(nn.LeakyReLU(0.2, inplace=True))
    stem = maps[0]
    return nn.Sequential(
        *modules,
        nn.Flatten(),
        nn.Linear(stem.height * stem.width * stem.filters, 1, bias=False),
        nn.Flatten(0),
    )


def prepare(network: nn.Module) -> torch.optim.Optimizer:
    """Set the paper's initial weights, the faster memory layout and the optimizer."""
    network.to(DEVICE, memory_format=torch.channels_last)
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            mean = float(isinstance(module, nn.BatchNorm2d))
            nn.init.normal_(module.weight, mean, 0.02)
    return torch.optim.Adam(
        network.parameters(), lr=LEARNING_RATE, betas=(BETA_1, 0.999), fused=True
    )


def scaled(batch: np.ndarray) -> torch.Tensor:
    """Return images in [-1, 1]; the permuted view is what torch calls channels last."""
    images = torch.from_numpy(batch).to(DEVICE, non_blocking=True).permute(0, 3, 1, 2)
    return images.float().div_(127.5).sub_(1.0)


def trainer(G: nn.Module, D: nn.Module) -> Callable:
    generator_adam, discriminator_adam = prepare(G), prepare(D)
    ones = torch.ones(BATCH_SIZE, device=DEVICE)
    zeros = torch.zeros(BATCH_SIZE, device=DEVICE)

    def step(batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        fake = G(torch.randn(BATCH_SIZE, LATENT_DIM, device=DEVICE))
        D.zero_grad()
        real_loss = binary_cross_entropy_with_logits(D(scaled(batch)), ones)
        fake_loss = binary_cross_entropy_with_logits(D(fake.detach()), zeros)
        (real_loss + fake_loss).backward()
        discriminator_adam.step()
        G.zero_grad()
        D.requires_grad_(False)  # the generator's update needs no gradient of these weights
        generator_loss = binary_cross_entropy_with_logits(D(fake), ones)
        generator_loss.backward()
        D.requires_grad_(True)
        generator_adam.step()
        return (real_loss + fake_loss).detach(), generator_loss.detach()

    return step


def compete(referee: Referee, images: np.ndarray) -> None:
    maps = feature_maps(Stage(*images.shape[1:]))
    torch.manual_seed(0)
    networks = generator(maps), discriminator(maps)
    step = trainer(*networks)
    parameters = sum(p.numel() for network in networks for p in network.parameters())
    referee.ready(parameters)
    for batch in batches(images):
        referee.played(step(batch))
