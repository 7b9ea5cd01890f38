"""The emulator's certificates, against the strictest client that there is."""

from __future__ import annotations

import socket
import ssl

import pytest

from reconciler.emulator.server import Running

PATIENCE = 20


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_strict_client_trusts_the_ca(emulator: Running, name: str) -> None:
    context = ssl.create_default_context(cafile=str(emulator.connection.ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = int(emulator.connection.host.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        certificate = secure.getpeercert()
    assert certificate is not None
    assert ("DNS", "localhost") in certificate["subjectAltName"]


def test_another_ca_is_not_trusted(emulator: Running) -> None:
    context = ssl.create_default_context()
    port = int(emulator.connection.host.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")
