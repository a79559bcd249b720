"""Where `bench/peers/install` put the other gateways."""

import os
from pathlib import Path


def installed(name: str) -> Path:
    """The folder of one gateway. Raises FileNotFoundError if it is not installed."""
    cache = Path(os.environ.get("PARLEY_BENCH_CACHE") or Path.home() / ".cache" / "parley-bench")
    if not (cache / name / "installed").exists():
        raise FileNotFoundError(f"{name} is not installed; run bench/peers/install {name}")
    return cache / name
