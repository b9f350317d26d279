"""The version, where nothing else is imported: presets record it, and the build reads it."""

__version__ = "0.1.0"
