"""Months of a table sent to a server week by week, with the outcomes arriving later."""

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from shared.demo import weeks
from shared.errors import Refusal
from shared.model.bundle import Bundle
from tests.conftest import loans
from tests.serving.processes import listening

METRICS = 'millrace_bundle_info{digest="d1",name="loans",role="challenger"} 1.0'


class Server:
    """A server that remembers the keys and the outcomes that it was sent."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.outcomes: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/predict", self.predict, methods=["POST"]),
                Route("/outcomes", self.take, methods=["POST"]),
                Route("/metrics", lambda request: PlainTextResponse(METRICS)),
            ]
        )

    async def predict(self, request: Request) -> JSONResponse:
        rows = await request.json()
        self.keys += [row["loan"] for row in rows]
        return JSONResponse([{"prediction_id": row["loan"]} for row in rows])

    async def take(self, request: Request) -> JSONResponse:
        rows = await request.json()
        self.outcomes += [row["loan"] for row in rows]
        return JSONResponse({"received": len(rows)})


def test_every_row_is_sent_in_order_and_outcomes_only_once_they_are_due(bundle: Bundle) -> None:
    table = loans(2_000)
    delay = pd.Timedelta(days=10)
    server = Server()
    with listening(server.app) as url:
        sent = weeks.send(table, bundle.contract, url, delay)
    assert server.keys == table["loan"].tolist()
    # Weeks begin on a Monday: the last one ends on the 1st of April.
    due = table[table["applied"] < pd.Timestamp("2024-04-01", tz="UTC") - delay]
    assert server.outcomes == due.loc[due["defaulted"].notna(), "loan"].tolist()
    assert (sent.answered, sent.outcomes) == (2_000, len(server.outcomes))


def test_what_was_sent_adds_up() -> None:
    first, second = weeks.Replayed(3, 2, 1.5), weeks.Replayed(4, 1, 0.5)
    assert first + second == weeks.Replayed(7, 3, 2.0)


def test_a_challenger_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weeks, "PATIENCE_SECONDS", 0.1)
    with listening(Server().app) as url:
        weeks.wait_for_challenger(url, "d1")
        with pytest.raises(Refusal, match="the server does not score with d2"):
            weeks.wait_for_challenger(url, "d2")


def test_the_weather_feed_of_the_broken_week_is_in_celsius() -> None:
    rows = pd.DataFrame({"temp": [32.0, 212.0], "dewp": [50.0, None], "wind": [7.0, 8.0]})
    celsius = weeks._in_celsius(rows)
    assert celsius["temp"].tolist() == [0.0, 100.0]
    assert celsius["dewp"].tolist()[0] == pytest.approx(10.0)
    assert celsius["wind"].tolist() == [7.0, 8.0]
