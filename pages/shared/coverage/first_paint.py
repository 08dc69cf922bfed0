"""Lets the browser paint the map before what stands below it is sent.

Both share one thread there: tables, sliders and the programs that draw them would come first, and
the map, which is what a reader came for, last.
"""

import threading

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.shared import navigation

# Streamlit may be served below a path of its own; whatever it is, it stands before this.
PATH = "/{base:path}geo/painted/{frames}"
# A frame that is not seen (another tab lies above it) never paints; the page goes on then.
LONGEST_SECONDS = 2.0
_waited_for: dict[str, threading.Event] = {}


def url(frames: str) -> str:
    """Return the address by which the frames of a session tell that one of them has painted."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/geo/painted/{frames}" if base else f"/geo/painted/{frames}"


def wait() -> None:
    """Wait until a frame of this session has painted, where the page was only just come to.

    A frame that stands already is painted anew in place and is not waited for, nor is one where no
    browser looks on.
    """
    if not st.session_state.pop(navigation.JUST_COME, False) or not st.context.url:
        return
    frames = st.session_state["map_session"]["id"]
    painted = _waited_for[frames] = threading.Event()
    try:
        painted.wait(LONGEST_SECONDS)
    finally:
        _waited_for.pop(frames, None)


async def _painted(request: Request) -> Response:
    """Hear that a frame has painted."""
    waited = _waited_for.get(request.path_params["frames"])
    if waited:
        waited.set()
    return Response(status_code=204, headers={"cache-control": "no-store"})


def route() -> Route:
    """Return the route by which frames tell."""
    return Route(PATH, _painted, methods=["GET"])
