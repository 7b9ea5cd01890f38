"""What a DeviceGroup says about itself."""
