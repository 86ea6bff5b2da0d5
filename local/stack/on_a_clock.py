"""The `function_app.py` of a stack whose clock can be moved: the app as it is, with that clock in place of its own.

The stack copies this file and the app's `host.json` into a folder where the clock's file is too, and starts the host
over that folder, so that neither the app nor the host knows of it.
"""

import sys
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from handlers import wiring
from handlers.stores import blob_links
from local.clock import CLOCK_FILE, Clock

wiring.now = Clock(Path(__file__).with_name(CLOCK_FILE)).now

# Azurite asks the machine's clock whether an address still holds: here each holds for longer than clocks are apart.
blob_links.LINK_BACKDATED = blob_links.LINK_LIFETIME = timedelta(days=366)

# Under another name, as the host imports this module by the app's.
_found = spec_from_file_location("slipway", wiring.APP / "function_app.py")
if _found is None or _found.loader is None:
    raise ImportError(f"{wiring.APP} has no function_app.py")
_module = module_from_spec(_found)
sys.modules[_found.name] = _module
_found.loader.exec_module(_module)

app = _module.app
