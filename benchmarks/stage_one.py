"""Stages one release's package and prints this process's peak memory before and after, in bytes.

`python -m benchmarks.stage_one <storage connection string> <container> <GitHub API> <repository> <release id>`. A
program of its own, so that nothing else is in the numbers.
"""

import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from azure.storage.blob import BlobServiceClient

from handlers.environments import Environment
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Nobody
from handlers.github_api.transport import Transport
from handlers.model import Release, Slot
from handlers.stores.package_container import PackageContainer
from handlers.stores.packages import BlobPackages


def main() -> None:
    """Stage, and measure around it."""
    connection_string, container, api, repository, release = sys.argv[1:]
    clock = lambda: datetime.now(UTC)  # noqa: E731 - the one clock of this program
    blobs = BlobServiceClient.from_connection_string(connection_string)
    github = GitHub(Transport(clock, api), Nobody())
    packages = BlobPackages(github, PackageContainer(blobs, clock, container))
    environment = Environment(
        name="benchmark",
        subscription="c0ffee00-0000-0000-0000-000000000000",
        cloud_service="benchmark",
        slot=Slot.STAGING,
        repository=repository,
        release="*",
    )
    wanted = Release(
        repository=repository, repository_id=1, id=int(release), tag="v1", prerelease=False, url="https://github.com/"
    )
    before = peak_bytes()
    packages.stage(environment, wanted)
    print(before, peak_bytes())


def peak_bytes() -> int:
    """Return the most memory that this program has had.

    On Linux from /proc: there `ru_maxrss` begins with the peak of whoever started us.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
