"""Drawing from several threads, within a training, in little memory and by few programs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.gan import gan as gan_module

BACKEND = keras.backend.backend()
SEEDS = range(6)
SHAPE = (9, 8, 1)


@pytest.fixture(scope="module")
def digits():
    return ganzoo.from_preset("mnist", compile=False)


@pytest.fixture
def many():
    """Twenty images in [0, 255]."""
    return np.random.default_rng(5).integers(0, 256, (20, *SHAPE), dtype="uint8")


def make(seed=0, **options):
    """Return a tiny compiled model that draws more than grey."""
    gan = ganzoo.DCGAN(SHAPE, latent_dim=3, base_filters=2, seed=seed)
    random = np.random.default_rng(seed)
    for weight in gan.generator.trainable_variables:
        weight.assign(random.uniform(0.2, 1, weight.shape) * random.choice([-1, 1], weight.shape))
    gan.compile(**options)
    return gan


@pytest.fixture(scope="module")
def tiny():
    """Return a function to such a model in its first state, whose programs are compiled once."""
    made = {}

    def get(seed=0, **options):
        key = seed, *options.items()
        if key not in made:
            gan = make(seed, **options)
            made[key] = gan, values(gan)
        gan, first = made[key]
        for variable, value in zip(variables(gan), first, strict=True):
            variable.assign(value)
        return gan

    return get


def variables(gan):
    """Return all that training changes."""
    networks = (gan.generator, gan.ema_generator, gan.discriminator)
    weights = [weight for network in networks for weight in network.weights]
    state = [gan.seed_generator.state, gan.rounds_played]
    return [*weights, *gan.optimizer.variables, *state]


def values(gan):
    return [np.array(keras.ops.convert_to_numpy(each)) for each in variables(gan)]


def at_once(function, *arguments):
    """Return what a function gives for each argument, asked from as many threads."""
    with ThreadPoolExecutor(len(arguments[0])) as pool:
        return list(pool.map(function, *arguments))


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def counted(layer):
    """Return a list that grows whenever a layer's Python code runs: where it is traced."""
    runs, call = [], layer.call

    def counting(*arguments, **options):
        runs.append(arguments[0].shape)
        return call(*arguments, **options)

    layer.call = counting
    return runs


# Threads.


def test_six_threads_get_the_images_as_one_by_one(digits):
    def ask(seed):
        return digits.generate(3 + seed, labels=seed, seed=seed)

    one_by_one = [ask(seed) for seed in SEEDS]
    assert all(np.ptp(images) > 200 for images in one_by_one)
    for _ in range(3):
        assert_same(at_once(ask, SEEDS), one_by_one)
    assert_same([ask(seed) for seed in SEEDS], one_by_one)  # the model lives


def test_threads_may_ask_for_different_things(digits):
    """Images, features, directions and latents of images, all of which read the same weights."""
    images = digits.generate(8, seed=0)

    def ask(number):
        return (
            lambda: digits.generate(8, seed=number),
            lambda: digits.discriminator_features(images),
            lambda: ganzoo.latents.directions(digits),
            lambda: ganzoo.latents.invert(digits, images[:2], [0, 1], restarts=1, steps=3).latents,
        )[number % 4]()

    numbers = range(8)
    one_by_one = [ask(number) for number in numbers]
    assert_same(at_once(ask, numbers), one_by_one)
    assert_same([ask(number) for number in numbers], one_by_one)


def test_two_models_draw_and_judge_at_once(tiny, many):
    models = [tiny(0), tiny(1)] * 3

    def ask(gan, number):
        drawn = gan.generate(5 + number, seed=number)
        return drawn, gan.discriminator_features(many[: 5 + number])

    one_by_one = [ask(gan, number) for number, gan in enumerate(models)]
    for found, expected in zip(at_once(ask, models, range(6)), one_by_one, strict=True):
        assert_same(found, expected)

    def judge(gan):
        return gan.evaluate(many, batch_size=5, verbose=0)

    assert at_once(judge, models[:2]) == [judge(gan) for gan in models[:2]]


def test_two_models_train_at_once(tiny, many):
    def train(seed):
        gan = tiny(seed)
        gan.fit(many, batch_size=5, epochs=2, verbose=0)
        return values(gan)

    one_by_one = [train(seed) for seed in range(2)]
    for found, expected in zip(at_once(train, range(2)), one_by_one, strict=True):
        assert_same(found, expected)


@pytest.mark.parametrize("extractor", ["random", "digits"])
def test_extractors_serve_threads(digits, extractor, tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))
    sets = [digits.generate(40, seed=seed) for seed in range(5)]

    def score(fake):
        return ganzoo.metrics.evaluate(sets[0], fake, extractor, ["kid"], verbose=False).scores

    one_by_one = [score(each) for each in sets[1:]]
    assert at_once(score, sets[1:]) == one_by_one
    assert [score(each) for each in sets[1:]] == one_by_one


# While a model trains.


class AtBatch(keras.callbacks.Callback):
    """Calls a function at the end of some batches."""

    def __init__(self, function, batches=(0, 2)):
        super().__init__()
        self.function, self.batches = function, batches

    def on_train_batch_end(self, batch, logs=None):
        if batch in self.batches:
            self.function()


def test_other_threads_are_told_that_the_model_is_training(tiny, many, tmp_path):
    """At each of these moments on JAX the model's weights are not its own."""
    gan, errors = tiny(), []
    gan.fit(many, batch_size=5, epochs=2, verbose=0)
    expected = [*values(gan), gan.generate(4, seed=1)]

    def ask(number):
        with pytest.raises(RuntimeError) as error:
            (
                lambda: gan.generate(2, seed=0),
                lambda: gan.discriminator_features(many),
                lambda: ganzoo.latents.directions(gan, 2),
                lambda: ganzoo.latents.invert(gan, many[:1]),
                lambda: gan.evaluate(many, verbose=0),
                lambda: gan.fit(many, verbose=0),
                lambda: gan.train_on_batch(many[:5]),
                lambda: gan.save_to_preset(tmp_path),
            )[number]()
        errors.append(str(error.value))

    tiny().fit(
        many, batch_size=5, epochs=2, verbose=0, callbacks=[AtBatch(lambda: at_once(ask, range(8)))]
    )
    assert len(errors) == 4 * 8
    assert all("in another thread. Wait for the end" in error for error in errors)
    assert_same([*values(gan), gan.generate(4, seed=1)], expected)
    gan.fit(many, batch_size=5, verbose=0)


def test_whoever_draws_all_the_time_gets_images_or_the_error(tiny, many):
    """Those of before the training or those of after it."""
    gan = tiny()
    before, found, over = gan.generate(3, seed=0), [], Event()

    def ask(_):
        while not over.is_set():
            try:
                found.append(gan.generate(3, seed=0))
            except RuntimeError as error:
                found.append(str(error))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, number) for number in range(3)]
        gan.fit(many, batch_size=5, epochs=6, verbose=0)
        over.set()
        for each in asking:
            each.result()
    after = gan.generate(3, seed=0)
    assert (after != before).any()
    refused = [each for each in found if isinstance(each, str)]
    assert refused
    assert all("in another thread. Wait for the end" in each for each in refused)
    for each in found:
        assert isinstance(each, str) or (each == before).all() or (each == after).all()
    gan.fit(many, batch_size=5, verbose=0)


STEPS = [
    {},
    pytest.param({"run_eagerly": True}, marks=pytest.mark.slow),
    {"steps_per_execution": 2},
]


@pytest.mark.parametrize("options", STEPS, ids=str)
def test_callbacks_draw_within_an_epoch(tiny, many, options):
    """What the weights of that moment draw; and the training stays the same, bit for bit."""
    if BACKEND == "torch" and "steps_per_execution" in options:
        pytest.skip("Keras has no steps_per_execution on torch")
    gan, moments = tiny(**options), []
    gan.fit(many, batch_size=5, epochs=2, verbose=0)
    undisturbed = values(gan)

    def look():
        drawn = gan.generate(4, seed=0), gan.discriminator_features(many)
        ganzoo.latents.directions(gan, 2)
        moments.append((*drawn, gan.get_weights()))

    callback = AtBatch(look, batches=(1, 3))
    tiny(**options).fit(many, batch_size=5, epochs=2, verbose=0, callbacks=[callback])
    assert_same(values(gan), undisturbed)
    assert len(moments) == 4
    for images, features, weights in moments:
        gan.set_weights(weights)
        np.testing.assert_array_equal(gan.generate(4, seed=0), images)
        np.testing.assert_array_equal(gan.discriminator_features(many), features)
    assert (moments[0][0] != moments[-1][0]).any()


def test_two_trainings_whose_callbacks_draw(tiny, many):
    """Each in a thread of its own, scored by the same network."""

    def train(seed):
        gan = tiny(seed)
        scores = ganzoo.callbacks.EvaluateSamples(many, "random", ["kid"], n=20)
        within = AtBatch(lambda: gan.generate(4, seed=0))
        history = gan.fit(many, batch_size=5, epochs=2, verbose=0, callbacks=[scores, within])
        return [*values(gan), np.array(history.history["kid"])]

    one_by_one = [train(seed) for seed in range(2)]
    for found, expected in zip(at_once(train, range(2)), one_by_one, strict=True):
        assert_same(found, expected)


# Interruptions.


def test_an_interrupted_drawing_leaves_a_model_that_draws_and_trains(tiny, many, monkeypatch):
    gan = tiny()
    expected = gan.generate(20, seed=0)

    class Stopped(keras.utils.Progbar):
        def update(self, *arguments, **options):
            raise KeyboardInterrupt

    monkeypatch.setattr(keras.utils, "Progbar", Stopped)
    with pytest.raises(KeyboardInterrupt):
        gan.generate(20, seed=0, batch_size=8, verbose=1)
    np.testing.assert_array_equal(gan.generate(20, seed=0), expected)
    np.testing.assert_array_equal(at_once(lambda n: gan.generate(n, seed=0), [20])[0], expected)
    gan.fit(many, batch_size=5, verbose=0)


@pytest.mark.parametrize("what", ["generate", "discriminator_features"])
def test_an_interruption_while_a_program_is_compiled(many, what):
    gan, whole = make(), make()
    network = gan.ema_generator if what == "generate" else gan.discriminator
    layer = network.layers[2]
    call = layer.call

    def stop(*_, **__):
        raise KeyboardInterrupt

    def ask(gan):
        return gan.generate(4, seed=0) if what == "generate" else gan.discriminator_features(many)

    layer.call = stop
    with pytest.raises(KeyboardInterrupt):
        ask(gan)
    layer.call = call
    np.testing.assert_array_equal(ask(gan), ask(whole))
    assert_same(values(gan), values(whole))


# Programs and memory.


def test_few_programs_serve_any_number_of_images():
    gan = make()
    runs = counted(gan.drawing_generator.layers[-1])
    for n in [*range(1, 25), *range(24, 0, -1)]:
        gan.generate(n, seed=0)
    assert len(set(runs)) <= 4
    if BACKEND != "torch":  # which runs the layer's code for each batch
        assert len(runs) <= 4


def test_features_in_a_loop_build_and_compile_once(many, monkeypatch):
    gan, built = make(), []
    build = gan_module.build_feature_reader
    monkeypatch.setattr(
        gan_module, "build_feature_reader", lambda *parts: built.append(1) or build(*parts)
    )
    gan.discriminator_features(many)
    runs = counted(gan.discriminator.layers[1])
    features = [gan.discriminator_features(many) for _ in range(5)]
    assert len(built) == 1
    assert not runs or BACKEND == "torch"
    assert_same(features[1:], features[:-1])


MEMORY = """
import gc, sys, threading, time
import numpy as np
import ganzoo

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

gan = ganzoo.DCGAN((64, 64, 3), latent_dim=8, base_filters=2, seed=0)
gan.generate(64, seed=0)
gc.collect()
before, peak, over = resident(), 0, False

def watch():
    global peak
    while not over:
        peak = max(peak, resident())
        time.sleep(0.002)

watching = threading.Thread(target=watch)
watching.start()
images = gan.generate(int(sys.argv[1]), seed=0)
over = True
watching.join()
print((max(peak, resident()) - before) / images.nbytes, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read in /proc")
def test_memory_is_that_of_the_images():
    """Those of 12,000 and of a batch: so 50,000 of 64x64x3, 614 MB, fit into 1 GiB."""
    n = 12_000
    run = [sys.executable, "-c", MEMORY, str(n)]
    result = subprocess.run(run, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    batch = 64 * 64 * 64 * 3 * 4 * 4  # of floats, a few layers of them
    assert 1.0 <= float(result.stdout) <= 1.3 + batch / (n * 64 * 64 * 3)
