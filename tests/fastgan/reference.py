"""The FastGAN once more, in plain torch and float64, from the paper and not from ganzoo's code.

Its weights are lists, a list for each kind, in the order in which the layers come. What it makes of
them is in `rounds.npz`, so that backends without torch are compared with it, too.

Channels come first, as in torch; kernels are `(rows, columns, channels, filters)`, but those of
convolutions that enlarge `(rows, columns, filters, channels)`, as in Keras.
"""

import itertools
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("rounds.npz")
CASES = {
    "plain": {"image_shape": (64, 64, 1), "upsampling": "nearest", "num_classes": None},
    "classes": {"image_shape": (64, 72, 3), "upsampling": "bilinear", "num_classes": 2},
}
COMMON = {"latent_dim": 4, "base_filters": 1}
BATCH, ROUNDS, RATE = 4, 2, 1 / 64
QUADRANT = (1, 0)
MOMENTUM, EPSILON = 0.9, 1e-5
"""Of batch norm; the former is what moving statistics keep."""
KERNELS = ("dense", "enlarge", "conv")


def drawn(number, shape):
    """Return the numbers that stand for the noise drawn at one place."""
    return np.random.default_rng(100 + number).normal(size=shape)


def inputs(case):
    """Return images, labels and latents."""
    random = np.random.default_rng(1)
    shape = CASES[case]["image_shape"]
    images = random.integers(0, 256, (BATCH, *shape), dtype="uint8")
    labels = np.arange(BATCH, dtype="int32") % 2 if CASES[case]["num_classes"] else None
    return images, labels, random.normal(size=(BATCH, COMMON["latent_dim"])).astype("float32")


def random_weights(shapes):
    """Return a value for each weight of each kind."""
    random = np.random.default_rng(2)
    found = {kind: [random.normal(0, 0.3, shape) for shape in shapes[kind]] for kind in KERNELS}
    found["norm"] = [[random.normal(m, 0.2, count) for m in (1, 0)] for count in shapes["norm"]]
    found["noise"] = [random.normal(0, 0.3, shape) for shape in shapes["noise"]]
    return found


def matrix(kernel, kind):
    """Return a kernel as a matrix from channels at places to filters."""
    filters = -2 if kind == "enlarge" else -1
    return np.moveaxis(kernel, filters, -1).reshape(-1, kernel.shape[filters])


def first_direction(kernel, kind):
    """Return the singular vector of the largest singular value."""
    return np.linalg.svd(matrix(kernel, kind))[2][0]


class Network:
    """Takes weights of a kind one after the other, as the layers come."""

    def __init__(self, weights):
        import torch

        def variables(arrays):
            return [torch.tensor(each, requires_grad=True) for each in arrays]

        self.torch = torch
        self.kernels = {kind: variables(weights[kind]) for kind in KERNELS}
        self.directions = {
            kind: [torch.tensor(first_direction(each, kind)) for each in weights[kind]]
            for kind in KERNELS
        }
        self.norms = [variables(pair) for pair in weights["norm"]]
        self.moving = [[torch.zeros_like(pair[0]), torch.ones_like(pair[0])] for pair in self.norms]
        self.noises = variables(weights["noise"])
        self.variables = [
            *itertools.chain(*self.kernels.values(), *self.norms),
            *self.noises,
        ]

    def begin(self, training):
        self.training, self.at = training, dict.fromkeys([*KERNELS, "norm", "noise"], 0)

    def take(self, kind):
        self.at[kind] += 1
        return self.at[kind] - 1

    def kernel(self, kind):
        """Return the next kernel by its largest singular value, after one step towards it."""
        place = self.take(kind)
        kernel = self.kernels[kind][place]
        rows = kernel.transpose(2, 3) if kind == "enlarge" else kernel
        rows = rows.reshape(-1, rows.shape[-1])
        fixed, right = rows.detach(), self.directions[kind][place]
        left = fixed @ right / (fixed @ right).norm()
        if self.training:
            right = fixed.T @ left / (fixed.T @ left).norm()
            self.directions[kind][place] = right
        return kernel / (left @ rows @ right)

    def conv(self, x, stride=1, padding="same"):
        kernel = self.kernel("conv").permute(3, 2, 0, 1).contiguous()
        pad = 0 if padding == "valid" else {1: 0, 3: 1, 4: 1}[kernel.shape[-1]]
        return self.torch.conv2d(x, kernel, stride=stride, padding=pad)

    def norm(self, x):
        place = self.take("norm")
        gain, offset = (each[:, None, None] for each in self.norms[place])
        mean, variance = self.moving[place]
        if self.training:
            mean, variance = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            for moving, now in zip(self.moving[place], (mean, variance), strict=True):
                moving.mul_(MOMENTUM).add_(now.detach() * (1 - MOMENTUM))
        mean, variance = mean[:, None, None], variance[:, None, None]
        return (x - mean) / (variance + EPSILON).sqrt() * gain + offset

    def glu(self, x, noisy):
        if noisy:
            place = self.take("noise")
            shape = (len(x), *x.shape[2:], 1) if self.training else (1, *x.shape[2:], 1)
            noise = self.torch.tensor(drawn(place if self.training else -1, shape))
            x = x + self.noises[place] * noise.permute(0, 3, 1, 2)
        x = self.norm(x)
        half = x.shape[1] // 2
        return x[:, :half] * x[:, half:].sigmoid()

    def up(self, x, upsampling, noisy):
        mode = {} if upsampling == "nearest" else {"align_corners": False}
        x = self.torch.nn.functional.interpolate(x, scale_factor=2, mode=upsampling, **mode)
        if upsampling == "nearest":
            kernel = self.kernel("enlarge").permute(2, 3, 0, 1).flip(2, 3)
            x = self.torch.conv2d(x, kernel, padding=1)
        else:
            x = self.conv(x)
        x = self.glu(x, noisy)
        return self.glu(self.conv(x), noisy) if noisy else x

    def excite(self, x, by):
        by = self.torch.nn.functional.adaptive_avg_pool2d(by, 4)
        by = self.torch.nn.functional.silu(self.conv(by, padding="valid"))
        return x * self.conv(by).sigmoid()

    def leaky(self, x):
        return self.torch.nn.functional.leaky_relu(x, 0.2)


def generator(network, latents, labels, case):
    """Return images, and what is drawn at 4, 8, 16 and 32 pixels on the way."""
    torch, shape = network.torch, CASES[case]["image_shape"]
    x = torch.tensor(np.float64(latents))
    if labels is not None:
        x = torch.cat([x, torch.eye(2, dtype=torch.float64)[labels]], dim=1)
    height, width = 4, -(-shape[1] // 16)
    x = (x @ network.kernel("dense")).reshape(len(x), height, width, -1).permute(0, 3, 1, 2)
    stem = x = network.glu(x, False)
    for number, noisy in enumerate((True, False, True, False)):
        x = network.up(x, CASES[case]["upsampling"], noisy)
        if number == 0:
            x = x[:, :, :8, : shape[1] // 8]
    x = network.excite(x, stem)
    return network.conv(x).tanh().permute(0, 2, 3, 1)


def down(network, x):
    long = network.leaky(network.norm(network.conv(x, stride=2)))
    long = network.leaky(network.norm(network.conv(long)))
    short = network.torch.nn.functional.avg_pool2d(x, 2)
    return (long + network.leaky(network.norm(network.conv(short)))) / 2


def discriminator(network, images, labels):
    """Return logits of all places, and the maps that decoders see."""
    torch = network.torch
    images = images.permute(0, 3, 1, 2)
    first = network.leaky(network.conv(images))
    at_32 = down(network, first)
    at_16 = down(network, at_32)
    last = network.excite(down(network, at_16), first)
    judged = network.conv(network.leaky(network.norm(network.conv(last))), padding="valid")
    small = torch.nn.functional.avg_pool2d(images, 2)
    small = network.leaky(network.conv(small, stride=2))
    small = network.leaky(network.norm(network.conv(small, stride=2)))
    judged_small = network.conv(small, padding="valid")
    logits = torch.cat([judged.reshape(len(images), -1), judged_small.reshape(len(images), -1)], 1)
    if labels is not None:
        asked = (last.mean(dim=(2, 3)) @ network.kernel("dense"))[range(len(labels)), labels]
        logits = logits + asked[:, None]
    return logits, (last, small, at_16)


def rebuilt(decoders, maps, images):
    """Return how far the decoders' images are from real ones."""
    pool = decoders[0].torch.nn.functional.avg_pool2d
    images = images.permute(0, 3, 1, 2)
    last, small, middle = maps

    def part(x):
        rows, columns = x.shape[2] // 2, x.shape[3] // 2
        row, column = QUADRANT[0] * rows, QUADRANT[1] * columns
        return x[:, :, row : row + rows, column : column + columns]

    total = 0.0
    for decoder, features, target in (
        (decoders[0], last, pool(images, 2)),
        (decoders[1], small, pool(images, 2)),
        (decoders[2], part(middle), part(images)),
    ):
        decoder.begin(training=True)
        x = decoder.up(decoder.up(features, "nearest", False), "nearest", False)
        total = total + (decoder.conv(x).tanh() - target).abs().mean()
    return total


def margins(logits):
    """Return the hinge loss of real images, the mean over margins from 0.8 to 1."""
    grid = logits.new_tensor(0.8 + 0.2 * (np.arange(20_000) + 0.5) / 20_000)
    return (grid - logits[..., None]).relu().mean()


def step(networks, loss):
    import torch

    variables = [each for network in networks for each in network.variables]
    gradients = torch.autograd.grad(loss, variables)
    with torch.no_grad():
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.sub_(RATE * gradient)


def play(case, weights):
    """Return what both networks make at first, and after two rounds with SGD all weights."""
    import torch

    images, labels, latents = inputs(case)
    drawing, judging, *decoders = map(Network, weights)
    real = torch.tensor(images / 127.5 - 1.0)

    def draw(training):
        drawing.begin(training)
        return generator(drawing, latents, labels, case)

    def judge(images, training=True):
        judging.begin(training)
        return discriminator(judging, images, labels)

    found = {"images": draw(False)[:1], "logits": judge(real, False)[0]}
    losses = []
    for _ in range(ROUNDS):
        fake = draw(True)
        real_logits, maps = judge(real)
        loss = margins(real_logits) + margins(-judge(fake.detach())[0])
        loss = loss + rebuilt(decoders, maps, real)
        step([judging, *decoders], loss)
        deceived = -judge(fake)[0].mean()
        step([drawing], deceived)
        losses.append([loss.item(), deceived.item()])
    found["losses"] = torch.tensor(losses)
    for name, network in zip(("generator", "discriminator"), (drawing, judging), strict=True):
        found[name] = torch.cat([each.reshape(-1) for each in network.variables])
        found[f"{name}_statistics"] = torch.cat(list(itertools.chain(*network.moving)))
    found["decoders"] = torch.cat([v.reshape(-1) for each in decoders for v in each.variables])
    return {name: each.detach().numpy() for name, each in found.items()}
