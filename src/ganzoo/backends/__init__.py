"""Each backend's smallest share: the only modules that import a framework."""

from importlib import import_module

import keras

current = import_module(f"ganzoo.backends.on_{keras.backend.backend()}")
