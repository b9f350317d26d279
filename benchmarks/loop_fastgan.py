"""A FastGAN as a good PyTorch user writes it from the paper: squares of 64 pixels or more."""

import copy
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad, relu
from torch.nn.utils.parametrizations import spectral_norm

from referee import BETA_1, FASTGAN_BATCH, FASTGAN_FILTERS, LEARNING_RATE, Referee, batches

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LATENT_DIM, SPREAD, DECAY = 256, 0.2, 0.999
UP = (16, 8, 4, 2, 2, 1, 1 / 2)  # filters of the generator's maps of 4, 8, 16 ... pixels


def conv(
    before: int, after: int, size: int, stride: int = 1, padding: int | None = None
) -> nn.Module:
    padding = (size - 1) // 2 if padding is None else padding
    return spectral_norm(nn.Conv2d(before, after, size, stride, padding, bias=False))


class Noise(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.scale * torch.randn_like(x[:, :1])


def gated(filters: int, noisy: bool) -> list[nn.Module]:
    return [*([Noise()] if noisy else []), nn.BatchNorm2d(2 * filters), nn.GLU(1)]


def double(before: int, after: int, noisy: bool = False) -> nn.Module:
    modules = [nn.Upsample(scale_factor=2), conv(before, 2 * after, 3), *gated(after, noisy)]
    if noisy:
        modules += [conv(after, 2 * after, 3), *gated(after, noisy)]
    return nn.Sequential(*modules)


def normed(before: int, after: int, size: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        conv(before, after, size, stride), nn.BatchNorm2d(after), nn.LeakyReLU(0.2, inplace=True)
    )


class Excite(nn.Module):
    def __init__(self, by: int, filters: int) -> None:
        super().__init__()
        first = conv(by, filters, 4, padding=0)
        self.weigh = nn.Sequential(
            nn.AdaptiveAvgPool2d(4), first, nn.SiLU(), conv(filters, filters, 1), nn.Sigmoid()
        )

    def forward(self, x: Tensor, by: Tensor) -> Tensor:
        return x * self.weigh(by)


class Generator(nn.Module):
    def __init__(self, side: int, channels: int) -> None:
        super().__init__()
        filters = [int(more * FASTGAN_FILTERS) for more in UP[: int(math.log2(side)) - 1]]
        dense = spectral_norm(nn.Linear(LATENT_DIM, 16 * 2 * filters[0], bias=False))
        unflat = nn.Unflatten(1, (2 * filters[0], 4, 4))
        self.stem = nn.Sequential(dense, unflat, *gated(filters[0], False))
        self.stages = nn.ModuleList(
            double(filters[n - 1], filters[n], n % 2 == 1) for n in range(1, len(filters))
        )
        self.excite = nn.ModuleList(
            Excite(filters[n - 4], filters[n]) for n in range(4, len(filters))
        )
        self.image = conv(filters[-1], channels, 3)

    def forward(self, latents: Tensor) -> Tensor:
        maps = [self.stem(latents)]
        for number, stage in enumerate(self.stages, 1):
            x = stage(maps[-1])
            maps.append(self.excite[number - 4](x, maps[number - 4]) if number >= 4 else x)
        return self.image(maps[-1]).tanh()


class Halve(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.long = nn.Sequential(normed(before, after, 4, 2), normed(after, after, 3))
        self.short = nn.Sequential(nn.AvgPool2d(2), normed(before, after, 1))

    def forward(self, x: Tensor) -> Tensor:
        return (self.long(x) + self.short(x)) / 2


class Discriminator(nn.Module):
    def __init__(self, side: int, channels: int) -> None:
        super().__init__()
        count = int(math.log2(side)) - 3
        filters = [int(FASTGAN_FILTERS * 8 / 2**n) for n in reversed(range(count + 1))]
        self.first = nn.Sequential(conv(channels, filters[0], 3), nn.LeakyReLU(0.2))
        self.stages = nn.ModuleList(Halve(*filters[n - 1 : n + 1]) for n in range(1, count + 1))
        self.excite = nn.ModuleList(Excite(filters[n - 3], filters[n]) for n in range(3, count + 1))
        self.judge = nn.Sequential(
            normed(filters[-1], 2 * filters[-1], 1), conv(2 * filters[-1], 1, 4, padding=0)
        )
        half = [each // 2 for each in filters[2:]]
        self.small = nn.Sequential(
            conv(channels, half[0], 4, 2),
            nn.LeakyReLU(0.2),
            *(normed(half[n - 1], half[n], 4, 2) for n in range(1, len(half))),
        )
        self.judge_small = conv(half[-1], 1, 4, padding=0)
        self.decoders = nn.ModuleList(
            decoder(depth, channels, count - 1) for depth in (filters[-1], half[-1], filters[-2])
        )

    def forward(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        maps = [self.first(images)]
        for number, stage in enumerate(self.stages, 1):
            x = stage(maps[-1])
            maps.append(self.excite[number - 3](x, maps[number - 3]) if number >= 3 else x)
        small = self.small(avg_pool2d(images, 2))
        logits = [self.judge(maps[-1]).flatten(1), self.judge_small(small).flatten(1)]
        return torch.cat(logits, 1), [maps[-1], small, maps[-2]]

    def rebuilding(self, maps: list[Tensor], real: Tensor) -> Tensor:
        row, column = torch.randint(0, 2, (2,)).tolist()
        part, middle = quadrant(real, row, column), quadrant(maps[2], row, column)
        small = avg_pool2d(real, 2)
        pairs = zip(self.decoders, (maps[0], maps[1], middle), (small, small, part), strict=True)
        return sum((decode(x) - target).abs().mean() for decode, x, target in pairs)


def quadrant(x: Tensor, row: int, column: int) -> Tensor:
    return x.chunk(2, 2)[row].chunk(2, 3)[column]


def decoder(depth: int, channels: int, doublings: int) -> nn.Module:
    filters = [depth, *(int(FASTGAN_FILTERS * more) for more in (2, 1, 1, 1 / 2)[:doublings])]
    stages = [double(filters[n], filters[n + 1]) for n in range(doublings)]
    return nn.Sequential(*stages, conv(filters[-1], channels, 3), nn.Tanh())


def augmented(x: Tensor) -> Tensor:
    """Brightness, saturation, contrast and translation, as of Zhao et al."""
    count, _, height, width = x.shape
    brighter, colour, contrast = torch.rand(3, count, 1, 1, 1, device=x.device)
    x = x + brighter - 0.5
    mean = x.mean(1, keepdim=True)
    x = (x - mean) * 2 * colour + mean
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * (contrast + 0.5) + mean
    most = (height // 8, width // 8)
    moves = [torch.randint(-each, each + 1, (count, 1, 1), device=x.device) for each in most]
    rows = torch.arange(height, device=x.device)[None, :, None] + most[0] + moves[0]
    columns = torch.arange(width, device=x.device)[None, None] + most[1] + moves[1]
    x = pad(x, (most[1], most[1], most[0], most[0])).permute(0, 2, 3, 1)
    return x[torch.arange(count, device=x.device)[:, None, None], rows, columns].permute(0, 3, 1, 2)


def margin_loss(logits: Tensor) -> Tensor:
    return relu(1 - SPREAD * torch.rand_like(logits) - logits).mean()


def adam(parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=LEARNING_RATE, betas=(BETA_1, 0.999), fused=True)


def prepared(network: nn.Module) -> nn.Module:
    """Set the paper's initial weights and the faster memory layout."""
    for name, weight in network.named_parameters():
        if weight.dim() > 1 or name.endswith("weight"):
            nn.init.normal_(weight, float(weight.dim() == 1), 0.02)
    return network.to(DEVICE, memory_format=torch.channels_last)


def scaled(batch: np.ndarray) -> Tensor:
    images = torch.from_numpy(batch).to(DEVICE, non_blocking=True).permute(0, 3, 1, 2)
    return images.float().div_(127.5).sub_(1.0)


def trainer(G: nn.Module, D: nn.Module) -> Callable:
    generator_adam, discriminator_adam = adam(G.parameters()), adam(D.parameters())
    average = copy.deepcopy(G).requires_grad_(False)
    pairs = [
        [v for v in net.state_dict().values() if v.is_floating_point()] for net in (average, G)
    ]

    def step(batch: np.ndarray) -> tuple[Tensor, Tensor]:
        real = augmented(scaled(batch))
        fake = G(torch.randn(len(batch), LATENT_DIM, device=DEVICE))
        discriminator_adam.zero_grad()
        logits, maps = D(real)
        loss = margin_loss(logits) + margin_loss(-D(augmented(fake.detach()))[0])
        loss = loss + D.rebuilding(maps, real)
        loss.backward()
        discriminator_adam.step()
        generator_adam.zero_grad()
        D.requires_grad_(False)
        generator_loss = -D(augmented(fake))[0].mean()
        generator_loss.backward()
        D.requires_grad_(True)
        generator_adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(*pairs, 1 - DECAY)
        return loss.detach(), generator_loss.detach()

    return step


def compete(referee: Referee, images: np.ndarray) -> None:
    torch.manual_seed(0)
    side, channels = images.shape[1], images.shape[-1]
    networks = prepared(Generator(side, channels)), prepared(Discriminator(side, channels))
    step = trainer(*networks)
    parameters = sum(p.numel() for network in networks for p in network.parameters())
    referee.ready(parameters)
    for batch in batches(images, FASTGAN_BATCH):
        referee.played(step(batch))
