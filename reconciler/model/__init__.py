"""The nouns: what a resource is, where it came from, and what a kind says about itself."""

from reconciler.model.diagnostic import Diagnostic, Fault, Severity, errors
from reconciler.model.digest import canonical, digest, short
from reconciler.model.files import JUNK, Contents, FileContent, FileUse
from reconciler.model.generations import link, unlinkable
from reconciler.model.kind import FieldRule, Kind, Kinds, Superseded
from reconciler.model.resource import (
    TAMPERED,
    FieldPath,
    HeldSecret,
    Marker,
    Observed,
    Origin,
    Refs,
    Resolved,
    Resource,
    ResourceId,
    Spec,
    State,
    Value,
    replaced,
)
from reconciler.model.secret import MASK, Secret
from reconciler.model.spacing import crowded
from reconciler.model.state import ActualState, Commit, DesiredState, Scope
from reconciler.model.value import mapping, sequence, text

__all__ = [
    "JUNK",
    "MASK",
    "TAMPERED",
    "ActualState",
    "Commit",
    "Contents",
    "DesiredState",
    "Diagnostic",
    "Fault",
    "FieldPath",
    "FieldRule",
    "FileContent",
    "FileUse",
    "HeldSecret",
    "Kind",
    "Kinds",
    "Marker",
    "Observed",
    "Origin",
    "Refs",
    "Resolved",
    "Resource",
    "ResourceId",
    "Scope",
    "Secret",
    "Severity",
    "Spec",
    "State",
    "Superseded",
    "Value",
    "canonical",
    "crowded",
    "digest",
    "errors",
    "link",
    "mapping",
    "replaced",
    "sequence",
    "short",
    "text",
    "unlinkable",
]
