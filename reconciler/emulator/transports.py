"""The open connections, so that a fault can cut one without an answer."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]


class Transports:
    """Open connections by the client's address."""

    def __init__(self) -> None:
        self._open: dict[Address, asyncio.Transport] = {}

    def cut(self, client: Address) -> None:
        transport = self._open.get(client)
        if transport is not None:
            transport.abort()

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's protocol, which enters each connection here."""
        opened = self._open

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                if isinstance(transport, asyncio.Transport):
                    super().connection_made(transport)
                    if self.client is not None:
                        opened[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    opened.pop(self.client, None)
                super().connection_lost(exc)

            def shutdown(self) -> None:
                """Cut idle connections: a TLS farewell would wait for clients that do not read."""
                if getattr(self.cycle, "response_complete", True):
                    self.transport.abort()
                else:
                    super().shutdown()

        return Protocol
