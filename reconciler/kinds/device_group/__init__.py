"""DeviceGroup: the devices that deployments are aimed at."""
