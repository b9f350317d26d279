"""How two networks are trained against each other, on every backend."""
