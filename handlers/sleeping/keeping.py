"""What a night that deletes has to keep: the package and the configuration that it is made from again."""

from handlers.environments import Environment
from handlers.errors import PackageUnusable
from handlers.ledger import Entry
from handlers.model import BringBack, Check, Kept, Release, RunCommit, RunRelease
from handlers.nights.sleep import Leave
from handlers.planning import Deployed
from handlers.ports import Ports


def keep(deployed: Deployed, environment: Environment, ports: Ports) -> Kept | Leave:
    """Make sure that what is to be deleted can be made again; return how, or why not. Raises Unavailable."""
    stored = None
    if deployed.request is not None:
        stored = ports.ledger.get(Check(environment=environment.name, request=deployed.request))
    if stored is None:
        return Leave("it was not deployed by Slipway, which could not create it again")
    made_by = stored.row
    goal, packages = made_by.request.goal, ports.packages
    version = deployed.version or goal.title
    try:
        if isinstance(goal, BringBack):
            package = ports.nights.kept(goal.kept.package, goal.kept.configuration)
            kept = goal.kept
        elif made_by.package is not None and made_by.configuration is not None:
            # The bytes that run, whatever their release or their build has by now.
            package = ports.nights.kept(made_by.package, made_by.configuration)
            kept = Kept(version=version, package=made_by.package, configuration="", release=_release_of(made_by))
        elif isinstance(goal, RunCommit):
            package = packages.stage_commit(environment, goal.commit)
            kept = Kept(version=version, package=package.blob, configuration="", commit=goal.commit.sha)
        else:
            release = _release_of(made_by)
            if release is None:
                return Leave("the release that it is from is not known")
            package = packages.stage(environment, release)
            kept = Kept(version=version, package=package.blob, configuration="", release=release)
    except PackageUnusable as error:
        return Leave(f"it could not be created again: {error.reason}")
    configuration = ports.nights.keep(deployed.configuration or package.configuration)
    return kept.model_copy(update={"configuration": configuration, "commit": kept.commit or made_by.commit})


def _release_of(entry: Entry) -> Release | None:
    return entry.request.goal.release if isinstance(entry.request.goal, RunRelease) else entry.release
