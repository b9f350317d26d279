"""A training in a folder, with all that one would like to see: what `ganzoo train` does."""

from ganzoo.runs.measuring import Plan, plan
from ganzoo.runs.run_folder import check
from ganzoo.runs.standard_run import train

__all__ = ["Plan", "check", "plan", "train"]
