"""Administration: who may sign in, what was done outside the figures, whether all is sound."""

from pages.shared import account, address
from pages.shared.administration import account_panels, audit_panels
from pages.shared.importing import keeping_panels, uploads
from pages.shared.screen import page, t

with page("administration") as scope:
    who = account.require("audit")
    uploads.said_before()
    rooms = {
        "log": lambda: audit_panels.draw(scope),
        "keeping": keeping_panels.draw,
        "accounts": account_panels.draw,
    }
    open_to = [name for name in rooms if name == "log" or who.may("administer")]
    room = address.settle("room", open_to, open_to[0])
    address.segments("room", t("administration.room"), open_to, lambda n: t(f"administration.{n}"))
    rooms[str(room)]()
