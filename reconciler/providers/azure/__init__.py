"""Azure IoT Hub, an Azure ML workspace and its registry, behind the port."""
