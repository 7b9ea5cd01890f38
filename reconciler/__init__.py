"""A declarative GitOps reconciler for machine-learning models on edge devices."""
