"""Which callback of a `fit` comes when."""

import keras

from ganzoo.callbacks import BestSnapshot, Doctor, ExactResume, TrainingFilm
from ganzoo.callbacks.finite_losses import FiniteLosses
from ganzoo.gan.fit_callbacks import in_turn


def test_broken_losses_are_looked_for_first_and_what_resumes_is_last():
    """Whatever order they are given in; the others keep theirs."""
    own = keras.callbacks.Callback()
    snapshot, film = BestSnapshot("best.keras", None), TrainingFilm("film.gif")
    resume, doctor = ExactResume("checkpoints"), Doctor(None)
    assert in_turn([resume, film, own, snapshot, doctor]) == [doctor, film, own, snapshot, resume]
    added, *others = in_turn(keras.callbacks.CallbackList([film, resume, own]))
    assert type(added) is FiniteLosses
    assert others == [film, own, resume]
    assert [type(each) for each in in_turn(None)] == [FiniteLosses]
