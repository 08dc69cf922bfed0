"""Files that leave a page: made when they are asked for, and noted in the audit log."""

from collections.abc import Callable
from typing import Any

from data.access import audit
from data.store import data_folder
from metrics.exports.table_files import safe, to_csv
from pages.shared import account

__all__ = ["noted", "safe", "to_csv"]


def noted(about: str, make: Callable[..., bytes], *arguments: Any) -> Callable[[], bytes]:
    """Return what makes a file at a click and writes down who took it out; about: which file."""
    who, root = account.require("read").name, data_folder()

    def made() -> bytes:
        content = make(*arguments)
        audit.note(root, "taken_out", who=who, about=about)
        return content

    return made
