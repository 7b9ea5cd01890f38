"""What the hub refuses, with its codes and its sentences."""

from __future__ import annotations

from reconciler.emulator.errors import NumberedError, ServiceError


def argument_invalid(message: str = "BadRequest") -> ServiceError:
    return ServiceError(400, "ArgumentInvalid", message)


def invalid_content(message: str = "BadRequest") -> ServiceError:
    return ServiceError(400, "InvalidConfigurationContent", message)


def invalid_condition(message: str) -> ServiceError:
    return ServiceError(400, "InvalidConfigurationTargetCondition", message)


def invalid_scope(message: str) -> ServiceError:
    return ServiceError(400, "InvalidDeviceScope", message)


def unauthorized() -> ServiceError:
    return ServiceError(401, "IotHubUnauthorizedAccess", "Unauthorized")


def reserved_module() -> ServiceError:
    return ServiceError(
        401, "SystemModuleModifyUnauthorizedAccess", "Unauthorized to modify reserved module."
    )


def too_large(section: str, limit: int) -> ServiceError:
    return ServiceError(
        403, "DeviceModelMaxPropertiesExceeded", f"The {section} section exceeds {limit} bytes."
    )


def device_not_found(device_id: str) -> ServiceError:
    return ServiceError(404, "DeviceNotFound", device_id)


def module_not_found(device_id: str, module_id: str) -> ServiceError:
    return ServiceError(404, "ModuleNotFound", f"{device_id}/{module_id}")


def configuration_not_found(configuration_id: str) -> ServiceError:
    return ServiceError(404, "ConfigurationNotFound", configuration_id)


def device_exists(device_id: str) -> ServiceError:
    message = f"A device with ID '{device_id}' is already registered."
    return ServiceError(409, "DeviceAlreadyExists", message)


def module_exists(device_id: str, module_id: str, hub: str) -> ServiceError:
    message = f"Device {device_id} in IotHub {hub} already contains Module {module_id}."
    return NumberedError(409301, "ModuleAlreadyExistsOnDevice", message)


def configuration_exists(configuration_id: str) -> ServiceError:
    message = f"Configuration with id '{configuration_id}' already exist on IotHub."
    return ServiceError(409, "ConfigurationAlreadyExists", message)


def precondition_failed(message: str) -> ServiceError:
    return ServiceError(412, "PreconditionFailed", message)


def too_many_devices() -> ServiceError:
    return ServiceError(413, "TooManyDevices", "At most 100 devices in one call.")


def too_many_modules(limit: int) -> ServiceError:
    return ServiceError(413, "TooManyModulesOnDevice", f"At most {limit} modules on a device.")


def too_many_configurations(limit: int) -> ServiceError:
    message = f"The number of configurations on the IoT hub exceeds the limit of {limit}."
    return ServiceError(413, "ConfigurationCountLimitExceeded", message)


def throttled(operation: str) -> ServiceError:
    """Real answers carry no Retry-After; they end the connection."""
    message = (
        "The request has been throttled. Wait 10 seconds and try again. "
        f"Operation type: {operation}"
    )
    return ServiceError(429, "ThrottlingException", message, headers={"Connection": "close"})
