"""Who may call the workspace: a bearer token that the emulator signed, for this workspace."""

from __future__ import annotations

from typing import Any

from reconciler.emulator import token
from reconciler.emulator.endpoint import Call
from reconciler.emulator.errors import ServiceError

WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
)


def arm(call: Call) -> None:
    """The resource manager's check, and that subscription and group exist."""
    identity = call.context.identity
    if _claims(call) is None:
        raise ServiceError(
            401,
            "InvalidAuthenticationToken",
            "The access token is missing, invalid or has expired.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    subscription = call.parameters.get("subscription", identity.subscription_id)
    if subscription != identity.subscription_id:
        message = f"The subscription '{subscription}' could not be found."
        raise ServiceError(404, "SubscriptionNotFound", message)
    group = call.parameters.get("group", identity.resource_group)
    if group.lower() != identity.resource_group.lower():
        message = f"Resource group '{group}' could not be found."
        raise ServiceError(404, "ResourceGroupNotFound", message)


def data(call: Call) -> None:
    """The data services' check: the token, and that the path names this workspace."""
    if _claims(call) is None:
        raise ServiceError(401, "Unauthorized", "The bearer token is missing, invalid or expired.")
    identity = call.context.identity
    asked = tuple(call.parameters[name] for name in ("subscription", "group", "workspace"))
    ours = (identity.subscription_id, identity.resource_group, identity.workspace_name)
    if [part.lower() for part in asked] != [part.lower() for part in ours]:
        raise ServiceError(404, "NotFound", "Workspace not found.", detail="WorkspaceNotFound")


def caller(call: Call) -> dict[str, str]:
    """Who the token says it is, as `createdBy` tells it."""
    said = _claims(call) or {}
    return {
        "userObjectId": said.get("oid", ""),
        "userTenantId": said.get("tid", ""),
        "userName": said.get("name", ""),
    }


def _claims(call: Call) -> dict[str, Any] | None:
    scheme, _, credential = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    said = token.claims(call.context.identity, credential, call.context.client_clock.now())
    return said if said is not None and "aud" not in said else None
