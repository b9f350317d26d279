"""`fit` and `evaluate` do what Keras' do, and bring both networks along."""

import json

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo.callbacks.finite_losses import broken_weight
from ganzoo.training.adversarial import Outcome
from training.golden import reference

NAMES = ["discriminator_loss", "generator_loss", "real_score", "fake_score"]
QUIET = {"verbose": 0, "batch_size": 5}


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def differ(one, other):
    return any((a != b).any() for a, b in zip(one, other, strict=True))


def trainable(model):
    networks = (model.generator, model.discriminator)
    return [ops.convert_to_numpy(v) for each in networks for v in each.trainable_variables]


def in_batches(kind, batches, *arrays):
    """Return the ten images in their order as two batches of five, in one of many forms."""
    halves = [(array[:5], array[5:]) for array in arrays]
    if kind == "array":
        return arrays
    if kind == "float array":
        return (arrays[0].astype("float64"), *arrays[1:])
    if kind == "tensor":
        return tuple(ops.convert_to_tensor(array) for array in arrays)
    if kind == "PyDataset":
        return (batches(*halves),)
    if kind == "generator":
        return (batch for _ in range(9) for batch in zip(*halves, strict=True)), None
    if kind == "tf.data" and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return (tf.data.Dataset.from_tensor_slices(arrays).batch(5),)
    if kind == "DataLoader" and keras.backend.backend() == "torch":
        import torch
        from torch.utils.data import DataLoader, TensorDataset

        tensors = [torch.from_numpy(array) for array in arrays]
        return (DataLoader(TensorDataset(*tensors), batch_size=5),)
    return pytest.skip(f"{kind} belongs to another backend")


KINDS = ["float array", "tensor", "PyDataset", "generator", "tf.data", "DataLoader"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [None, 3])
def test_every_kind_of_input_trains_alike(gan, batches, images, labels, state, kind, classes):
    """The same batches in the same order: the same weights, bit for bit."""
    arrays = (images, labels) if classes else (images,)

    def trained(kind):
        model = gan(classes)
        x, *y = in_batches(kind, batches, *arrays)
        options = {"verbose": 0, "epochs": 2}
        if "array" in kind or kind == "tensor":
            options |= {"batch_size": 5, "shuffle": False}
        if kind == "generator":
            y, options["steps_per_epoch"] = [], 2
        history = model.fit(x, *y, **options)
        return state(model), history.history

    found, history = trained(kind)
    expected, expected_history = trained("array")
    assert_same(found, expected)
    assert history == expected_history
    assert differ(found, state(gan(classes)))


def test_history_is_plain_numbers(gan, images):
    history = gan().fit(images, epochs=2, validation_data=images[:5], **QUIET).history
    assert sorted(history) == sorted([*NAMES, *(f"val_{name}" for name in NAMES)])
    for values in history.values():
        assert [type(value) for value in values] == [float, float]
    json.dumps(history)
    assert list(Outcome._fields) == NAMES


def test_an_epoch_continues_where_the_last_one_ended(gan, images, state):
    """`fit(epochs=3)` is `fit(epochs=1)`, then `initial_epoch=1`; global seeds play no part."""
    straight = gan()
    straight.fit(images, epochs=3, **QUIET)
    expected = state(straight)
    keras.utils.set_random_seed(99)
    stopped = gan()
    stopped.fit(images, epochs=1, **QUIET)
    stopped.fit(images, initial_epoch=1, epochs=3, **QUIET)
    assert_same(state(stopped), expected)
    again = gan()
    again.fit(images, epochs=1, **QUIET)
    again.fit(images, epochs=2, **QUIET)  # not told where it stood: other orders
    assert differ(state(again), expected)


def test_a_dataset_keeps_its_order(gan, batches, images, state):
    """Keras would shuffle a PyDataset by the global random state, which cannot be resumed."""
    pairs = [images[i : i + 2] for i in range(0, 10, 2)]
    model = gan()
    model.fit(images, batch_size=2, shuffle=False, verbose=0)
    expected = state(model)
    keras.utils.set_random_seed(0)
    model = gan()
    model.fit(batches(pairs), verbose=0)
    assert_same(state(model), expected)


@pytest.mark.parametrize(("steps", "epochs"), [(1, 2), (3, 1), (None, 3)])
def test_steps_per_epoch(gan, images, steps, epochs):
    model = gan()
    model.fit(images, steps_per_epoch=steps, epochs=epochs, **QUIET)
    rounds = epochs * (steps or 2)
    for each in (model.optimizer, *model.optimizer.optimizers):
        assert int(each.iterations) == rounds


def test_validation_judges_the_given_images(gan, images, labels, state):
    """The same numbers as `evaluate`, and none of it changes the training."""
    model = gan(3)
    plain = model.fit(images, labels, epochs=2, **QUIET).history
    expected = state(model)
    model = gan(3)
    other = (images[::-1], labels[::-1])
    history = model.fit(images, labels, epochs=2, validation_data=other, **QUIET).history
    assert_same(state(model), expected)
    assert {name: history[name] for name in NAMES} == plain
    judged = model.evaluate(*other, batch_size=5, return_dict=True, verbose=0)
    assert judged == {name: history[f"val_{name}"][-1] for name in NAMES}


def test_validation_split_is_the_end_of_the_arrays(gan, images, labels, state):
    model = gan(3)
    split = model.fit(images, labels, validation_split=0.5, **QUIET).history
    found = state(model)
    model = gan(3)
    given = model.fit(
        images[:5], labels[:5], validation_data=(images[5:], labels[5:]), **QUIET
    ).history
    assert_same(found, state(model))
    assert split == given


def test_evaluate_changes_nothing_and_is_repeatable(gan, images, state):
    """No weight, no statistic, no random state; D(x) is the reference's at inference."""
    model = gan()
    model.fit(images, **QUIET)
    before = state(model)
    first, second = (model.evaluate(images, verbose=0, batch_size=4) for _ in range(2))
    assert first == second
    assert_same(state(model), before)
    weights = {
        name: np.float64(ops.convert_to_numpy(variable))
        for name, variable in reference.named_weights(model.discriminator).items()
    }
    logits = reference.discriminator(weights, images / 127.5 - 1, training=False)[0]
    expected = dict(zip(NAMES, first, strict=True))
    assert expected["real_score"] == pytest.approx(reference.sigmoid(logits).mean(), rel=1e-5)


def test_class_weights_are_sample_weights(gan, images, labels, state):
    by_class = {0: 0.5, 1: 2.0, 2: 0.0}
    model = gan(3)
    model.fit(images, labels, class_weight=by_class, **QUIET)
    found = state(model)
    model = gan(3)
    weights = np.array([by_class[each] for each in labels], "float32")
    model.fit(images, labels, sample_weight=weights, **QUIET)
    assert_same(found, state(model))
    model = gan(3)
    model.fit(images, labels, **QUIET)
    assert differ(found, state(model))


def test_class_weights_without_classes_are_refused(gan, images):
    """Rather than ignored."""
    with pytest.raises((ValueError, TypeError), match="class_weight"):
        gan().fit(images, class_weight={0: 0.0}, **QUIET)


@pytest.mark.parametrize(("classes", "kind"), [(None, "array"), (3, "array"), (3, "PyDataset")])
def test_weightless_images_teach_nothing(gan, batches, images, labels, state, classes, kind):
    """With weight 0, other real images lead to the same weights; with weight 1 they do not.

    (The tiny discriminator has no batch norm, through which they would be seen.)
    """

    def trained(images, weight):
        model = gan(classes)
        weights = np.full(10, weight, "float32")
        if kind == "array":
            y = labels if classes else None
            model.fit(images, y, sample_weight=weights, shuffle=False, **QUIET)
        else:
            halves = [(each[:5], each[5:]) for each in (images, labels, weights)]
            model.fit(batches(*halves), verbose=0)
        return state(model)

    assert_same(trained(images, 0), trained(255 - images, 0))
    assert differ(trained(images, 1), trained(255 - images, 1))


@pytest.mark.parametrize("classes", [None, 3])
def test_a_sample_weight_scales_the_loss_of_real_images(gan, images, labels, classes):
    """`mean(weight * real) + mean(fake)`: evaluated at three weights, it is a straight line."""
    model, y = gan(classes), labels if classes else None
    losses = [
        model.evaluate(images, y, sample_weight=np.full(10, weight), verbose=0)[0]
        for weight in (0.0, 1.0, 3.0)
    ]
    assert losses[2] - losses[0] == pytest.approx(3 * (losses[1] - losses[0]), rel=1e-4)
    assert losses[0] == pytest.approx(np.log(2), abs=0.01)  # the fakes' share, at first


def rates(model):
    return [float(ops.convert_to_numpy(each.learning_rate)) for each in model.optimizer.optimizers]


def test_learning_rate_scheduler_reaches_both(gan, images):
    """Each keeps its own rate, and a rate of 0 stops both networks."""
    model = gan()
    for optimizer, rate in zip(model.optimizer.optimizers, (1e-3, 4e-3), strict=True):
        optimizer.learning_rate = rate
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model.fit(images, epochs=2, callbacks=[halve], **QUIET)
    assert rates(model) == pytest.approx([2.5e-4, 1e-3])
    before = trainable(model)
    stop = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.0)
    model.fit(images, callbacks=[stop], **QUIET)
    assert_same(trainable(model), before)


def test_averaged_weights_replace_the_last_ones(images):
    """Keras' `use_ema`: after `fit` the generator holds the average of its weights."""
    model = uncompiled()
    model.compile(keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5))
    model.fit(images, **QUIET)
    average = model.optimizer.generator_optimizer._model_variables_moving_average
    for weight, expected in zip(model.generator.trainable_variables, average, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(weight), ops.convert_to_numpy(expected))


def test_reduce_on_plateau_reaches_both(gan, images):
    reduce = keras.callbacks.ReduceLROnPlateau(
        "generator_loss", factor=0.25, patience=1, min_delta=1e9, mode="min"
    )
    model = gan()
    model.fit(images, epochs=2, callbacks=[reduce], **QUIET)
    assert rates(model) == pytest.approx([5e-5, 5e-5])


def test_early_stopping_and_checkpoints_with_a_mode(gan, images, state, tmp_path):
    """A mode is needed: Keras knows no direction for these names."""
    path = tmp_path / "best.keras"
    callbacks = [
        keras.callbacks.EarlyStopping(
            "real_score", min_delta=1e9, mode="max", restore_best_weights=True
        ),
        keras.callbacks.ModelCheckpoint(path, "generator_loss", save_best_only=True, mode="min"),
    ]
    model = gan()
    history = model.fit(images, epochs=5, callbacks=callbacks, **QUIET).history
    assert len(history["real_score"]) == 2
    best = int(np.argmin(history["generator_loss"])) + 1
    saved = keras.saving.load_model(path)
    model = gan()
    model.fit(images, epochs=best, **QUIET)
    assert_same(state(saved), state(model))


def broken_at_step_two(batches, images):
    """Three batches, the second with an infinite weight."""
    weights = np.ones((3, 2), "float32")
    weights[1] = np.inf
    return batches(list(images[:6].reshape(3, 2, 9, 8, 1)), np.zeros((3, 2), int), weights)


def test_a_nan_stops_with_epoch_and_step(gan, batches, images):
    with pytest.raises(FloatingPointError, match=r"discriminator_loss.*epoch 5, step 2\b"):
        gan(3).fit(
            broken_at_step_two(batches, images),
            initial_epoch=4,
            epochs=9,
            shuffle=False,
            verbose=0,
        )


def test_no_checkpoint_is_written_after_a_nan(gan, batches, images, tmp_path):
    """Neither in the middle of an epoch nor at its end: the last good one stays."""
    path = tmp_path / "last.keras"
    with pytest.raises(FloatingPointError):
        gan(3).fit(
            broken_at_step_two(batches, images),
            callbacks=[keras.callbacks.ModelCheckpoint(path, save_freq=1)],
            shuffle=False,
            verbose=0,
        )
    saved = keras.saving.load_model(path)
    assert int(saved.optimizer.iterations) == 1
    assert broken_weight(saved) is None


def test_a_training_that_explodes_is_stopped(images):
    model = uncompiled()
    model.compile(discriminator_optimizer=keras.optimizers.SGD(1e30), loss="least_squares")
    with pytest.raises(FloatingPointError, match=r"epoch 1, step \d.*lower learning rate"):
        model.fit(images, **QUIET)


def test_default_recipe_is_the_papers(gan):
    model = gan()
    assert type(model.objective.loss) is ganzoo.losses.NonSaturating
    one, other = model.optimizer.optimizers
    assert one is not other
    for each in (one, other):
        assert isinstance(each, keras.optimizers.Adam)
        assert rates(model) == pytest.approx([2e-4, 2e-4])
        assert (each.beta_1, each.beta_2, each.epsilon) == (0.5, 0.999, 1e-7)


def uncompiled():
    return ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=0)


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        ({"loss": "hing"}, ValueError, "hinge"),
        ({"loss": 3}, TypeError, "AdversarialLoss"),
        ({"generator_optimizer": "adamm"}, ValueError, "adamm"),
        ({"optimizer": "adam"}, TypeError, "generator_optimizer"),
        ({"metrics": ["mse"]}, TypeError, "metrics are built in"),
    ],
)
def test_compile_says_what_it_takes(arguments, error, advice):
    with pytest.raises(error, match=advice):
        uncompiled().compile(**arguments)


def test_compile_refuses_one_optimizer_for_both():
    """Its moments belong to one list of variables."""
    shared = keras.optimizers.Adam(1e-3)
    with pytest.raises(ValueError, match="optimizer"):
        uncompiled().compile(shared, shared)
    model = uncompiled()
    model.compile("adam", "adam")  # a name makes an object for each
    one, other = model.optimizer.optimizers
    assert one is not other


def test_fit_before_compile_is_an_error(images):
    with pytest.raises(ValueError, match=r"compile\(\)"):
        uncompiled().fit(images, **QUIET)


def test_training_latents_are_normal_and_new_each_time(gan):
    model = gan()
    batch = ops.zeros((4000, 1))
    one, other = (
        ops.convert_to_numpy(model._draw_latents(batch, model.seed_generator)) for _ in range(2)
    )
    assert one.shape == (4000, 3)
    assert (one != other).all()
    for values in (one, other):  # 12,000 numbers; five standard errors
        assert abs(values.mean()) < 0.05
        assert abs(values.std() - 1) < 0.035
        assert abs(np.mean(np.abs(values) > 2) - 0.0455) < 0.01
    assert abs(np.mean(one * other)) < 0.05
