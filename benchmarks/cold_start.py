"""What a cold start imports before it can answer a webhook, beside what the queue and timer functions import.

Each line is the median of several fresh interpreters, minus that of an empty one, taken in turns in one run.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROUNDS = 7
ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = {
    "an empty interpreter": "pass",
    "azure.functions alone": "import azure.functions",
    "the app, as a webhook needs it": "import function_app",
    "the app, as queues and timers need it": (
        "import function_app, handlers.connections.ports, handlers.poll, handlers.submit"
    ),
}


def main() -> None:
    """Measure and print one table."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
            taken[name].append(time.perf_counter() - began)
    empty = statistics.median(taken["an empty interpreter"])
    library = statistics.median(taken["azure.functions alone"]) - empty
    table = Table("imported", "ms", "times azure.functions", title="Cold start: import time")
    for name, seconds in taken.items():
        added = statistics.median(seconds) - empty
        table.add_row(name, f"{added * 1000:.0f}", f"{added / library:.1f}" if added > 0 else "")
    Console().print(table)


if __name__ == "__main__":
    main()
