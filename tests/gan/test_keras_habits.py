"""Every callback and every argument of `fit` that Keras has works, or is refused before a step."""

import inspect

import keras
import numpy as np
import pytest

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 1), dtype="uint8")
LABELS = np.arange(16) % 2
BOTH = (IMAGES, LABELS)
known = keras.callbacks


@pytest.fixture(scope="module")
def gan():
    model = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, class_names=["a", "b"], seed=0)
    model.compile(jit_compile="auto")
    return model


@pytest.fixture
def rounds(gan):
    """Return a function that says how many rounds were played since the last call."""
    before = [int(gan.rounds_played)]

    def since():
        before.append(int(gan.rounds_played))
        return before[-1] - before[-2]

    return since


def fit(gan, **options):
    return gan.fit(*BOTH, **{"batch_size": 8, "verbose": 0, "epochs": 2, **options}).history


WORK = {
    "BackupAndRestore": lambda: known.BackupAndRestore("backup"),
    "CSVLogger": lambda: known.CSVLogger("log.csv"),
    "Callback": lambda: known.Callback(),
    "CallbackList": lambda: known.CallbackList([known.CSVLogger("log.csv")]),
    "EarlyStopping": lambda: known.EarlyStopping("generator_loss", restore_best_weights=True),
    "EarlyStopping, its own way": lambda: known.EarlyStopping("real_score", mode="max"),
    "EarlyStopping, of another's log": lambda: known.EarlyStopping("mine", mode="max"),
    "History": lambda: known.History(),
    "LambdaCallback": lambda: known.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "LearningRateScheduler": lambda: known.LearningRateScheduler(lambda epoch, rate: rate / 2),
    "ModelCheckpoint": lambda: known.ModelCheckpoint("{epoch}.keras"),
    "ModelCheckpoint, the best": lambda: known.ModelCheckpoint(
        "best.keras", "discriminator_loss", save_best_only=True
    ),
    "ModelCheckpoint, within": lambda: known.ModelCheckpoint("{batch}.keras", save_freq=1),
    "ModelCheckpoint, weights": lambda: known.ModelCheckpoint(
        "a.weights.h5", save_weights_only=True
    ),
    "ProgbarLogger": lambda: known.ProgbarLogger(),
    "ReduceLROnPlateau": lambda: known.ReduceLROnPlateau("generator_loss", patience=0),
    "TerminateOnNaN": lambda: known.TerminateOnNaN(),
}
REFUSED = {
    "BackupAndRestore": (lambda: known.BackupAndRestore("backup", save_freq=3), "ExactResume"),
    "EarlyStopping": (lambda: known.EarlyStopping(), r"'val_loss', which the logs of a GAN do not"),
    "EarlyStopping, no validation": (
        lambda: known.EarlyStopping("val_generator_loss"),
        r"do not have without validation_data.*BestSnapshot",
    ),
    "EarlyStopping, which way": (
        lambda: known.EarlyStopping("real_score"),
        "'real_score': say which way is better, with mode='min' or mode='max'",
    ),
    "ModelCheckpoint": (
        lambda: known.ModelCheckpoint("a.keras", save_best_only=True),
        "ModelCheckpoint monitors 'val_loss'",
    ),
    "ReduceLROnPlateau": (lambda: known.ReduceLROnPlateau("accuracy"), "monitors 'accuracy'"),
    "SwapEMAWeights": (lambda: known.SwapEMAWeights(), "use_ema=True"),
    "a class": (lambda: known.TerminateOnNaN, r"give an object of it: TerminateOnNaN\("),
    "a function": (lambda: print, "callbacks are objects of"),
}
ELSEWHERE = {"OrbaxCheckpoint", "RemoteMonitor", "TensorBoard"}  # need packages, or a server


def test_no_callback_of_keras_is_forgotten():
    has = {name for name, each in vars(known).items() if inspect.isclass(each)}
    assert has == {name.partition(",")[0] for name in WORK} | {"SwapEMAWeights"} | ELSEWHERE


@pytest.mark.parametrize("name", WORK)
def test_a_callback_that_works(name, gan, rounds, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = WORK[name]()
    with pytest.warns() if "another's" in name else does_not_warn():
        fit(gan, callbacks=made if name == "CallbackList" else [made])
    assert rounds() in (2, 4)  # early stopping may stop


def does_not_warn():
    from contextlib import nullcontext

    return nullcontext()  # a warning is an error


@pytest.mark.parametrize("name", REFUSED)
def test_a_callback_that_cannot_work_is_refused_first(name, gan, rounds, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, said = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=said):
        fit(gan, callbacks=[make()])
    assert rounds() == 0


def test_with_validation_its_numbers_can_be_monitored(gan, rounds):
    stop = known.EarlyStopping("val_discriminator_loss", patience=5)
    history = fit(gan, callbacks=[stop], validation_data=BOTH)
    assert stop.best == min(history["val_discriminator_loss"])
    assert rounds() == 4


def test_what_a_monitor_is_best_at(gan):
    """The lower a loss and a distance, the better."""
    scores = ganzoo.callbacks.EvaluateSamples(
        IMAGES, lambda images: images.mean(axis=(2, 3)), ["kid"], n=16
    )
    best = known.EarlyStopping("kid", patience=9)
    history = fit(gan, callbacks=[scores, best], epochs=3)
    assert best.best == min(history["kid"])


def names(history):
    return {name.split("_")[0] for name in history}


ARGUMENTS = {  # rounds that are played, of two batches and two epochs
    "epochs": ({"epochs": 1}, 2),
    "no epoch": ({"epochs": 0}, 0),
    "NumPy's numbers": ({"epochs": np.int64(1), "batch_size": np.int32(4)}, 4),
    "initial_epoch": ({"initial_epoch": 1}, 2),
    "steps_per_epoch": ({"steps_per_epoch": 3}, 6),
    "batch_size": ({"batch_size": 4}, 8),
    "shuffle": ({"shuffle": False}, 4),
    "shuffle, as of old": ({"shuffle": "batch"}, 4),
    "class_weight": ({"class_weight": {0: 1.0, 1: 2.0}}, 4),
    "class_weight by name": ({"class_weight": {"b": 2.0}}, 4),
    "sample_weight": ({"sample_weight": np.ones(16)}, 4),
    "validation_split": ({"validation_split": 0.5}, 2),
    "validation_data": ({"validation_data": BOTH}, 4),
    "validation_freq": ({"validation_data": BOTH, "validation_freq": 2}, 4),
    "validation_steps": (
        {"validation_data": BOTH, "validation_steps": 1, "validation_batch_size": 4},
        4,
    ),
}
WRONG = {
    "epochs": ({"epochs": 1.5}, r"epochs must be a whole number, at least 0, not 1\.5"),
    "epochs below": ({"epochs": -1}, "epochs must be a whole number"),
    "initial_epoch": ({"initial_epoch": "1"}, "initial_epoch must be a whole number"),
    "batch_size": ({"batch_size": "8"}, "batch_size must be a whole number, at least 1, not '8'"),
    "batch_size half": ({"batch_size": 8.0}, "batch_size must be a whole number"),
    "steps_per_epoch": ({"steps_per_epoch": 0}, "steps_per_epoch must be a whole number"),
    "class_weight": ({"class_weight": [1, 2]}, r"class_weight is a dict.*not \[1, 2\]"),
    "class_weight of others": ({"class_weight": {"c": 2}}, "class_weight has the class 'c'"),
    "sample_weight": ({"sample_weight": np.ones(3)}, "sample weights of shape"),
    "validation_split": ({"validation_split": 1.0}, "leaves none"),
    "both": ({"validation_split": 0.5, "validation_data": BOTH}, "not both"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_argument_that_works(name, gan, rounds):
    options, expected = ARGUMENTS[name]
    history = fit(gan, **options)
    assert rounds() == expected
    assert ("val" in names(history)) == name.startswith("validation")


@pytest.mark.parametrize("name", WRONG)
def test_an_argument_that_is_wrong_costs_no_round(name, gan, rounds):
    options, said = WRONG[name]
    with pytest.raises((TypeError, ValueError), match=said):
        fit(gan, **options)
    assert rounds() == 0


def test_no_argument_of_keras_is_forgotten():
    asked = set(inspect.signature(keras.Model.fit).parameters)
    tried = {each for options, _ in (*ARGUMENTS.values(), *WRONG.values()) for each in options}
    assert asked - tried == {"self", "x", "y", "verbose", "callbacks"}


def test_both_learning_rates_are_assigned(gan):
    rates = [float(each.learning_rate) for each in gan.optimizer.optimizers]
    try:
        gan.optimizer.learning_rate.assign(0.25)
        assert [float(each.learning_rate) for each in gan.optimizer.optimizers] == [0.25, 0.25]
        rate = gan.optimizer.learning_rate
        assert float(keras.ops.convert_to_numpy(rate)) == 0.25
        assert rate.shape == ()  # what W&B's callback asks for
        assert rate.numpy().item() == 0.25
    finally:
        for each, rate in zip(gan.optimizer.optimizers, rates, strict=True):
            each.learning_rate = rate


def small_gan():
    return ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_frozen_network_stays_as_it_is(network):
    """Frozen before `compile`; after it, that is said."""
    gan = small_gan()
    frozen = getattr(gan, network)
    frozen.trainable = False
    gan.compile(jit_compile="auto")
    before = [weight.copy() for weight in frozen.get_weights()]
    gan.fit(IMAGES, batch_size=8, verbose=0)
    for one, other in zip(frozen.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    frozen.trainable = True
    for learns in (gan.fit, gan.train_on_batch):
        with pytest.raises(ValueError, match=r"after compile\(\).*call compile\(\) again"):
            learns(IMAGES)


@pytest.mark.parametrize("learns", ["fit", "evaluate", "train_on_batch"])
def test_a_model_that_is_not_compiled_says_so(learns):
    with pytest.raises(ValueError, match=r"Compile the model before.*gan\.compile\(\)"):
        getattr(small_gan(), learns)(IMAGES)
