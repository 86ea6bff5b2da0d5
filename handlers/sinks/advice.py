"""What to try when a request has failed, by error code. Pure; our own words, with nothing from outside in them."""

from collections.abc import Mapping
from types import MappingProxyType

WHAT_TO_TRY: Mapping[str, str] = MappingProxyType(
    {
        # Azure's, from its table of status and error codes and from recorded traffic
        "AuthenticationFailed": "Upload the management certificate to the subscription; renew it if it has expired.",
        "BadRequest": "Read Azure's message: something in the package or the configuration does not fit.",
        "ConflictError": "Wait for the operation that Azure names, or find out who else deploys there, then try again.",
        "Conflict": "Look at what stands in the slot, then try again.",
        "ForbiddenError": "Check that the management certificate belongs to this subscription and is still in it.",
        "InternalError": "The fault is Azure's. Try again in some minutes; if it stays, give Azure the operation's id.",
        "InvalidXmlRequest": "Check the service configuration: Azure cannot read it.",
        "OperationTimedOut": "Azure took too long. Look at what runs now, then try again.",
        "ResourceNotFound": "Check the names of subscription and cloud service in environments.toml.",
        "ServerBusy": "Azure is busy. Try again in some minutes.",
        "SubscriptionDisabled": "Enable the subscription again; until then Azure changes nothing in it.",
        "TooManyRequests": "Azure limits the subscription. Try again in some minutes.",
        "Unauthorized": "Check that the management certificate is in the subscription.",
        # the connection to Azure
        "BadCredentials": "Check SERVICE_MANAGEMENT_CERTIFICATE: it cannot be used as it is.",
        "CertificateRefused": "Upload the management certificate to the subscription; renew it if it has expired.",
        # ours, about releases and packages
        "ConfigurationDamaged": "Upload the .cscfg to the release again: its bytes are not the ones GitHub promises.",
        "ConfigurationInvalid": "Check the .cscfg in the release: one file, well-formed, for the roles of the package.",
        "ConfigurationNotFound": "Attach the .cscfg to the release, or correct the pattern in environments.toml.",
        "ConfigurationAmbiguous": "Leave one .cscfg in the release, or make the pattern in environments.toml narrower.",
        "PackageAmbiguous": "Leave one .cspkg in the release, or make the pattern in environments.toml narrower.",
        "PackageDamaged": "Upload the .cspkg to the release again: its bytes are not the ones GitHub promises.",
        "PackageNotKept": "Deploy the version by its tag: what was kept of it for the morning is gone.",
        "PackageNotFound": "Attach the .cspkg to the release, or correct the pattern in environments.toml.",
        "ReleaseNotFound": "Check the tag: only a release that is published and still there can be deployed.",
        "CheckFailed": "Look at the failed check on GitHub, repair it, and push again.",
        "CheckMissing": "See on GitHub why the check has not succeeded; let it run, then ask again.",
        "CommitNotAllowed": "Merge the commit into an allowed branch, or allow its branch in environments.toml.",
        "CommitNotKnown": "Check whether GitHub answers, and whether the token may read contents, checks and statuses.",
        "TagMoved": "Find out who moved the tag and why; then ask for the version that is meant.",
        "TagNotFound": "Put the tag back, or deploy a version that has one.",
        "PackageAddressInvalid": "Correct the addresses of the commits' packages in environments.toml.",
        "VersionNotFound": "Check the tag: only a release that is published and still there can be deployed.",
        # ours, about what stands in the slots
        "DeploymentMoved": "Somebody swapped or moved a deployment meanwhile. Look at what runs, then ask again.",
        "NoManualUpdate": "Start an update in Manual mode first; only then is there a domain to walk.",
        "NothingDeployed": "Deploy a release there first.",
        "NothingToRollBackTo": "Deploy the version that you want by its tag.",
        "OnlyIntoProduction": "Write swap and the name of the environment that is in production.",
        "NothingToSwap": "Deploy to staging first.",
        "RoleNotFound": "Write the role as it is called there: capitals matter.",
        "InstanceCountInvalid": "Ask for one instance at least; to stop all of them, suspend the environment.",
        "SettingNotFound": "Check the names of role and setting: both must be in the service configuration.",
        "SlotOccupied": "Choose the strategy swap, replace or upgrade for this environment, or empty the slot.",
        "Superseded": "Nothing: a later request has taken its place. To go back, deploy the tag that you want.",
        # ours, about rules
        "AnotherRepository": "Name the repository that may deploy here by its numeric id in environments.toml.",
        "ApprovalExpired": "Ask again once somebody who has the right approve is there.",
        "ChangedSinceApproval": "Ask again: others have to agree to what it comes to now.",
        "Frozen": "Wait until the freeze is over; break-glass sets it aside, for those who have that right.",
        "Locked": "Ask the owner of the lock to take it off, or wait until it ends.",
        # ours, about pull requests
        "FromAFork": "Push the branch to this repository, where it is reviewed and built, and comment there.",
        "HeadMoved": "Look at what was pushed, then comment again.",
        "NoPullRequest": "Comment on the pull request, or deploy a version by its tag.",
        "PullRequestClosed": "Deploy the version that holds it, by its tag.",
        # ours, about people and time
        "Cancelled": "Look at what runs now: what Azure had accepted before was not taken back.",
        "EnvironmentUnknown": "Put the environment back into environments.toml, or use one that is in it.",
        "GaveUp": "Look at what runs now; the message says what stood in the way. Then ask again.",
        "MembershipUnknown": "Read who did not answer. The command line's check names what each token needs.",
        "NotAMember": "Ask whoever keeps the team, the permission or the group, or somebody who is in it.",
        "NotAllowed": "Ask somebody who has the right; the command who may says who that is.",
        "NotReady": "Read the logs of the instances that did not become ready, and see what runs now.",
        "StillRunning": "Look in Azure: the operation may still end well. Ask again once it is over.",
    }
)
"""One sentence or two for each code."""


def advice(code: str | None) -> str | None:
    """Say what to try; None where nobody knows better than the message."""
    return WHAT_TO_TRY.get(code) if code is not None else None
