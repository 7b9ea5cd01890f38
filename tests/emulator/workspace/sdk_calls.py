"""What a test asks of the Azure ML SDK; runs in the worker, never in the test's own process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azureml.core import Environment, Model, Workspace
from azureml.core.authentication import ArmTokenAuthentication, ServicePrincipalAuthentication
from azureml.core.image import ContainerImage, Image
from azureml.core.model import InferenceConfig

Json = dict[str, Any]


class Session:
    """One workspace, as the connection file describes it."""

    def __init__(self, connection: Json) -> None:
        self.facts = connection["workspace"]
        self.arm = connection["url"]
        self.auth = ArmTokenAuthentication(self.facts["token"], cloud=self.facts["cloud"])
        self.workspace = self._connect(self.auth)

    def _connect(self, auth: object) -> Workspace:
        return Workspace.get(
            self.facts["name"],
            auth=auth,
            subscription_id=self.facts["subscriptionId"],
            resource_group=self.facts["resourceGroup"],
        )

    def describe(self) -> Json:
        details = self.workspace.get_details()
        return {
            "name": self.workspace.name,
            "answered": self.workspace._workspace_autorest_object is not None,  # noqa: SLF001 - see trap: Workspace.get hides a failed GET
            "workspaceId": details["workspaceid"],
            "containerRegistry": details["containerRegistry"],
        }

    def sign_in(self, password: str) -> Json:
        principal = self.facts["servicePrincipal"]
        auth = ServicePrincipalAuthentication(
            principal["tenantId"], principal["clientId"], password, cloud=self.facts["cloud"]
        )
        return {"name": self._connect(auth).name}

    def connect_with(self, token: str) -> Json:
        auth = ArmTokenAuthentication(token, cloud=self.facts["cloud"])
        return {"name": self._connect(auth).name}

    def register(self, path: str, name: str, **options: object) -> Json:
        model = Model.register(self.workspace, path, name, **options)
        return _model(model)

    def models(self, **query: object) -> Json:
        return {"models": [_model(m) for m in Model.list(self.workspace, expand=False, **query)]}

    def download(self, name: str, folder: str) -> Json:
        return {"path": Model(self.workspace, name=name).download(folder, exist_ok=True)}

    def change(self, identifier: str) -> Json:
        model = Model(self.workspace, id=identifier)
        model.add_tags({"line": "a", "shift": "day"})
        model.remove_tags(["shift"])
        model.add_properties({"digest": "ff"})
        model.update(description="better")
        return _model(Model(self.workspace, id=identifier))

    def delete(self, identifier: str) -> Json:
        Model(self.workspace, id=identifier).delete()
        return {}

    def image(self, folder: str, name: str, models: list[str], conda: str) -> Json:
        os.chdir(folder)
        config = ContainerImage.image_configuration("score.py", "python", conda_file=conda)
        used = [Model(self.workspace, id=identifier) for identifier in models]
        image = ContainerImage.create(self.workspace, name, used, config)
        image.wait_for_creation(show_output=False)
        os.chdir("/")
        return self.image_state(image.id)

    def image_state(self, identifier: str) -> Json:
        image = Image(self.workspace, id=identifier)
        return {
            "id": image.id,
            "state": image.creation_state,
            "location": image.image_location,
            "log": image.image_build_log_uri,
        }

    def images(self) -> Json:
        return {"ids": [image.id for image in Image.list(self.workspace)]}

    def package(self, folder: str, models: list[str], output: str) -> Json:
        environment = Environment("scoring")
        inference = InferenceConfig(
            entry_script="score.py", source_directory=folder, environment=environment
        )
        package = Model.package(
            self.workspace,
            [Model(self.workspace, id=identifier) for identifier in models],
            inference,
            generate_dockerfile=output == "dockerfile",
            image_name="packaged",
            image_label="v1",
        )
        package.wait_for_creation(show_output=False)
        if output == "dockerfile":
            package.save(f"{folder}/context")
        return {"state": package.state, "location": package.location, "log": package.get_logs()}

    def environment(self, name: str) -> Json:
        registered = Environment(name).register(self.workspace)
        again = Environment(name).register(self.workspace)
        before = registered.get_image_details(self.workspace).image_exist
        build = registered.build(self.workspace).wait_for_completion(show_output=False)
        return {
            "versions": [registered.version, again.version],
            "exists": [before, registered.get_image_details(self.workspace).image_exist],
            "status": build.status,
            "names": list(Environment.list(self.workspace)),
        }

    def keys(self) -> Json:
        return {"credentials": self.workspace.list_keys()["containerRegistryCredentials"]}

    def registry(self) -> Json:
        client = ContainerRegistryManagementClient(
            self.auth,
            self.facts["subscriptionId"],
            base_url=self.arm,
            credential_scopes=[f"{self.arm}/.default"],
        )
        name = Path(self.workspace.get_details()["containerRegistry"]).name
        credentials = client.registries.list_credentials(self.facts["resourceGroup"], name)
        return {
            "loginServer": client.registries.get(self.facts["resourceGroup"], name).login_server,
            "username": credentials.username,
            "passwords": {each.name: each.value for each in credentials.passwords},
        }


def _model(model: Model) -> Json:
    told = {
        "id": model.id,
        "tags": model.tags,
        "properties": model.properties,
        "description": model.description,
    }
    return dict(json.loads(json.dumps(told)))
