"""A local stand-in for the cloud: the workspace's, the hub's and the registry's REST services."""
