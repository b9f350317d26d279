"""A look at image files before training: what there is, and what to do about it."""
