"""What the map fetches: the right layer of the right version, small, and nothing else."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
import streamlit as st
from starlette.routing import Router

from data.scope import Scope
from data.store import Change, Store
from pages.shared import results
from pages.shared.coverage import geometry, village_states
from tests.conftest import TOWNS

A, B, C = TOWNS["township_code"]
POINTS = "2025.points.json"


def publish(store: Store, **tables: pd.DataFrame) -> int:
    changes = [Change(name, rows) for name, rows in tables.items()]
    return store.publish(changes, author="t", message="t")


def forget() -> None:
    st.cache_resource.clear()
    geometry._packed.cache_clear()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The installation's own store: a ring of land, its enclave, two villages, a facility."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path))
    forget()
    opened = results.open_store("own")
    ring, enclave = shapely.box(110, 30, 113, 33), shapely.box(111, 31, 112, 32)
    places = pd.DataFrame(
        {
            "community_code": [f"{A}001", f"{A}002", f"{B}001"], "township_code": [A, A, B],
            "name_zh": ["甲村", "</script>", "丙村"], "kind": "village", "urban_rural_code": "220",
            "lon": [110.123456789, None, 111.5], "lat": [30.5, None, 31.5],
        }
    )  # fmt: skip
    publish(
        opened,
        townships=TOWNS,
        boundaries=pd.DataFrame(
            {
                "unit_code": [A, B],
                "level": "township",
                "geometry": shapely.to_wkb([ring.difference(enclave), enclave]),
            }
        ),
        communities=places,
        community_year=places[["community_code", "township_code"]]
        .iloc[:1]
        .assign(year=2025, resident_pop=321, households=1),
        facilities=pd.DataFrame(
            {
                "facility_id": ["a"],
                "township_code": A,
                "name_zh": "设施",
                "services": "legal",
                "is_comprehensive": True,
                "status": "idle",
                "lon": 110.5,
                "lat": 30.25,
            }
        ),
    )
    yield opened
    forget()


def held(store: Store, layer: str, county: str = "990101") -> Any:
    packed = geometry.geometry_bytes("own", store.version, county, layer)
    assert packed is not None
    return json.loads(gzip.decompress(packed.content))


def fetch(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask the route as a server would, without one."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": b"", "headers": asked, "scheme": "http", "http_version": "1.1",
        "server": ("localhost", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip

    async def answer() -> None:
        await Router([geometry.route()])(scope, receive, send)

    # The browser tests keep a loop of their own running in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, answer()).result()
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:])


def test_units_are_drawn_with_their_holes(store: Store) -> None:
    features = held(store, geometry.UNITS)["features"]
    told = {each["properties"]["code"]: each for each in features}
    assert told[A]["properties"]["name_zh"] == "示例镇"
    areas = {c: shapely.from_geojson(json.dumps(f["geometry"])).area for c, f in told.items()}
    assert areas == pytest.approx({A: 8.0, B: 1.0})
    assert held(store, geometry.UNITS, geometry.EVERYWHERE)["features"] == features
    assert held(store, geometry.UNITS, "990102")["features"] == []


def test_points_to_a_metre_and_nothing_where_nothing_is_known(store: Store) -> None:
    # A village without a place is not drawn; one without residents has none, and not zero.
    assert held(store, POINTS) == {
        "villages": [[30.5, 110.12346, "甲村", "甲村", 321], [31.5, 111.5, "丙村", "丙村", None]],
        "facilities": [[30.25, 110.5, "设施", "idle", "legal"]],
    }
    assert [row[4] for row in held(store, "0.points.json")["villages"]] == [None, None]
    assert held(store, POINTS, "990102") == {"villages": [], "facilities": []}


def test_nothing_else_is_answered(store: Store) -> None:
    version = store.version
    assert geometry.geometry_bytes("own", version, "990101", geometry.UNITS) is not None
    refused = [
        ("sample", version, geometry.UNITS),
        ("../own", version, geometry.UNITS),
        ("own", version - 1, geometry.UNITS),
        ("own", version + 1, geometry.UNITS),
        *(("own", version, layer) for layer in (
            "", "2025", "units", "x.points.json", "-1.points.json", "２０２５.points.json",
            ".points.json", "2025.points.json.points.json", "99999.points.json",
            "9" * 5000 + ".points.json",
        )),
    ]  # fmt: skip
    for name, number, layer in refused:
        assert geometry.geometry_bytes(name, number, "990101", layer) is None
    # Asking for a store that is not there does not make one.
    assert geometry.geometry_bytes("sample", 0, "990101", geometry.UNITS) is None
    assert list(results.folders()) == ["own"]
    # What stands in an address is a value, and never part of a query.
    assert held(store, geometry.UNITS, "' OR 1=1 --")["features"] == []


def test_an_answer_is_kept_until_the_data_change(store: Store) -> None:
    first = geometry.geometry_bytes("own", store.version, "990101", POINTS)
    assert geometry.geometry_bytes("own", store.version, "990101", POINTS) is first
    old = store.version
    publish(store, townships=TOWNS.assign(name_en="X"))
    # A frozen view goes on seeing what it saw.
    assert geometry.geometry_bytes("own", old, "990101", POINTS) is first
    # The same content has the same mark, whatever the version.
    again = geometry.geometry_bytes("own", store.version, "990101", POINTS)
    assert again is not first
    assert again == first


def test_the_address_leads_to_the_layer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"store": "own"})
    scope = Scope(year=2025, county="990101")
    address = geometry.url(geometry.points_layer(scope), scope)
    assert address == f"/geo/own/{store.version}/990101/{POINTS}"
    assert geometry.url(geometry.UNITS, Scope()) == f"/geo/own/{store.version}/all/units.geojson"
    assert geometry.points_layer(Scope()) == "0.points.json"
    option = {"server.baseUrlPath": "/zhixiao/a/"}
    monkeypatch.setattr(st, "get_option", option.get)
    below = geometry.url(geometry.UNITS, scope)
    assert below == f"/zhixiao/a/geo/own/{store.version}/990101/units.geojson"
    for path in (address, below):
        assert fetch(path)[0] == 200


def test_sent_small_marked_and_not_twice(store: Store) -> None:
    path = f"/geo/own/{store.version}/990101/{geometry.UNITS}"
    status, told, plain = fetch(path)
    assert (status, "content-encoding" in told) == (200, False)
    assert len(json.loads(plain)["features"]) == 2
    status, zipped, content = fetch(path, accept_encoding="br, gzip")
    assert (status, zipped["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(content) == plain
    # Addresses may come to stand for other data, and are private.
    assert told["cache-control"] == "private, no-cache"
    assert told["vary"] == "accept-encoding"
    assert fetch(path, if_none_match=told["etag"])[::2] == (304, b"")
    assert fetch(path, if_none_match='"other"')[0] == 200
    assert fetch(path.replace("/own/", "/foreign/"))[0] == 404
    assert fetch(f"/geo/own/x/990101/{geometry.UNITS}")[0] == 404


def test_ways_travel_short_and_come_back_to_ten_metres() -> None:
    told = [0.0, 4.0, 1234.0, 466_540.0, 500_000.0, float("inf"), float("nan")]
    packed = village_states.ways(told)
    read = [packed[n : n + 3] for n in range(0, len(packed), 3)]
    metres = [-1 if way == "---" else 10 * int(way, 36) for way in read]
    assert metres == [0, 0, 1230, 466_540, -1, -1, -1]
