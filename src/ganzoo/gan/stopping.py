"""Requests to stop, such as Ctrl-C: carried out between two steps, where the model is whole."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, runtime_checkable

import keras

from ganzoo import backends

FATAL = ("SIGTERM", "SIGHUP")  # kill a program that does not listen
ENDS = 1000  # above the number of any signal
HEARD = ("SIGINT", "SIGBREAK", *FATAL, "SIGALRM", "SIGUSR1", "SIGUSR2")


class Stopping:
    """Holds signals back while the values of a model are in no variable.

    JAX takes them away for a step, and other libraries lose exceptions that come in the middle of
    their code. So what listens to a signal is called after the step; of the second one, at once.
    """

    def __init__(self) -> None:
        self._listeners: dict[int, Any] = {}
        self._holding = False
        self._waiting: tuple[int, FrameType | None] | None = None
        self._agreed = False
        self.several = False  # processes: they stop after the same step, or wait for each other
        self.ends = False  # after this step, as callbacks have it

    @property
    def asked(self) -> bool:
        """Whether a signal has come that is held back, and every process knows."""
        return self._waiting is not None and (self._agreed or not self.several)

    def agree(self) -> bool:
        """Let all processes know of signals that some have heard; return whether training ends."""
        if not self.several:
            return False
        heard = self._waiting[0] if self._waiting else 0
        number = backends.current.highest(ENDS if self.ends else heard)
        self._agreed = 0 < number < ENDS
        if self._agreed and self._waiting is None:
            self._waiting = number, None
        return number == ENDS

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear signals until the block ends. One that is still held back then is passed on."""
        if self._listeners or threading.current_thread() is not threading.main_thread():
            yield
            return
        self._listeners = listeners()
        for number in self._listeners:
            signal.signal(number, self._hear)
        before = self._listeners
        waiting = None
        try:
            yield
            waiting = self._waiting
        finally:
            for number, listener in before.items():
                signal.signal(number, listener)
            self._listeners, self._holding, self._waiting = {}, False, None
        if waiting is not None:
            call(before.get(waiting[0]), *waiting)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold signals back until the block ends."""
        with self.listening():
            before, self._holding = self._holding, True
            yield
            if not before:
                self.let_go()

    def hold(self) -> None:
        """Hold signals back from now on."""
        self._holding = True

    def let_go(self) -> None:
        """Pass on what was held back, and hold nothing back then, unless others train too."""
        if self._waiting is None or self.asked:
            self._holding = False
            if self._waiting is not None:
                self._hear(*self._waiting)
        self._holding = self.several

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._holding and self._waiting is None:
            self._waiting = number, frame
        else:
            self._waiting = None
            call(self._listeners.get(number), number, frame)


def listeners() -> dict[int, Any]:
    """Return what is called at each signal, of those that ask a program to do something else."""
    found: dict[int, Any] = {}
    for name in HEARD:
        number = getattr(signal, name, None)
        if number is None:  # Windows lacks most
            continue
        listener = signal.getsignal(number)
        if callable(listener) or (listener is signal.SIG_DFL and name in FATAL):
            found[number] = listener
    return found


def call(listener: Any, number: int, frame: FrameType | None) -> None:
    """Do what a signal asks for; where nobody listens, end the program as an error does."""
    if not callable(listener):
        sys.exit(128 + number)  # as shells have it
    listener(number, frame)


@runtime_checkable
class Saves(Protocol):
    """A callback that can save a training within an epoch, and go on there."""

    step: int
    """How many steps of the epoch to go on with are done; known after its `resume`."""
    steps: int | None
    """How many an epoch has, if that is known; told before its `resume`."""

    def save_within(self, step: int) -> None:
        """Save, after so many steps of this epoch."""
        ...


class BetweenSteps(keras.callbacks.Callback):
    """Lets signals come where the model is whole.

    Where it can be saved, what was asked for while an epoch ends waits until that is done.
    """

    def __init__(self, stopping: Stopping, savers: Sequence[Saves] = ()) -> None:
        super().__init__()
        self.stopping, self.savers = stopping, savers

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self.stopping.agree():
            self.model.stop_training = self.stopping.ends = True
        if self.stopping.asked:
            for each in self.savers:
                each.save_within(batch)
        self._step()

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        if not self.savers:
            self._step()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self.savers:
            self.stopping.let_go()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.stopping.let_go()

    def on_train_begin(self, logs: Any = None) -> None:
        self.stopping.let_go()

    def _step(self) -> None:
        self.stopping.let_go()
        self.stopping.hold()


class BeforeSteps(keras.callbacks.Callback):
    """The last of all callbacks: holds signals back while an epoch's first batch is made.

    TensorFlow aborts the program if an error comes while it makes an iterator.
    """

    def __init__(self, stopping: Stopping) -> None:
        super().__init__()
        self.stopping = stopping

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.stopping.hold()
