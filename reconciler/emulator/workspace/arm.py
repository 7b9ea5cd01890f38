"""The resource manager: the subscription, the workspace and its keys, the registry and its."""

from __future__ import annotations

from typing import Any

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, Operation, reads
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.oci import login
from reconciler.emulator.workspace.access import WORKSPACE

_BORN = "2024-01-01T00:00:00.0000000+00:00"
_PROVISIONED = "registry.provisioned"
REGISTRY = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.ContainerRegistry/registries/{registry}"
)


def operations() -> list[Operation]:
    return [
        reads("ListSubscriptions", "GET", "/subscriptions", _subscriptions),
        reads("GetWorkspace", "GET", WORKSPACE, _get_workspace),
        reads("ListWorkspaceKeys", "POST", f"{WORKSPACE}/listKeys", _list_keys),
        reads("GetRegistry", "GET", REGISTRY, _get_registry),
        reads("ListCredentials", "POST", f"{REGISTRY}/listCredentials", _list_credentials),
    ]


def provision_registry(context: Context) -> None:
    """The workspace makes its registry with its first image."""
    context.store.set_setting(_PROVISIONED, "yes")


def _has_registry(context: Context) -> bool:
    lazy = context.settings.registry_is_lazy
    return not lazy or context.store.setting(_PROVISIONED) is not None


def _subscriptions(call: Call) -> Answer:
    identity = call.context.identity
    subscription = {
        "id": f"/subscriptions/{identity.subscription_id}",
        "subscriptionId": identity.subscription_id,
        "tenantId": identity.tenant_id,
        "displayName": "Loopback",
        "state": "Enabled",
    }
    return json_answer({"value": [subscription]})


def _get_workspace(call: Call) -> Answer:
    _check_workspace(call)
    identity = call.context.identity
    group = f"/subscriptions/{identity.subscription_id}/resourceGroups/{identity.resource_group}"
    providers = f"{group}/providers"
    properties = {
        "workspaceId": identity.workspace_id,
        "friendlyName": identity.workspace_name,
        "description": "",
        "creationTime": _BORN,
        "containerRegistry": identity.registry_path if _has_registry(call.context) else None,
        "keyVault": f"{providers}/Microsoft.KeyVault/vaults/local",
        "applicationInsights": f"{providers}/Microsoft.Insights/components/local",
        "storageAccount": f"{providers}/Microsoft.Storage/storageAccounts/local",
        "hbiWorkspace": False,
        "provisioningState": "Succeeded",
        "discoveryUrl": f"{call.context.base_url}/discovery/workspaces/{identity.workspace_id}",
    }
    return json_answer(
        {
            "id": identity.workspace_path,
            "name": identity.workspace_name,
            "type": "Microsoft.MachineLearningServices/workspaces",
            "location": identity.location,
            "tags": {},
            "sku": {"name": "Basic", "tier": "Basic"},
            "identity": {
                "type": "SystemAssigned",
                "principalId": "00000000-0000-4000-8000-0000000000bb",
                "tenantId": identity.tenant_id,
            },
            "properties": properties,
        }
    )


def _list_keys(call: Call) -> Answer:
    """Without the registry's admin user (or without a registry) there are no credentials in it."""
    _check_workspace(call)
    keys: dict[str, Any] = {
        "userStorageKey": "local",
        "userStorageResourceId": "",
        "appInsightsInstrumentationKey": "00000000-0000-4000-8000-0000000000cc",
    }
    context = call.context
    if _has_registry(context) and context.settings.registry_admin_enabled:
        credentials = {"location": context.identity.location, **_credentials(context)}
        keys["containerRegistryCredentials"] = credentials
    return json_answer(keys)


def _get_registry(call: Call) -> Answer:
    _check_registry(call)
    identity = call.context.identity
    return json_answer(
        {
            "id": identity.registry_path,
            "name": identity.registry_name,
            "type": "Microsoft.ContainerRegistry/registries",
            "location": identity.location,
            "sku": {"name": "Standard", "tier": "Standard"},
            "properties": {
                "loginServer": identity.registry_login_server,
                "adminUserEnabled": call.context.settings.registry_admin_enabled,
                "provisioningState": "Succeeded",
                "creationDate": "2024-01-01T00:00:00Z",
            },
        }
    )


def _list_credentials(call: Call) -> Answer:
    _check_registry(call)
    if not call.context.settings.registry_admin_enabled:
        message = "Cannot perform credential operations: the admin user is disabled."
        raise ServiceError(400, "UnAuthorizedForCredentialOperations", message)
    return json_answer(_credentials(call.context))


def _credentials(context: Context) -> dict[str, Any]:
    passwords = login.passwords(context)
    return {
        "username": context.identity.registry_name,
        "passwords": [{"name": name, "value": passwords[name]} for name in login.PASSWORDS],
    }


def _check_workspace(call: Call) -> None:
    if call.parameters["workspace"].lower() != call.context.identity.workspace_name.lower():
        raise _not_found(f"workspaces/{call.parameters['workspace']}")


def _check_registry(call: Call) -> None:
    name = call.parameters["registry"]
    if name.lower() != call.context.identity.registry_name or not _has_registry(call.context):
        raise _not_found(f"registries/{name}")


def _not_found(resource: str) -> ServiceError:
    message = f"The Resource '{resource}' under the resource group was not found."
    return ServiceError(404, "ResourceNotFound", message)
