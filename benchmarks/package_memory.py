"""How much memory it takes to carry a package from GitHub into Blob storage: `python -m benchmarks.package_memory`.

Packages of growing size go from the fake GitHub into Azurite, each through a process of its own.
"""

import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

from local.azurite import running_azurite
from local.github.assets import Generated, Given
from local.github.server import running_github

SIZES = (1_000_000, 30_000_000, 300_000_000)
"""Bytes. Azure's own limit for a package is 600 MB."""

REPOSITORY = "octo/shop"
CONFIGURATION = (
    b'<ServiceConfiguration serviceName="Shop" '
    b'xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">'
    b'<Role name="Web"><Instances count="1" /></Role></ServiceConfiguration>'
)
MB = 1_000_000


def main() -> None:
    """Measure and print a table."""
    table = Table(title="A package from GitHub into Blob storage")
    for column in ("package", "peak memory before", "peak memory after", "growth", "seconds"):
        table.add_column(column, justify="right")
    with running_azurite() as azurite, running_github() as github:
        repository = github.world.add_repository(REPOSITORY)
        for size in SIZES:
            assets = [
                github.world.asset("shop.cspkg", Generated(size)),
                github.world.asset("shop.cscfg", Given(CONFIGURATION)),
            ]
            release = github.world.publish(repository, f"v{size}", assets)
            words = [azurite.connection_string, "packages", github.url, REPOSITORY, str(release.id)]
            started = time.monotonic()
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.stage_one", *words], capture_output=True, text=True, check=True
            )
            took = time.monotonic() - started
            before, after = map(int, run.stdout.split())
            row = [f"{number / MB:,.1f} MB" for number in (size, before, after, after - before)]
            table.add_row(*row, f"{took:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
