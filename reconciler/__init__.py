"""A declarative GitOps reconciler for machine-learning models on edge devices."""

VERSION = "0.1.0"
