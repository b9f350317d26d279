"""One contestant's process: `python contestant.py <module> <height>x<width>x<channels>`."""

import sys
from importlib import import_module

from referee import Referee, parse_size, random_images

if __name__ == "__main__":
    module, size = sys.argv[1:]
    import_module(module).compete(Referee(), random_images(parse_size(size)))
