from __future__ import annotations

import pytest

from reconciler.kinds.image.conda import check_conda
from reconciler.model import Value


def said(*dependencies: Value) -> list[str]:
    return _said({"dependencies": dependencies})


def _said(data: Value) -> list[str]:
    return [
        f"{'.'.join(fault.within)} {fault.severity.value}[{fault.code}] {fault.summary}"
        for fault in check_conda("conda.yml", data)
    ]


@pytest.mark.parametrize(
    "entry",
    ["numpy=1.26.4", "numpy==1.26.4", "numpy 1.26.4", "conda-forge::numpy=1.26.4=py310h1", "pip"],
)
def test_a_package_of_one_version_is_pinned(entry: str) -> None:
    assert said("python=3.10", entry) == []


@pytest.mark.parametrize("entry", ["numpy", "numpy>=1.26", "numpy=1.*", "numpy 1.25|1.26"])
def test_a_package_of_any_version_is_warned_about(entry: str) -> None:
    (line,) = said("python=3.10", entry)
    assert line.startswith("dependencies.1 warning[image.unpinned] numpy has no exact version")


@pytest.mark.parametrize(
    "entry",
    [
        "numpy==1.26.4",
        "uvicorn[standard]==0.30.0",
        "numpy==1.26.4; python_version < '3.12'",
        "mine @ https://example.com/mine.whl",
        "--extra-index-url https://example.com",
    ],
)
def test_a_requirement_of_pip_of_one_version_is_pinned(entry: str) -> None:
    assert said("python=3.10", "pip", {"pip": (entry,)}) == []


@pytest.mark.parametrize("entry", ["numpy", "numpy~=1.26", "numpy==1.*", "numpy>=1,==1.2"])
def test_a_requirement_of_pip_of_any_version_is_warned_about(entry: str) -> None:
    (line,) = said("python=3.10", {"pip": (entry,)})
    assert line.startswith("dependencies.1.pip.0 warning[image.unpinned] numpy has no exact")


def test_the_version_of_python_is_asked_for() -> None:
    assert said("numpy=1.26.4") == [
        "dependencies warning[image.conda] no version of Python is given"
    ]


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        (("numpy=1", "NumPy=2"), "dependencies.2 error[image.conda] numpy is listed twice"),
        (({"pip": ("a-b==1", "A_b==2")},), "dependencies.1.pip.1 error[image.conda] a-b is listed"),
        (
            ({"pip": ("a==1",)}, {"pip": ()}),
            "dependencies.2 error[image.conda] pip is listed twice",
        ),
        ((7,), "dependencies.1 error[image.conda] is neither a package nor pip's list"),
        (({"npm": ("a",)},), "dependencies.1 error[image.conda] is neither a package nor pip's"),
        (({"pip": (1,)},), "dependencies.1 error[image.conda] is neither a package nor pip's"),
        (("=1.0",), 'dependencies.1 error[image.conda] "=1.0" is not a package'),
    ],
)
def test_what_conda_would_stumble_over_is_an_error(entries: tuple[Value, ...], line: str) -> None:
    (found,) = said("python=3.10", *entries)
    assert found.startswith(line)


@pytest.mark.parametrize(
    "data", [None, "x", ("python",), {}, {"dependencies": ()}, {"dependencies": "x"}]
)
def test_a_file_without_a_list_of_dependencies_is_one_error(data: Value) -> None:
    assert len(_said(data)) == 1
