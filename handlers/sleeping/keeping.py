"""What a night that deletes has to keep: the package and the configuration that it is made from again."""

from handlers.environments import Environment
from handlers.errors import PackageUnusable
from handlers.ledger import Entry
from handlers.model import BringBack, Check, Kept, Release, RunCommit, RunRelease
from handlers.nights.sleep import Leave
from handlers.planning import Deployed
from handlers.ports import Ports, StagedPackage


def keep(deployed: Deployed, environment: Environment, ports: Ports) -> Kept | Leave:
    """Make sure that what is to be deleted can be made again; return how, or why not. Raises Unavailable."""
    stored = None
    if deployed.request is not None:
        stored = ports.ledger.get(Check(environment=environment.name, request=deployed.request))
    if stored is None:
        return Leave("it was not deployed by Slipway, which could not create it again")
    made_by = stored.row
    try:
        package = _package(made_by, environment, ports)
    except PackageUnusable as error:
        return Leave(f"it could not be created again: {error.reason}")
    if package is None:
        return Leave("the release that it is from is not known")
    goal, configuration = made_by.request.goal, ports.nights.keep(deployed.configuration or package.configuration)
    if isinstance(goal, BringBack):
        commit = goal.kept.commit or made_by.commit
        return goal.kept.model_copy(update={"configuration": configuration, "commit": commit})
    return Kept(
        version=deployed.version or goal.title,
        package=package.blob,
        configuration=configuration,
        release=_release_of(made_by),
        commit=goal.commit.sha if isinstance(goal, RunCommit) else made_by.commit,
    )


def _package(made_by: Entry, environment: Environment, ports: Ports) -> StagedPackage | None:
    """Bring what it was made from, None where nobody knows that. Raises PackageUnusable, Unavailable."""
    goal = made_by.request.goal
    if isinstance(goal, BringBack):
        return ports.nights.kept(goal.kept.package, goal.kept.configuration)
    if made_by.package is not None and made_by.configuration is not None:
        # The bytes that run, whatever their release or their build has by now.
        return ports.nights.kept(made_by.package, made_by.configuration)
    if isinstance(goal, RunCommit):
        return ports.packages.stage_commit(environment, goal.commit)
    release = _release_of(made_by)
    return ports.packages.stage(environment, release) if release is not None else None


def _release_of(entry: Entry) -> Release | None:
    return entry.request.goal.release if isinstance(entry.request.goal, RunRelease) else entry.release
