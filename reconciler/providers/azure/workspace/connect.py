"""Opens the workspace, with whatever identity there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azureml.core import Workspace
from azureml.core.authentication import (
    AbstractAuthentication,
    ArmTokenAuthentication,
    ServicePrincipalAuthentication,
    TokenAuthentication,
)

from reconciler.providers.azure.fault import Cause, Fault, FaultError
from reconciler.providers.azure.workspace.protocol import SERVICE

Arguments = dict[str, Any]
NEVER = 2**31
"""The client lives for one request; the token is renewed where it comes from."""
_QUIET = ("modelmanagement", "assets", "artifacts")


def connect(arguments: Arguments, token: Callable[[], str]) -> Workspace:
    """The workspace that the arguments name; its clients neither repeat nor wait long."""
    auth = _authentication(arguments, token)
    address = arguments["workspace"]
    if address["config_file"]:
        workspace = Workspace.from_config(address["config_file"], auth=auth)
    else:
        workspace = Workspace.get(
            address["name"],
            auth=auth,
            subscription_id=address["subscription_id"],
            resource_group=address["resource_group"],
        )
    # The SDK swallows a failed connection here, and fails much later.
    if getattr(workspace, "_workspace_autorest_object", None) is None:
        text = "the workspace's resource could not be read"
        raise FaultError(Fault(SERVICE, "connecting", Cause.UNREACHABLE, text=text))
    _bound(workspace, arguments["answer"])
    return workspace


@dataclass(frozen=True)
class _Credential:
    """What a management client asks: the SDK's own classes cannot all answer it."""

    auth: AbstractAuthentication

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        header: str = self.auth.get_authentication_header()["Authorization"]
        return AccessToken(header.partition(" ")[2], NEVER)


def login_server(workspace: Workspace) -> str:
    """Of the registry that belongs to the workspace; empty while it has none."""
    resource = workspace.get_details().get("containerRegistry") or ""
    if not resource:
        return ""
    auth = workspace.service_context.get_auth()
    endpoint = auth._get_arm_end_point().rstrip("/")  # noqa: SLF001 - nothing public names it
    _, _, subscription, _, group, *_, name = resource.split("/")
    client = ContainerRegistryManagementClient(
        _Credential(auth),
        subscription,
        base_url=endpoint,
        credential_scopes=[f"{endpoint}/.default"],
    )
    found: str = client.registries.get(group, name).login_server
    return found


def registry_login(workspace: Workspace) -> dict[str, str] | None:
    """The admin user of the workspace's registry; None where it is disabled."""
    found = workspace.list_keys().get("containerRegistryCredentials") or {}
    passwords = [item["value"] for item in found.get("passwords") or [] if item.get("value")]
    if not (found.get("username") and passwords):
        return None
    return {"username": found["username"], "password": passwords[0]}


def _authentication(arguments: Arguments, token: Callable[[], str]) -> AbstractAuthentication:
    principal, cloud = arguments["principal"], arguments["cloud"]
    if principal:
        return ServicePrincipalAuthentication(
            principal["tenant"], principal["id"], principal["password"], cloud=None
        )
    if cloud:
        return ArmTokenAuthentication(token(), cloud=cloud)
    return TokenAuthentication(lambda _audience: token())


def _bound(workspace: Workspace, answer: float) -> None:
    """No repetition and no long wait: a POST repeated after a lost answer makes a second version.

    There is no public setting: https://github.com/Azure/msrest-for-python has the policy.
    """
    context = workspace.service_context
    for name in _QUIET:
        client = getattr(context, f"_get_{name}_restclient")()
        client.config.retry_policy.retries = 0
        client.config.connection.timeout = answer
