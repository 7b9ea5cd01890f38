"""RegistryCredential: what devices sign in with at a registry."""
