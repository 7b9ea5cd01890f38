"""Device: identities of IoT Edge devices on the hub."""
