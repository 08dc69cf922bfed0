"""Lets the browser paint the map before what stands below it is sent.

Both share one thread there: tables, sliders and the programs that draw them would come first, and
the map, which is what a reader came for or has just chosen, last.
"""

import threading
from weakref import WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.shared import navigation

# Streamlit may be served below a path of its own; whatever it is, it stands before this.
PATH = "/{base:path}geo/painted/{frames}/{picture}"
# A frame that is not seen (another tab lies above it) never paints; the page goes on then.
LONGEST_SECONDS = 2.0
LAST, AWAITED = "map_picture", "map_awaited"
# By frames and picture; a session that is gone takes what it waited for with it.
_awaited: "WeakValueDictionary[str, threading.Event]" = WeakValueDictionary()


def url(frames: str) -> str:
    """Return the address below which the frames of a session tell what they have painted."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/geo/painted/{frames}" if base else f"/geo/painted/{frames}"


def expect(frames: str, picture: str) -> None:
    """Say what the frame is about to be sent: what it shows already is not waited for.

    picture: a name that differs where the pictures do. A page that was just come to has a new
    frame, which shows nothing. Where no browser looks on nothing is waited for.
    """
    come = st.session_state.pop(navigation.JUST_COME, False)
    known = st.session_state.get(LAST) == picture
    st.session_state[LAST] = picture
    if (known and not come) or not st.context.url:
        return
    event = st.session_state[AWAITED] = threading.Event()
    _awaited[f"{frames}/{picture}"] = event


def wait() -> None:
    """Wait until the frame has painted what it was sent, if that is new to it."""
    event = st.session_state.pop(AWAITED, None)
    if event is not None:
        event.wait(LONGEST_SECONDS)


async def _painted(request: Request) -> Response:
    """Hear that a frame has painted."""
    told = request.path_params
    event = _awaited.get(f"{told['frames']}/{told['picture']}")
    if event is not None:
        event.set()
    return Response(status_code=204, headers={"cache-control": "no-store"})


def route() -> Route:
    """Return the route by which frames tell."""
    return Route(PATH, _painted, methods=["GET"])
