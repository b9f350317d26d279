"""What searches are asked for."""


def check_counts(**counts: int) -> None:
    """Refuse a number below 1."""
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, not {count}.")
