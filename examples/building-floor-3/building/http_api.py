"""The building over HTTP: what its management says and takes, its clock, and behind the scenes its faults and the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from building.building import Building
from building.commands import Refused
from building.engine import Engine
from building.faults import read_fault
from building.floor import BuildingError
from building.instants import iso, read_duration
from building.management import etag_of

KEY: Final = "Idempotency-Key"

_PER_PAGE: Final = 15
_MOST_PER_PAGE: Final = 100
_KEY = re.compile(r"[!-~]{1,200}")
_DELIVERY: Final = 10.0  # seconds that an advance waits for the broker


class Request(NamedTuple):
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class Response(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str] = {}
    hang_up: bool = False
    wait: float = 0.0


class Problem(Exception):
    """What is wrong with a request, for who made it."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class BuildingApi:
    """Answers requests; `delivered` waits until the broker has what was sent. With a token, the management's own pages
    need it as a bearer's.
    """

    def __init__(
        self, engine: Engine, *, delivered: Callable[[float], bool] = lambda _seconds: True, token: str = ""
    ) -> None:
        self._engine = engine
        self._delivered = delivered
        self._token = token

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to one request; it never raises for what somebody sent."""
        split = urlsplit(target)
        path = tuple(unquote(part) for part in split.path.strip("/").split("/"))
        query = {name: values[-1] for name, values in parse_qs(split.query).items()}
        try:
            return self._route(method, Request(path, query, headers, _json_of(body)))
        except Problem as problem:
            return Response(problem.status, {"error": str(problem)})
        except Refused as refused:
            return Response(refused.status, {"error": str(refused)})
        except BuildingError as error:
            return Response(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)})

    def _route(self, method: str, request: Request) -> Response:
        if request.path[0] in _WITH_TOKEN:
            self._check_token(request)
        for (verb, pattern), page in _PAGES.items():
            if verb == method and _fits(pattern, request.path):
                return page(self, request)
        known = sorted(verb for verb, pattern in _PAGES if _fits(pattern, request.path))
        if known:
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} isn't possible here; try {', '.join(known)}")
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no /{'/'.join(request.path)}; / lists what there is")

    def _check_token(self, request: Request) -> None:
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            raise Problem(HTTPStatus.UNAUTHORIZED, "send the header Authorization: Bearer <token>")

    def index(self, _request: Request) -> Response:
        """What there is."""
        pages = [f"{verb} /{'/'.join(pattern)}" for verb, pattern in _PAGES]
        return Response(HTTPStatus.OK, {"building": "floor 3", "pages": pages})

    def health(self, _request: Request) -> Response:
        """It is there."""
        return Response(HTTPStatus.OK, {"ok": True})

    def clock(self, _request: Request) -> Response:
        """What time it is here."""
        return Response(HTTPStatus.OK, self._engine.clock(), {"Cache-Control": "no-store"})

    def set_clock(self, request: Request) -> Response:
        """One of {"speed": 60}, {"paused": true}, {"advance": "10m"}."""
        match request.body:
            case {"paused": bool(paused)}:
                (self._engine.pause if paused else self._engine.resume)()
            case {"speed": int() | float() as speed} if not isinstance(speed, bool):
                self._engine.set_speed(float(speed))
            case {"advance": how_long}:
                self._engine.advance(_duration(how_long))
                if not self._delivered(_DELIVERY):
                    raise Problem(HTTPStatus.GATEWAY_TIMEOUT, "time passed, but the broker hasn't taken all messages")
            case _:
                raise Problem(
                    HTTPStatus.UNPROCESSABLE_ENTITY, 'send {"speed": 60}, {"paused": true} or {"advance": "10m"}'
                )
        return Response(HTTPStatus.OK, self._engine.clock())

    def status(self, request: Request) -> Response:
        """The management's machines."""
        with self._engine.building() as building:
            return _tagged(building.management.status(), request)

    def roster(self, request: Request) -> Response:
        """A page of what the management knows of."""
        with self._engine.building() as building:
            rows = building.management.roster()
        per_page = _whole(request.query.get("per_page", str(_PER_PAGE)), "per_page", _MOST_PER_PAGE)
        pages = -(-len(rows) // per_page)
        page = _whole(request.query.get("page", "1"), "page", pages)
        following = f"/roster?page={page + 1}&per_page={per_page}" if page < pages else None
        body = {
            "items": rows[(page - 1) * per_page : page * per_page],
            "page": page, "pages": pages, "total": len(rows), "next": following,
        }  # fmt: skip
        return _tagged(body, request, {"Link": f'<{following}>; rel="next"'} if following else {})

    def points(self, _request: Request) -> Response:
        """All points and their values."""
        with self._engine.building() as building:
            return Response(
                HTTPStatus.OK, {"points": [building.commands.read(one) for one in building.commands.points()]}
            )

    def point(self, request: Request) -> Response:
        """One of them."""
        with self._engine.building() as building:
            return Response(HTTPStatus.OK, building.commands.read(request.path[1]))

    def put_point(self, request: Request) -> Response:
        """A command, its point in the address."""
        match request.body:
            case {"value": value}:
                return self._command(request.path[1], value, request)
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'send {"value": …}')

    def post_command(self, request: Request) -> Response:
        """A command, its point in the body."""
        match request.body:
            case {"point": str(point), "value": value}:
                return self._command(point, value, request)
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'send {"point": "AHU-3A.setpoint", "value": …}')

    def _command(self, point: str, value: Any, request: Request) -> Response:
        key = request.headers.get(KEY, "")
        if not _KEY.fullmatch(key):
            raise Problem(
                HTTPStatus.BAD_REQUEST, f"send the header {KEY} with 1 to 200 visible signs, new for each command"
            )
        with self._engine.building() as building:
            answer = building.commands.write(point, value, key)
            building.management.refresh()
            building.tell(f"command {point} = {json.dumps(value)}: {answer.status}{_why(answer.body)}")
        headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
        return Response(answer.status, answer.body, headers, answer.hang_up, answer.wait)

    def journal(self, _request: Request) -> Response:
        """Every command that was received."""
        with self._engine.building() as building:
            return Response(HTTPStatus.OK, {"entries": building.commands.entries()})

    def faults(self, _request: Request) -> Response:
        """Every fault, and what became of it."""
        with self._engine.building() as building:
            return Response(HTTPStatus.OK, {"faults": _shown(building)})

    def add_fault(self, request: Request) -> Response:
        """One without `at` begins at once."""
        with self._engine.building() as building:
            fault = read_fault(request.body, building.floor)
            case = building.trouble.add(fault)
            if fault.at is None:
                building.tell(building.trouble.begin(fault.id))
            building.management.refresh()
            return Response(HTTPStatus.CREATED, case.shown())

    def start_fault(self, request: Request) -> Response:
        """One that waits begins."""
        with self._engine.building() as building:
            building.tell(building.trouble.begin(request.path[1]))
            building.management.refresh()
            return Response(HTTPStatus.OK, building.trouble.cases[request.path[1]].shown())

    def end_fault(self, request: Request) -> Response:
        """One that is on, or waits, ends."""
        with self._engine.building() as building:
            building.tell(building.trouble.end(request.path[1], "it was ended"))
            building.management.refresh()
            return Response(HTTPStatus.OK, building.trouble.cases[request.path[1]].shown())

    def truth(self, _request: Request) -> Response:
        """What really is so."""
        with self._engine.building() as building:
            return Response(HTTPStatus.OK, _truth_of(building))


_PAGES: Final[dict[tuple[str, tuple[str, ...]], Callable[[BuildingApi, Request], Response]]] = {
    ("GET", ("",)): BuildingApi.index,
    ("GET", ("healthz",)): BuildingApi.health,
    ("GET", ("clock",)): BuildingApi.clock,
    ("POST", ("clock",)): BuildingApi.set_clock,
    ("GET", ("hvac", "status")): BuildingApi.status,
    ("GET", ("roster",)): BuildingApi.roster,
    ("GET", ("points",)): BuildingApi.points,
    ("GET", ("points", "*")): BuildingApi.point,
    ("PUT", ("points", "*")): BuildingApi.put_point,
    ("POST", ("commands",)): BuildingApi.post_command,
    ("GET", ("journal",)): BuildingApi.journal,
    ("GET", ("faults",)): BuildingApi.faults,
    ("POST", ("faults",)): BuildingApi.add_fault,
    ("POST", ("faults", "*", "start")): BuildingApi.start_fault,
    ("DELETE", ("faults", "*")): BuildingApi.end_fault,
    ("GET", ("truth",)): BuildingApi.truth,
}
_WITH_TOKEN: Final = frozenset({"hvac", "roster", "points", "commands"})


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(one in ("*", given) for one, given in zip(pattern, path, strict=True))


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body isn't JSON") from error


def _tagged(body: Any, request: Request, headers: Mapping[str, str] = {}) -> Response:
    tag = etag_of(body)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    same = tag in known or "*" in known
    return Response(HTTPStatus.NOT_MODIFIED if same else HTTPStatus.OK, body, {**headers, "ETag": tag})


def _whole(text: str, name: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} is a whole number from 1 to {most}")
    return int(text)


def _duration(value: Any) -> int:
    try:
        return read_duration(value)
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _why(body: Any) -> str:
    return f", {body['error']}" if "error" in body else ""


def _shown(building: Building) -> list[dict[str, Any]]:
    return [case.shown() for case in building.trouble.cases.values()]


def _truth_of(building: Building) -> dict[str, Any]:
    """What really is so: for tests, and for people who want to know who lies."""
    house = building.house
    return {
        "now": iso(house.now),
        "outside": house.weather.outside(house.now),
        "power_kw": house.power / 1000,
        "gateway": building.gateway.health,
        "zones": {
            name: {"air": state.air, "mass": state.mass, "co2": state.co2, "people": house.people.get(name, 0)}
            for name, state in house.zones.items()
        },
        "units": {
            unit.built.bms: {
                "setpoint": unit.setpoint,
                "cooling": [unit.cooling.command, unit.cooling.position],
                "heating": [unit.heating.command, unit.heating.position],
                "locked": unit.locked,
            }
            for unit in house.units.values()
        },
        "sensors": {
            name: {"zone": one.zone, "drift": one.drift(house.now)} for name, one in building.gateway.sensors.items()
        },
    }
