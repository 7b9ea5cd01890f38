"""Sign-in and discovery: what the SDK asks before its first call to the workspace."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import parse_qs

from reconciler.emulator import token
from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.endpoint import Call, Operation, reads
from reconciler.emulator.errors import ServiceError

_TOKEN_LIFE = timedelta(seconds=3599)
IOT_HUB = "https://iothubs.azure.net"
"""A token for the hub is for nothing else; all others are the workspace's."""
_SERVICES = ("api", "history", "modelmanagement", "experimentation", "hyperdrive", "studio")


def operations() -> list[Operation]:
    openid = ".well-known/openid-configuration"
    return [
        reads("AdfsConfiguration", "GET", f"/adfs/{openid}", _adfs_configuration),
        reads("TenantConfiguration", "GET", f"/{{tenant}}/v2.0/{openid}", _tenant_configuration),
        reads("InstanceDiscovery", "GET", "/common/discovery/instance", _instance),
        reads("Token", "POST", "/adfs/oauth2/token", _token),
        reads("Token", "POST", "/{tenant}/oauth2/v2.0/token", _token),
        reads("Discovery", "GET", "/discovery/workspaces/{workspace_id}", _discovery),
    ]


def _adfs_configuration(call: Call) -> Answer:
    return _configuration(f"{call.context.base_url}/adfs", "/oauth2")


def _tenant_configuration(call: Call) -> Answer:
    return _configuration(f"{call.context.base_url}/{call.parameters['tenant']}", "/oauth2/v2.0")


def _configuration(issuer: str, folder: str) -> Answer:
    return json_answer(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}{folder}/token",
            "authorization_endpoint": f"{issuer}{folder}/authorize",
        }
    )


def _instance(call: Call) -> Answer:
    host = call.context.host
    endpoint = f"{call.context.base_url}/{call.context.identity.tenant_id}/v2.0/"
    return json_answer(
        {
            "tenant_discovery_endpoint": f"{endpoint}.well-known/openid-configuration",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }
    )


def _token(call: Call) -> Answer:
    """The client credentials grant: any client id, and the secret of `connection.json`."""
    form = parse_qs(call.body.decode("latin-1"))
    secret = form.get("client_secret", [""])[0]
    if not secrets.compare_digest(secret, call.context.identity.client_secret):
        message = "AADSTS7000215: Invalid client secret provided."
        raise ServiceError(401, "invalid_client", message)
    expires = call.context.client_clock.now() + _TOKEN_LIFE
    asked = form.get("scope", form.get("resource", [""]))[0].removesuffix("/.default").rstrip("/")
    audience = {"aud": asked} if asked == IOT_HUB else {}
    return json_answer(
        {
            "token_type": "Bearer",
            "expires_in": int(_TOKEN_LIFE.total_seconds()),
            "access_token": token.issue(call.context.identity, expires, **audience),
        }
    )


def _discovery(call: Call) -> Answer:
    """All six keys: the SDK fails on any that is missing."""
    return json_answer(dict.fromkeys(_SERVICES, call.context.base_url))
