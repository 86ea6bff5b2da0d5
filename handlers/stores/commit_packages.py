"""Carries the package that was built from a commit into our own container.

It is copied like a release's, so that what was looked at is what is deployed, whatever is laid in its place later.
"""

from handlers.environments import Environment
from handlers.errors import PackageUnusable, Unavailable
from handlers.model import Commit
from handlers.ports import StagedPackage
from handlers.stores.built_files import BuiltFile, BuiltFiles
from handlers.stores.commit_address import fill
from handlers.stores.configurations import require_configuration, require_short
from handlers.stores.package_container import PackageContainer


class CommitPackages:
    """Packages that builds lay into blob storage."""

    def __init__(self, container: PackageContainer) -> None:
        """Keep in `container`."""
        self._container = container
        self._files = BuiltFiles(container.links, container.clock)

    def stage(self, environment: Environment, commit: Commit) -> StagedPackage:
        """Bring the package and return it. What is in the container already is not fetched again.

        Raises PackageUnusable, and Unavailable also while a file is not there yet.
        """
        if environment.package_url is None or environment.configuration_url is None:
            raise PackageUnusable("PackageAddressInvalid", f"{environment.name} has no address of commits' packages.")
        package_url = fill(environment.package_url, commit)
        configuration_url = fill(environment.configuration_url, commit)
        with self._files.open(package_url, "package") as package:
            with self._files.open(configuration_url, "configuration") as configuration:
                content = _read_configuration(configuration)
            sha256 = self._keep(package, package_url)
        self._container.keep_configuration(content)
        return StagedPackage(self._container.link(sha256), content)

    def _keep(self, package: BuiltFile, url: str) -> str:
        origin = None if package.etag is None else f"{url} {package.etag}"
        sha256 = None if origin is None else self._container.from_origin(origin)
        if sha256 is None:
            sha256 = self._container.keep(package.pieces, package.size, None)
            if origin is not None:
                self._container.remember_origin(origin, sha256)
        return sha256


def _read_configuration(file: BuiltFile) -> bytes:
    require_short(file.name, file.size)
    content = b"".join(file.pieces)
    if len(content) != file.size:
        raise Unavailable(f"the configuration {file.name} broke off")
    require_configuration(file.name, content)
    return content
