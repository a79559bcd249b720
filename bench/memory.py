"""`python -m bench.memory`: the cache on labelled pairs, retrieval on questions, memory after conversations.

usage: python -m bench.memory [cache] [context] [facts]

Without a name all three run, each as a module of its own (`bench.cache`, `bench.context`, `bench.memory_facts`).
"""

import subprocess
import sys
from pathlib import Path

PARTS = {"cache": "bench.cache", "context": "bench.context", "facts": "bench.memory_facts"}


def main() -> int:
    """Runs the parts that are named; returns the first exit code that is not 0."""
    named = sys.argv[1:] or list(PARTS)
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        sys.stderr.write(f"There is no part {unknown[0]}; there are: {', '.join(PARTS)}.\n")
        return 2
    worst = 0
    for name in named:
        sys.stdout.write(f"\n# {name}\n")
        sys.stdout.flush()
        ended = subprocess.run([sys.executable, "-m", PARTS[name]], cwd=Path(__file__).parents[1], check=False)
        worst = worst or ended.returncode
    return worst


if __name__ == "__main__":
    sys.exit(main())
