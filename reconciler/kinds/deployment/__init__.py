"""Deployment: modules on the devices of a group."""
