from __future__ import annotations

import pytest

from reconciler.kinds.image.reference import check_reference

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    "reference",
    [
        "contoso.azurecr.io/detector:1.4",
        "contoso.azurecr.io/team/vision/detector:2026-11-21_a",
        "localhost:5000/detector:1",
        "localhost/detector:1",
        "mcr.microsoft.com/azureiotedge-agent:1.6.1",
    ],
)
def test_a_registry_a_repository_and_a_tag_are_an_address(reference: str) -> None:
    assert list(check_reference(reference)) == []


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("detector:1", "image.reference"),
        ("library/nginx:1.25", "image.reference"),
        ("a.io/Detector:1", "image.reference"),
        ("a.io/detector:", "image.reference"),
        ("a.io/:1", "image.reference"),
        ("a.io/x:-1", "image.reference"),
        ("https://a.io/x:1", "image.reference"),
        ("a.io/x y:1", "image.reference"),
        ("", "image.reference"),
        (f"a.io/x:1@{DIGEST}", "image.reference"),
        (f"a.io/x@{DIGEST}", "image.digest"),
        ("a.io/x@sha256:12", "image.reference"),
        ("a.io/x", "image.latest"),
        ("a.io/x:latest", "image.latest"),
    ],
)
def test_an_address_that_devices_cannot_or_should_not_use_is_faulted(
    reference: str, code: str
) -> None:
    assert [fault.code for fault in check_reference(reference)] == [code]
