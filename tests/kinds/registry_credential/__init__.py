"""What a RegistryCredential says about itself."""
