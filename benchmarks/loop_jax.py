"""A DCGAN as a good JAX user writes it: pure functions of parameter lists, one jitted round."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

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

LAYOUT = ("NHWC", "HWIO", "NHWC")
Tree = Any


class Norm(NamedTuple):
    """A batch norm's trained weights, or its running statistics."""

    scale: jax.Array
    offset: jax.Array


def normal(key: jax.Array, *shape: int) -> jax.Array:
    return 0.02 * jax.random.normal(key, shape)


def init_norm(key: jax.Array, filters: int) -> Norm:
    return Norm(1.0 + normal(key, filters), jnp.zeros(filters))


def init(key: jax.Array, maps: list[Stage]) -> tuple[Tree, Tree, list[Norm]]:
    """Return the weights of both networks, and the discriminator's and generator's statistics."""
    keys = iter(jax.random.split(key, 100))
    stem, *stages = maps
    units = stem.height * stem.width * stem.filters
    pairs = [(small.filters, large.filters) for small, large in zip(maps, stages, strict=False)]
    G = {
        "dense": normal(next(keys), LATENT_DIM, units),
        "norms": [init_norm(next(keys), small) for small, _ in pairs],
        "kernels": [normal(next(keys), 4, 4, small, large) for small, large in pairs],
    }
    D = {
        "kernels": [normal(next(keys), 4, 4, large, small) for small, large in pairs[::-1]],
        "norms": [init_norm(next(keys), small) for small, _ in pairs[-2::-1]],
        "dense": normal(next(keys), units, 1),
    }
    return G, D


def statistics(network: Tree) -> list[Norm]:
    return [Norm(jnp.zeros_like(n.scale), jnp.ones_like(n.scale)) for n in network["norms"]]


def batch_norm(x: jax.Array, norm: Norm, running: Norm) -> tuple[jax.Array, Norm]:
    mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
    x = (x - mean) * (lax.rsqrt(variance + 1e-5) * norm.scale) + norm.offset
    return x, Norm(0.9 * running[0] + 0.1 * mean, 0.9 * running[1] + 0.1 * variance)


def generate(G: Tree, running: list, latents: jax.Array, stem: Stage) -> Tree:
    x = (latents @ G["dense"]).reshape(-1, *stem)
    updated = []
    for norm, kernel, old in zip(G["norms"], G["kernels"], running, strict=True):
        x, new = batch_norm(x, norm, old)
        updated.append(new)
        x = lax.conv_transpose(jax.nn.relu(x), kernel, (2, 2), "SAME", dimension_numbers=LAYOUT)
    return jnp.tanh(x), updated


def discriminate(D: Tree, running: list, x: jax.Array) -> tuple[jax.Array, list]:
    updated = []
    for depth, kernel in enumerate(D["kernels"]):
        x = lax.conv_general_dilated(x, kernel, (2, 2), "SAME", dimension_numbers=LAYOUT)
        if depth:
            x, new = batch_norm(x, D["norms"][depth - 1], running[depth - 1])
            updated.append(new)
        x = jax.nn.leaky_relu(x, 0.2)
    return (x.reshape(len(x), -1) @ D["dense"])[:, 0], updated


class Adam(NamedTuple):
    """Adam's state."""

    step: jax.Array
    first: Tree
    second: Tree


def init_adam(weights: Tree) -> Adam:
    return Adam(jnp.zeros(()), *(jax.tree.map(jnp.zeros_like, weights) for _ in range(2)))


def update(weights: Tree, gradients: Tree, adam: Adam) -> tuple[Tree, Adam]:
    step = adam.step + 1
    first = jax.tree.map(lambda m, g: m + (1 - BETA_1) * (g - m), adam.first, gradients)
    second = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), adam.second, gradients)
    rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**step) / (1 - BETA_1**step)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, first, second
    )
    return weights, Adam(step, first, second)


def play_round(state: Tree, batch: jax.Array, stem: Stage) -> Tree:
    G, D, G_norms, D_norms, G_adam, D_adam, key = state
    key, drawn = jax.random.split(key)
    latents = jax.random.normal(drawn, (BATCH_SIZE, LATENT_DIM))
    real = batch.astype(jnp.float32) / 127.5 - 1.0

    def judge(D: Tree, fake: jax.Array) -> tuple[jax.Array, list]:
        real_logits, norms = discriminate(D, D_norms, real)
        fake_logits, norms = discriminate(D, norms, fake)
        return jax.nn.softplus(-real_logits).mean() + jax.nn.softplus(fake_logits).mean(), norms

    fake, pull_back, G_norms = jax.vjp(
        lambda G: generate(G, G_norms, latents, stem), G, has_aux=True
    )
    (loss, D_norms), gradients = jax.value_and_grad(judge, has_aux=True)(D, fake)
    D, D_adam = update(D, gradients, D_adam)

    def convince(fake: jax.Array) -> tuple[jax.Array, list]:
        logits, norms = discriminate(D, D_norms, fake)
        return jax.nn.softplus(-logits).mean(), norms

    (generator_loss, D_norms), cotangent = jax.value_and_grad(convince, has_aux=True)(fake)
    G, G_adam = update(G, *pull_back(cotangent), G_adam)
    return (G, D, G_norms, D_norms, G_adam, D_adam, key), (loss, generator_loss)


def compete(referee: Referee, images: np.ndarray) -> None:
    maps = feature_maps(Stage(*images.shape[1:]))
    G, D = init(jax.random.key(0), maps)
    norms, adams = (statistics(G), statistics(D)), (init_adam(G), init_adam(D))
    state = (G, D, *norms, *adams, jax.random.key(1))
    step = jax.jit(play_round, static_argnames="stem", donate_argnums=0)
    referee.ready(sum(w.size for w in jax.tree.leaves((G, D))))
    for batch in batches(images):
        state, losses = step(state, batch, stem=maps[0])
        referee.played(losses)
