"""What a cold start imports before it can answer a webhook, beside what the queue and timer functions import.

Each line is the median of several fresh interpreters, minus that of an empty one, taken in turns in one run. What
counts is the processor's time, so that whatever else the machine does meanwhile changes little.
"""

import resource
import statistics
import subprocess
import sys
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
            before = _seconds_of_children()
            subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
            taken[name].append(_seconds_of_children() - before)
    empty = statistics.median(taken["an empty interpreter"])
    library = statistics.median(taken["azure.functions alone"]) - empty
    table = Table("imported", "ms", "times azure.functions", title="Cold start: processor time of the imports")
    for name, seconds in taken.items():
        added = statistics.median(seconds) - empty
        table.add_row(name, f"{added * 1000:.0f}", f"{added / library:.1f}" if added > 0 else "")
    Console().print(table)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
