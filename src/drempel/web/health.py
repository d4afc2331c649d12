"""`/healthz`: this process answers. `/readyz`: it can do its work. `/metrics`: figures for Prometheus, never visitor data."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drempel.domain.access import BookingState
from drempel.web.services import WebServices

__all__ = ["health_routes"]

PROBE_SECONDS_MAX: Final = 5.0
COUNTING_SHARE: Final = 50
"""Counting a million bookings takes a while: the last counts serve for so many times as long as they took."""


def health_routes(services: WebServices) -> list[Route]:
    """The three routes."""
    bookings = Gauge("drempel_bookings", "Bookings by state.", ["state"], registry=services.registry)
    not_ready = Gauge(
        "drempel_not_ready_soon", "Bookings that start soon, or run, and are not ready.", registry=services.registry
    )

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_request: Request) -> Response:
        try:
            async with asyncio.timeout(PROBE_SECONDS_MAX):
                reason = await services.readiness()
        except Exception as error:  # noqa: BLE001  # a probe that fails is a reason
            services.watcher.warn("web.probe_failed", error=type(error).__name__)
            reason = "The database does not answer."
        if reason is not None:
            return JSONResponse({"status": "not ready", "reason": reason}, status_code=503)
        return JSONResponse({"status": "ready"})

    count_again_at = float("-inf")

    async def metrics(_request: Request) -> Response:
        nonlocal count_again_at
        began = services.clock.monotonic()
        if began < count_again_at:
            return Response(generate_latest(services.registry), media_type=CONTENT_TYPE_LATEST)
        try:
            async with asyncio.timeout(PROBE_SECONDS_MAX):
                counts = await services.records.count_by_state()
                not_ready.set(await services.records.count_not_ready())
            ended = services.clock.monotonic()
            count_again_at = ended + COUNTING_SHARE * (ended - began)
            for state in BookingState:
                bookings.labels(state.value).set(counts.get(state, 0))
        except Exception as error:  # noqa: BLE001  # the other figures are given all the same; a database that is away shows in /readyz
            services.watcher.warn("web.probe_failed", error=type(error).__name__)
            bookings.clear()
            not_ready.set(float("nan"))
        return Response(generate_latest(services.registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
