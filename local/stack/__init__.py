"""Every part of a working Slipway on this machine, started together: what the demo, `make serve` and the tests share.

```python
with Stack(environments={"production": {"strategy": "create"}}) as stack:
    release = stack.github.publish("v1.0.0", assets("v1.0.0"))  # local.sample_release
    delivery = stack.deliver(release)                           # 202 and the ids of the requests
    row = stack.wait_for(delivery.requests[0], told)
```

- `stack.azurite`: queues, ledger, packages (`local.azurite.Azurite`).
- `stack.simulator`: the Service Management API over TLS with client certificates (`SimulatorPart`).
- `stack.github`: the fake GitHub (`GitHubPart`).
- `stack.host`: the app in the local host (`HostPart`), which `kill()` and `start()` end and begin again.
- `stack.folder`: state, settings and logs of all of them, 0700, gone at the end. Only kill -9 leaves it; the parts end
  then too.
"""

from local.stack.answers import Answer, PartFailed
from local.stack.environments import REPOSITORY, SERVICE, SUBSCRIPTION
from local.stack.github import Delivery, GitHubPart, PublishedRelease
from local.stack.host import HostPart
from local.stack.simulator import SimulatorPart
from local.stack.stack import NotInTime, Ports, Stack, told

__all__ = [
    "REPOSITORY",
    "SERVICE",
    "SUBSCRIPTION",
    "Answer",
    "Delivery",
    "GitHubPart",
    "HostPart",
    "NotInTime",
    "PartFailed",
    "Ports",
    "PublishedRelease",
    "SimulatorPart",
    "Stack",
    "told",
]
