"""Compares the local host with `azure-functions-runtime`, the code that runs Python 3.13 functions in Azure.

`make fidelity`, or `python -m tests.host.fidelity`. It needs a Python 3.13 beside the one of this project, into whose
own environment, `.local/fidelity`, the runtime is installed; without one it says so and ends well.
"""
