"""What `fit` is asked to do with images: it is done, or refused before the first step."""

import shutil

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.callbacks import ExactResume
from ganzoo.datasets import ImageSet, image_folder, loading, read
from ganzoo.datasets.arrays import ImageArrays

SHAPE, CLASSES = (9, 8, 1), 3
QUIET = {"verbose": 0, "batch_size": 5}


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def asked(monkeypatch):
    """Note (epoch, index, images) of every batch that an `ImageArrays` gives."""
    found = []
    real = ImageArrays.batch

    def batch(self, epoch, index):
        images, *others = real(self, epoch, index)
        found.append((epoch, index, images.shape[0], self.top_up))
        return images, *others

    monkeypatch.setattr(ImageArrays, "batch", batch)
    return found


@pytest.fixture
def pets(tmp_path):
    """A folder of three classes: 8 cats, 4 dogs and 2 mice."""
    random = np.random.default_rng(0)
    for name, count in (("cats", 8), ("dogs", 4), ("mice", 2)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 256, (12, 11), dtype="uint8")
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


def sizes(asked):
    return {size for _, _, size, training in asked if training}


def test_an_image_folder_honours_what_fit_is_asked_for(gan, pets, asked):
    """And keeps its own way where nothing is asked for; it stays as it was."""
    folder = image_folder(pets, SHAPE, batch_size=10, shuffle=False, verbose=False)
    gan().fit(folder, verbose=0)
    assert sizes(asked) == {10}
    asked.clear()
    gan().fit(folder, batch_size=5, steps_per_epoch=2, verbose=0)
    assert sizes(asked) == {5}
    assert max(index for _, index, _, _ in asked) == 1
    assert (folder.batch_size, folder.shuffle, folder.epoch) == (10, False, 0)


def test_shuffle_is_what_was_asked_for_or_the_folders_own(gan, pets, state):
    def trained(asked, own=True):
        model = gan()
        folder = image_folder(pets, SHAPE, verbose=False, seed=model.seed, shuffle=own)
        model.fit(folder, shuffle=asked, batch_size=5, verbose=0)
        return state(model)

    assert_same(trained(None, own=False), trained(False))
    assert_same(trained(None), trained(True, own=False))
    assert any((a != b).any() for a, b in zip(trained(True), trained(False), strict=True))


class Batches(keras.utils.PyDataset):
    def __init__(self, *batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"y": np.zeros(4, int)}, "y"),
        ({"sample_weight": np.ones(4)}, "sample_weight"),
        ({"batch_size": 2}, "batch_size"),
        ({"shuffle": True}, "shuffle"),
        ({"validation_split": 0.5}, "validation_split"),
        ({"validation_split": 0.5, "batch_size": 2}, "batch_size and no validation_split"),
    ],
)
def test_batches_take_no_argument_that_they_bring_along(gan, images, state, options, named):
    before = state(gan())
    kinds = (Batches(images[:4]), (each for each in [images[:4]]))
    for kind in kinds:
        with pytest.raises(ValueError, match=f"yields batches, so it takes no {named}:"):
            gan().fit(kind, verbose=0, **options)
    with pytest.raises(ValueError, match="so it takes no y: batches"):
        gan().evaluate(Batches(images[:4]), np.zeros(4, int), verbose=0)
    with pytest.raises(ValueError, match="so it takes no batch_size"):
        gan().fit(images, validation_data=Batches(images), validation_batch_size=2, **QUIET)
    assert_same(state(gan()), before)
    gan().fit(Batches(images[:4]), shuffle=False, verbose=0)  # as they are


def test_endless_batches_need_steps(gan, images):
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, index):
            return images

    with pytest.raises(ValueError, match="This Endless never ends: say steps_per_epoch"):
        gan().fit(Endless(), verbose=0)
    gan().fit(Endless(), steps_per_epoch=2, verbose=0)


def test_a_generator_serves_one_epoch_or_as_many_as_have_steps(gan, images):
    def forever():
        while True:
            yield images

    with pytest.raises(ValueError, match="generator is used up after one epoch: say steps_per_ep"):
        gan().fit(forever(), epochs=2, verbose=0)
    assert len(gan().fit(forever(), epochs=2, steps_per_epoch=2, verbose=0).epoch) == 2


def test_an_iterator_that_is_a_py_dataset_is_one(gan, images):
    """As those of Keras' old `ImageDataGenerator` are."""

    class Flow(Batches):
        def __iter__(self):
            return self

        def __next__(self):
            return self.batches[0]

    assert len(gan().fit(Flow(images, images), epochs=2, verbose=0).epoch) == 2
    with pytest.raises(ValueError, match=r"images \* 255"):
        gan().fit(Flow(images / 255), verbose=0)


def test_splits_of_a_folder_keep_every_class(gan, pets, monkeypatch):
    """The same each time; a tenth of two mice is one."""
    found = []
    real = ImageArrays.changed

    def changed(self, **options):
        if "rows" in options:
            found.append(self.targets[0][options["rows"]])
        return real(self, **options)

    monkeypatch.setattr(ImageArrays, "changed", changed)
    for data in (pets, image_folder(pets, SHAPE, labels="inferred", verbose=False)):
        found.clear()
        history = gan(CLASSES).fit(data, validation_split=0.25, **QUIET).history
        assert "val_generator_loss" in history
        training, held_out = (np.bincount(each).tolist() for each in found)
        assert (training, held_out) == ([6, 3, 1], [2, 1, 1])


def test_splits_of_an_unconditional_folder_are_drawn_by_the_seed(gan, pets):
    """Not the last ones by name, which would all be mice."""
    once, again = (
        gan().fit(pets, validation_split=0.25, **QUIET).history["val_real_score"] for _ in range(2)
    )
    assert once == again
    whole = read(pets, SHAPE)
    last = gan().fit(whole.images, validation_split=0.25, **QUIET).history["val_real_score"]
    assert once != last


def test_two_ways_to_validate_are_one_too_many(gan, images):
    with pytest.raises(ValueError, match="validation_data or validation_split, not both"):
        gan().fit(images, validation_split=0.5, validation_data=images, **QUIET)


def test_classes_are_weighed_in_datasets_as_in_arrays(gan, images, labels, state):
    """Keras drops class_weight for batches that are dictionaries, and refuses it for generators."""
    weights = {0: 0.5, 2: 0.0}

    def trained(data, **options):
        model = gan(CLASSES)
        model.fit(data, class_weight=weights, verbose=0, **options)
        return state(model)

    expected = trained((images, labels), shuffle=False, batch_size=10)
    assert_same(trained(Batches({"image": images, "label": labels})), expected)
    assert_same(trained((each for each in [(images, labels)]), steps_per_epoch=1), expected)
    model = gan(CLASSES)
    model.train_on_batch(images, labels, class_weight=weights)
    assert_same(state(model), expected)


@pytest.mark.parametrize(
    ("weights", "error"),
    [({3: 1.0}, "has the class 3, the model 0 to 2"), ({0: -1.0}, "finite, and not negative")],
)
def test_class_weights_must_be_of_the_models_classes(gan, images, labels, weights, error):
    with pytest.raises(ValueError, match=error):
        gan(CLASSES).fit(images, labels, class_weight=weights, **QUIET)
    with pytest.raises(ValueError, match="class_weight or sample_weight, not both"):
        gan(CLASSES).fit(images, labels, class_weight={0: 1.0}, sample_weight=np.ones(10), **QUIET)


def test_a_batch_is_trained_on_as_fit_does_it(gan, images, labels, state):
    model = gan(CLASSES)
    losses = model.train_on_batch(images, labels, return_dict=True)
    one = state(model)
    model = gan(CLASSES)
    history = model.fit(images, labels, batch_size=10, shuffle=False, verbose=0).history
    assert_same(one, state(model))
    assert losses == pytest.approx({name: values[0] for name, values in history.items()})
    judged = model.test_on_batch(images, labels)
    assert judged == pytest.approx(model.evaluate(images, labels, verbose=0))


@pytest.mark.parametrize("count", [9, 1])
def test_a_ragged_last_batch_is_topped_up(gan, images, count, state):
    """Two updates of the discriminator share a batch out: as if its first images stood twice."""

    def trained(last):
        model = gan(discriminator_steps=2)
        model.fit(Batches(images, last), verbose=0)
        return state(model)

    assert_same(trained(images[:count]), trained(np.concatenate([images[:count], images[:1]])))


def test_batches_that_cannot_be_shared_out_are_refused_at_once(gan, images):
    model = gan(discriminator_steps=2)
    with pytest.raises(ValueError, match=r"batch of 5 images.*a multiple of 2"):
        model.fit(images, **QUIET)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="of TensorFlow")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # its length is unknown
def test_shapes_that_tensorflow_does_not_know(gan, images, state):
    import tensorflow as tf

    def generate():
        yield from (images[:5], images[5:])

    model = gan()
    model.fit(images, shuffle=False, **QUIET)
    expected = state(model)
    for signature in (
        tf.TensorSpec(None, tf.uint8),
        tf.TensorSpec((None, None, None, 1), tf.uint8),
    ):
        data = tf.data.Dataset.from_generator(generate, output_signature=signature)
        model = gan()
        model.fit(data, verbose=0)
        assert_same(state(model), expected)
    single = tf.data.Dataset.from_generator(
        lambda: iter(images), output_signature=tf.TensorSpec(None, tf.uint8)
    )
    with pytest.raises(ValueError, match=r"single image, not a batch: call \.batch"):
        gan().fit(single, verbose=0)
    with pytest.raises(ValueError, match="never ends: say steps_per_epoch"):
        gan().fit(data.repeat(), verbose=0)


def test_a_folder_that_lacks_a_class_is_refused(pets):
    model = ganzoo.DCGAN(SHAPE, 3, class_names=["cats", "dogs", "mice", "owls"], base_filters=2)
    model.compile()
    with pytest.raises(ValueError, match="no image of the class owls: add some, or build"):
        model.fit(pets, verbose=0)
    model.evaluate(pets, verbose=0)  # where it does no harm


def test_an_array_that_lacks_a_class_is_warned_of(gan, images):
    with pytest.warns(UserWarning, match="no image of the class 2, so the model cannot learn"):
        gan(CLASSES).fit(images, np.arange(10) % 2, **QUIET)


def test_a_named_dataset_is_brought_to_the_models_size_and_names_its_classes(
    gan, images, monkeypatch
):
    digits = np.random.default_rng(0).integers(0, 256, (30, 28, 28, 1), dtype="uint8")
    monkeypatch.setattr(loading, "load", lambda name, split: (digits, np.arange(30) % 10))
    gan().fit("fashion_mnist", **QUIET)
    model = ganzoo.DCGAN((8, 8, 3), 3, num_classes=10, base_filters=2, seed=0)
    model.compile()
    model.fit("fashion_mnist", validation_data="fashion_mnist", **QUIET)
    assert model.class_names[5] == "Sandal"
    assert model.generate(1, labels="Sandal").shape == (1, 8, 8, 3)


def test_wrong_data_cost_no_model(gan, images, state, tmp_path, pets):
    """They are looked at before a checkpoint is restored over the model."""
    resume = ExactResume(tmp_path / "checkpoints")
    gan().fit(images, epochs=1, callbacks=[resume], **QUIET)
    model = gan()
    before = state(model)
    for wrong in (images / 255, tmp_path / "nowhere", Batches(images / 255)):
        with pytest.raises((ValueError, FileNotFoundError)):
            model.fit(wrong, epochs=3, verbose=0, callbacks=[resume])
    with pytest.raises(ValueError, match=r"images \* 255"):
        model.fit(images, epochs=3, verbose=0, callbacks=[resume], validation_data=images / 255)
    assert_same(state(model), before)


def test_a_conditional_folder_resumes_exactly(gan, pets, tmp_path):
    """By a new model each time, whose classes nobody has named yet."""

    def run(epochs):
        model = ganzoo.DCGAN(SHAPE, 3, num_classes=CLASSES, base_filters=2, seed=3)
        model.compile()
        history = model.fit(pets, epochs=epochs, callbacks=[ExactResume(tmp_path)], **QUIET)
        assert model.class_names == ["cats", "dogs", "mice"]
        return model.generate(6, seed=0), history.epoch

    undisturbed = gan(CLASSES)
    undisturbed.fit(pets, epochs=3, **QUIET)
    run(1)
    images, epochs = run(3)
    assert epochs == [1, 2]
    np.testing.assert_array_equal(images, undisturbed.generate(6, seed=0))


class Die(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


def test_backup_and_restore_goes_on_in_the_order_of_its_epoch(gan, images, state, asked, tmp_path):
    """Bit for bit as if it had not been stopped; with models of its own, which it marks."""

    def fresh():
        model = ganzoo.DCGAN(SHAPE, 3, base_filters=2, seed=3)
        model.compile()
        return model

    expected = gan()
    expected.fit(images, epochs=4, **QUIET)
    expected = state(expected)
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(KeyboardInterrupt):
        fresh().fit(images, epochs=4, callbacks=[backup, Die(1)], **QUIET)
    asked.clear()
    model = fresh()
    model.fit(images, epochs=4, callbacks=[backup], **QUIET)
    assert min(epoch for epoch, index, _, _ in asked if index == 1) == 2
    assert_same(state(model), expected)


def test_backups_within_an_epoch_are_refused(gan, images, tmp_path):
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", save_freq=1)
    with pytest.raises(ValueError, match=r'seen already. Use save_freq="epoch", or.*ExactResume'):
        gan().fit(images, callbacks=[backup], **QUIET)


def test_an_order_that_cannot_be_resumed_is_warned_of(gan, images, tmp_path):
    def forever():
        while True:
            yield images

    with pytest.warns(UserWarning, match="ExactResume restores the model, but these batches"):
        gan().fit(
            forever(), steps_per_epoch=1, verbose=0, callbacks=[ExactResume(tmp_path / "one")]
        )
    gan().fit(Batches(images), verbose=0, callbacks=[ExactResume(tmp_path / "two")])


def test_any_callback_may_resume(gan, images, asked):
    class Elsewhere(keras.callbacks.Callback):
        def resume(self, model, initial_epoch):
            return initial_epoch + 2

    history = gan().fit(images, epochs=5, initial_epoch=1, callbacks=[Elsewhere()], **QUIET)
    assert history.epoch == [3, 4]
    assert min(epoch for epoch, index, _, _ in asked if index == 1) == 3


def test_a_finished_training_says_so(gan, images, tmp_path, capsys):
    resume = ExactResume(tmp_path)
    gan().fit(images, epochs=1, callbacks=[resume], **QUIET)
    capsys.readouterr()
    history = gan().fit(images, epochs=1, batch_size=5, callbacks=[resume])
    assert history.history == {}
    assert "Nothing is left to train" in capsys.readouterr().out


def test_a_set_brings_its_options_along(gan, pets, state):
    """What `read` was told, `fit` does: here, to mirror."""
    plain = image_folder(pets, SHAPE, verbose=False, flip=True, seed=gan().seed)
    model = gan()
    model.fit(plain, batch_size=5, verbose=0)
    expected = state(model)
    model = gan()
    model.fit(read(pets, SHAPE, flip=True), batch_size=5, verbose=0)
    assert_same(state(model), expected)
    shutil.rmtree(pets)  # the set holds the images
    model.fit(read(ImageSet(plain.images), limit=4), batch_size=5, verbose=0)
