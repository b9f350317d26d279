"""The DCGAN round once more, in plain NumPy and float64, with gradients derived by hand.

It shares no code with ganzoo and uses no framework, so that a backend that agrees with it is right
rather than merely equal to another backend. `test_golden.py` checks its gradients against finite
differences.

Weights are dictionaries with the names that `named_weights` gives. Each network is a function that
returns its output and a function from the output's gradient to `(gradient of the input, gradients
of the weights)`.
"""

import itertools

import numpy as np

PARTS = {  # what penalties and augmentation have learnt, in the models saved beside this file
    "real_average": 0.25,
    "fake_average": -0.5,
    "probability": 0.0,
    "mean_sign": 0.125,
}
KERNEL, MOMENTUM, EPSILON, SLOPE = 4, 0.9, 1e-5, 0.2


def named_weights(network, norm=None):
    """Return the weights of one of ganzoo's networks by names of our own.

    `dense`; `conv0`, `conv1` ... from the input to the output; `norm0.gamma`, `norm0.beta`,
    `norm0.moving_mean`, `norm0.moving_variance` ...; `bias0` ... in a discriminator without norm;
    the discriminator's `logit` and, if it is class-conditional, `projection`.
    """
    kinds = {"Conv2D": [], "Conv2DTranspose": [], "BatchNormalization": [], "Dense": []}
    for layer in network.layers:
        for kind in {each.__name__ for each in type(layer).__mro__} & kinds.keys():
            kinds[kind].append(layer)
    named = {}
    for i, layer in enumerate(kinds["Conv2D"] + kinds["Conv2DTranspose"]):
        named[f"conv{i}"] = layer.kernel
        if layer.use_bias:
            named[f"bias{i}"] = layer.bias
    for i, layer in enumerate(kinds["BatchNormalization"]):
        for kind in ("gamma", "beta", "moving_mean", "moving_variance"):
            named[f"norm{i}.{kind}"] = getattr(layer, kind)
    for layer in kinds["Dense"]:
        if kinds["Conv2DTranspose"]:
            named["dense"] = layer.kernel
        else:
            named["logit" if layer.units == 1 else "projection"] = layer.kernel
    known = [each for each in network.weights if (norm, each.name) != ("spectral", "direction")]
    assert len(named) == len(known), "a layer that this reference does not know"
    return named


def named_state(model):
    """Return the model's weights and Adam's slots: `state[part][network][name]`, all variables."""
    state = {"weights": {}, "momentum": {}, "velocity": {}}
    networks = (model.generator, model.discriminator)
    for network, optimizer in zip(networks, model.optimizer.optimizers, strict=True):
        weights = state["weights"][network.name] = named_weights(network)
        index = {id(each): i for i, each in enumerate(network.trainable_variables)}
        for part, slots in (
            ("momentum", optimizer._momentums),
            ("velocity", optimizer._velocities),
        ):
            state[part][network.name] = {
                name: slots[index[id(variable)]]
                for name, variable in weights.items()
                if id(variable) in index
            }
    return state


def unpack(variables, vector):
    """Return the arrays of a vector in `rounds.npz`, by name, in the variables' shapes."""
    arrays, start = {}, 0
    for name in sorted(variables):
        shape = tuple(variables[name].shape)
        end = start + int(np.prod(shape))
        arrays[name] = vector[start:end].reshape(shape)
        start = end
    assert start == len(vector), "the network has other weights than the golden one"
    return arrays


def fill(variables, vector):
    for name, array in unpack(variables, vector).items():
        variables[name].assign(array)


def random_weights(random, image_shape, latent_dim, classes, base_filters, size=0.15, norm="batch"):
    """Return weights of both networks, larger than a fresh network's so that everything matters."""
    *sizes, _ = feature_sizes(image_shape)
    widths = [base_filters * 2**i for i in range(len(sizes))]
    channels = [image_shape[2], *widths]

    def kernel(*shape):
        return random.normal(0, size, shape)

    features = sizes[0][0] * sizes[0][1] * widths[-1]
    generator = {"dense": kernel(latent_dim + classes, features)}
    discriminator = {"logit": kernel(features, 1)}
    if classes:
        discriminator["projection"] = kernel(features, classes)
    for i, (narrow, wide) in enumerate(itertools.pairwise(channels)):
        discriminator[f"conv{i}"] = kernel(KERNEL, KERNEL, narrow, wide)
        generator[f"conv{len(sizes) - 1 - i}"] = kernel(KERNEL, KERNEL, narrow, wide)
    if norm is None:
        for i, count in enumerate(widths):
            discriminator[f"bias{i}"] = random.normal(0, 0.2, count)
    normed = [(generator, widths[::-1]), (discriminator, [] if norm is None else widths[1:])]
    for network, filters in normed:
        for i, count in enumerate(filters):
            network[f"norm{i}.gamma"] = random.normal(1, 0.2, count)
            network[f"norm{i}.beta"] = random.normal(0, 0.2, count)
            network[f"norm{i}.moving_mean"] = random.normal(0, 0.2, count)
            network[f"norm{i}.moving_variance"] = random.uniform(0.5, 2, count)
    return generator, discriminator


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


LOSSES = {  # (values, their derivatives) of real, fake and generator, and the score
    "non_saturating": {
        "real": (lambda s: np.logaddexp(0, -s), lambda s: -sigmoid(-s)),
        "fake": (lambda s: np.logaddexp(0, s), sigmoid),
        "generator": (lambda s: np.logaddexp(0, -s), lambda s: -sigmoid(-s)),
        "score": sigmoid,
    },
    "least_squares": {
        "real": (lambda s: (s - 1) ** 2 / 2, lambda s: s - 1),
        "fake": (lambda s: s**2 / 2, lambda s: s),
        "generator": (lambda s: (s - 1) ** 2 / 2, lambda s: s - 1),
        "score": lambda s: s,
    },
    "hinge": {
        "real": (lambda s: np.maximum(0, 1 - s), lambda s: -1.0 * (s < 1)),
        "fake": (lambda s: np.maximum(0, 1 + s), lambda s: 1.0 * (s > -1)),
        "generator": (lambda s: -s, lambda s: -np.ones_like(s)),
        "score": sigmoid,
    },
    "wasserstein": {
        "real": (lambda s: -s, lambda s: -np.ones_like(s)),
        "fake": (lambda s: s, np.ones_like),
        "generator": (lambda s: -s, lambda s: -np.ones_like(s)),
        "score": lambda s: s,
    },
}


PAIRED = {  # (values, their derivatives by the real logit and by the fake one), and the score
    "relativistic": {
        "discriminator": (
            lambda real, fake: np.logaddexp(0, fake - real),
            lambda real, fake: -sigmoid(fake - real),
            lambda real, fake: sigmoid(fake - real),
        ),
        "generator": (
            lambda real, fake: np.logaddexp(0, real - fake),
            lambda real, fake: sigmoid(real - fake),
            lambda real, fake: -sigmoid(real - fake),
        ),
        "score": lambda s: s,
    },
}


def discriminator_loss(name, real, fake, weight):
    """Return the loss of each pair, and its derivatives by the real and by the fake logit."""
    if name in PAIRED:
        return [weight * each(real, fake) for each in PAIRED[name]["discriminator"]]
    of_real, of_fake = (LOSSES[name][each] for each in ("real", "fake"))
    return weight * of_real[0](real) + of_fake[0](fake), weight * of_real[1](real), of_fake[1](fake)


def generator_loss(name, real, fake, weight):
    """Return the loss of each pair, and its derivative by the fake logit."""
    if name in PAIRED:
        values, _, slope = PAIRED[name]["generator"]
        return weight * values(real, fake), weight * slope(real, fake)
    return [each(fake) for each in LOSSES[name]["generator"]]


class SGD:
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, weights, gradients):
        for name, gradient in gradients.items():
            weights[name] = weights[name] - self.rate * gradient


class Adam:
    """Kingma and Ba, in the form before their section 2.1: the epsilon joins the raw root."""

    def __init__(self, rate=2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-7):
        self.rate, self.beta_1, self.beta_2, self.epsilon = rate, beta_1, beta_2, epsilon
        self.step, self.momentum, self.velocity = 0, {}, {}

    def __call__(self, weights, gradients):
        self.step += 1
        scale = np.sqrt(1 - self.beta_2**self.step) / (1 - self.beta_1**self.step)
        for name, gradient in gradients.items():
            m, v = self.momentum.get(name, 0.0), self.velocity.get(name, 0.0)
            m = self.momentum[name] = self.beta_1 * m + (1 - self.beta_1) * gradient
            v = self.velocity[name] = self.beta_2 * v + (1 - self.beta_2) * gradient**2
            weights[name] = weights[name] - self.rate * scale * m / (np.sqrt(v) + self.epsilon)


def play_round(
    generator, discriminator, optimizers, real, latents, labels, loss, weight=1.0, rounds=1,
    penalties=(), view=(lambda images: images, lambda d: d), places=1,
):  # fmt: skip
    """Play one round; each network is `(function, weights)`. Returns losses and mean scores.

    `penalties` are functions as `slopes` takes them, each with its factor; `view` is what the
    discriminator sees of images, and a function from the gradient of that to the images'. The
    discriminator returns the logits of all images in one list, `places` for each of them.
    """
    (draw, theirs), (judge, mine) = generator, discriminator
    score = (LOSSES | PAIRED)[loss]["score"]
    weight = np.broadcast_to(weight, len(real))
    shares = [[None] * rounds if each is None else np.split(each, rounds)
              for each in (view[0](real), latents, labels, weight)]  # fmt: skip
    for real, latents, labels, weight in zip(*shares, strict=True):
        n, weight = len(real) * places, np.repeat(weight, places)
        fake, fake_back = draw(theirs, latents, labels)
        fake = view[0](fake)
        before = dict(mine)
        real_logits, real_back = judge(mine, real, labels)
        fake_logits, judged_back = judge(mine, fake, labels)
        values, by_real, by_fake = discriminator_loss(loss, real_logits, fake_logits, weight)
        judgement = values.mean()
        on_real, on_fake = real_back(by_real / n)[1], judged_back(by_fake / n)[1]
        gradients = {name: on_real[name] + on_fake[name] for name in on_real}
        for factor, penalty in penalties:
            judgement += factor * penalty(judge, mine, real, fake, labels)
            for name, slope in slopes(penalty, judge, before, real, fake, labels, on_real).items():
                gradients[name] = gradients[name] + factor * slope
        optimizers["discriminator"](mine, gradients)
    # By the discriminator that has just learnt.
    again = judge(mine, real, labels)[0] if loss in PAIRED else None
    logits, back = judge(mine, fake, labels)
    values, by_fake = generator_loss(loss, again, logits, weight)
    on_image = view[1](back(by_fake / n)[0])
    optimizers["generator"](theirs, fake_back(on_image)[1])
    return {
        "discriminator_loss": judgement,
        "generator_loss": values.mean(),
        "real_score": score(real_logits).mean(),
        "fake_score": score(fake_logits).mean(),
    }


def averaged(averages, weights, rounds, decay=0.999):
    """Return the weights' moving averages after so many rounds."""
    kept = min(decay, (1 + rounds) / (10 + rounds))
    return {name: kept * averages[name] + (1 - kept) * weights[name] for name in averages}


def slopes(penalty, judge, weights, real, fake, labels, names, step=1e-5):
    """Return the penalty's gradients, by central differences of one weight after the other.

    A penalty is a function `(judge, weights, real, fake, labels)`.
    """
    gradients = {}
    for name in names:
        gradient = gradients[name] = np.zeros_like(weights[name])
        for place in np.ndindex(gradient.shape):
            ends = []
            for sign in (1, -1):
                moved = dict(weights)
                moved[name] = weights[name].copy()
                moved[name][place] += sign * step
                ends.append(penalty(judge, moved, real, fake, labels))
            gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradients


def r1(judge, weights, real, fake, labels):
    return np.sum(input_gradients(judge, weights, real, labels) ** 2, axis=1).mean() / 2


def r2(judge, weights, real, fake, labels):
    return r1(judge, weights, fake, real, labels)


def input_gradients(judge, weights, images, labels):
    """Return the gradients of the sum of the logits by the images, `(batch, values)`."""
    logits, back = judge(weights, images, labels)
    return back(np.ones_like(logits))[0].reshape(len(images), -1)


def generator(image_shape):
    """Return the generator for images of this shape, as a function of its weights."""

    def draw(weights, latents, labels=None, training=True):
        stem, *stages = feature_sizes(image_shape)
        if labels is not None:
            classes = weights["dense"].shape[0] - latents.shape[1]
            latents = np.concatenate([latents, np.eye(classes)[labels]], axis=1)
        backs = [lambda d: (None, {"dense": latents.T @ d.reshape(len(d), -1)})]
        x = latents @ weights["dense"]
        x = x.reshape(len(x), *stem, -1)
        for i, (height, width) in enumerate(stages):
            x, back = batch_norm(x, weights, f"norm{i}", training)
            backs.append(back)
            x, back = leaky(x, 0.0)
            backs.append(back)
            x, back = double(x, weights[f"conv{i}"], f"conv{i}", height, width)
            backs.append(back)
        images = np.tanh(x)
        backs.append(lambda d: (d * (1 - images**2), {}))
        return images, chain(backs)

    return draw


def discriminator(weights, images, labels=None, training=True):
    """Return logits; the number of stages is read off the weights."""
    x, backs = images, []
    for i in range(sum(name.startswith("conv") for name in weights)):
        x, back = halve(x, weights[f"conv{i}"], f"conv{i}")
        backs.append(back)
        if f"bias{i}" in weights:
            x = x + weights[f"bias{i}"]
            backs.append(lambda d, name=f"bias{i}": (d, {name: d.sum((0, 1, 2))}))
        elif i:
            x, back = batch_norm(x, weights, f"norm{i - 1}", training)
            backs.append(back)
        x, back = leaky(x, SLOPE)
        backs.append(back)
    features, kernel = x.reshape(len(x), -1), weights["logit"]
    logits = (features @ kernel)[:, 0]
    direction = np.broadcast_to(kernel[:, 0], features.shape)
    if labels is not None:
        direction = direction + weights["projection"].T[labels]
        logits = logits + np.sum(features * weights["projection"].T[labels], axis=1)

    def back(d):
        gradients = {"logit": features.T @ d[:, None]}
        if labels is not None:
            asked = np.eye(weights["projection"].shape[1])[labels]
            gradients["projection"] = features.T @ (d[:, None] * asked)
        return (d[:, None] * direction).reshape(x.shape), gradients

    return logits, chain([*backs, back])


def chain(backs):
    def back(d):
        gradients = {}
        for each in reversed(backs):
            d, more = each(d)
            gradients |= more
        return d, gradients

    return back


def feature_sizes(image_shape):
    """Return (height, width) from the stem to the image."""
    sizes = [tuple(image_shape[:2])]
    while min(sizes[0]) >= 8:
        sizes.insert(0, tuple((side + 1) // 2 for side in sizes[0]))
    return sizes


def leaky(x, slope):
    return np.where(x > 0, x, slope * x), lambda d: (np.where(x > 0, d, slope * d), {})


def batch_norm(x, weights, name, training):
    gamma, beta = weights[f"{name}.gamma"], weights[f"{name}.beta"]
    if not training:
        deviation = np.sqrt(weights[f"{name}.moving_variance"] + EPSILON)
        return (x - weights[f"{name}.moving_mean"]) / deviation * gamma + beta, None
    axes = (0, 1, 2)
    mean, variance = x.mean(axes), x.var(axes)  # the biased variance, as Keras on every backend
    for kind, value in (("mean", mean), ("variance", variance)):
        old = weights[f"{name}.moving_{kind}"]
        weights[f"{name}.moving_{kind}"] = MOMENTUM * old + (1 - MOMENTUM) * value
    deviation = np.sqrt(variance + EPSILON)
    unit = (x - mean) / deviation

    def back(d):
        gradients = {f"{name}.gamma": np.sum(d * unit, axes), f"{name}.beta": d.sum(axes)}
        d = d * gamma
        d = (d - d.mean(axes) - unit * np.mean(d * unit, axes)) / deviation
        return d, gradients

    return gamma * unit + beta, back


def halve(x, kernel, name):
    """Convolve with stride 2; the output is half as large, rounded up, and zeros lie around x."""
    height, width = ((side + 1) // 2 for side in x.shape[1:3])
    # 1 row before, and as many after as the last window needs: 1, or 2 for an odd size
    padding = [(0, 0), *((1, 2 * out + 1 - side) for out, side in
                         zip((height, width), x.shape[1:3], strict=True)), (0, 0)]  # fmt: skip
    padded = np.pad(x, padding)
    window = {(i, j): np.s_[:, i : i + 2 * height : 2, j : j + 2 * width : 2]
              for i in range(KERNEL) for j in range(KERNEL)}  # fmt: skip
    out = sum(padded[where] @ kernel[place] for place, where in window.items())

    def back(d):
        on_padded, on_kernel = np.zeros_like(padded), np.zeros_like(kernel)
        for place, where in window.items():
            on_padded[where] += d @ kernel[place].T
            on_kernel[place] = np.einsum("nhwi,nhwo->io", padded[where], d)
        on_x = on_padded[:, 1 : 1 + x.shape[1], 1 : 1 + x.shape[2]]
        return on_x, {name: on_kernel}

    return out, back


def double(x, kernel, name, height, width):
    """Spread each pixel over a 4 x 4 window with stride 2; cut to `height` x `width`."""
    n, rows, columns, _ = x.shape
    window = {(i, j): np.s_[:, i : i + 2 * rows : 2, j : j + 2 * columns : 2]
              for i in range(KERNEL) for j in range(KERNEL)}  # fmt: skip
    spread = np.zeros((n, 2 * rows + 2, 2 * columns + 2, kernel.shape[2]))
    for place, where in window.items():
        spread[where] += x @ kernel[place].T
    seen = np.s_[:, 1 : 1 + height, 1 : 1 + width]

    def back(d):
        whole = np.zeros_like(spread)
        whole[seen] = d
        on_x = sum(whole[where] @ kernel[place] for place, where in window.items())
        on_kernel = np.zeros_like(kernel)
        for place, where in window.items():
            on_kernel[place] = np.einsum("nhwo,nhwi->oi", whole[where], x)
        return on_x, {name: on_kernel}

    return spread[seen], back
