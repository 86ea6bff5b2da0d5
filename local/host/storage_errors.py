"""How an error of the storage account is named in a log line: never by its text, which may hold URLs."""

from enum import Enum

from azure.core.exceptions import AzureError


def error_name(error: AzureError) -> str:
    """Give the code that the account answered, such as `QueueNotFound`; or the kind of error where none answered."""
    code: object = getattr(error, "error_code", None)
    if isinstance(code, Enum):
        code = code.value
    return str(code or type(error).__name__)
