"""What is sent is what was planned: the files are looked at again when they are made ready."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model import Spec
from reconciler.providers.azure.staging import staged, staged_model
from reconciler.providers.port import ConflictError, ProviderError
from tests.providers.resources import image, model, model_folder

FILES = {"weights.bin": "w" * 1000, "deep/labels.txt": "a b", "__pycache__/x.pyc": "junk"}
WEIGHTS = Path("one/weights.bin")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


@pytest.fixture
def local(repository: Path) -> Callable[[str], Path]:
    return lambda path: repository / path


@pytest.fixture
def built(repository: Path) -> Spec:
    return image("one", repository, ["m"], files=("lib.py",)).spec


@pytest.fixture
def registered(repository: Path) -> Spec:
    return model_folder("one", repository, FILES).spec


def found_in(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in paths)


def test_an_image_s_files_get_the_names_that_they_have_in_it(
    built: Spec, local: Callable[[str], Path], tmp_path: Path
) -> None:
    with staged(built, local, tmp_path / "staged") as files:
        assert found_in(files.folder) == ["lib.py", "score.py"]
        assert (files.script, list(files.names)) == ("score.py", ["lib.py"])
        assert files.conda is not None
        assert Path(files.conda).read_text("utf-8").startswith("dependencies:")
    assert not (tmp_path / "staged").exists()


@pytest.mark.parametrize("changed", ["score.py", "conda.yml", "lib.py"])
def test_an_image_s_file_that_changed_stops_its_upload(
    built: Spec, local: Callable[[str], Path], tmp_path: Path, changed: str
) -> None:
    local(f"one/{changed}").write_text("x = 2\n", encoding="utf-8")
    with (
        pytest.raises(ConflictError, match=f"one/{changed} changed while this ran; plan again"),
        staged(built, local, tmp_path / "staged"),
    ):
        raise AssertionError("nothing may be sent")
    assert not (tmp_path / "staged").exists()


def test_a_model_is_staged_without_a_copy_and_without_junk(
    registered: Spec, local: Callable[[str], Path], tmp_path: Path
) -> None:
    with staged_model(registered, local, tmp_path / "staged") as files:
        assert files.path.name == "one"
        assert found_in(files.path) == ["deep/labels.txt", "weights.bin"]
        assert (files.path / "weights.bin").samefile(local(str(WEIGHTS)))
        assert (files.files, files.changed) == (2, False)
    assert not (tmp_path / "staged").exists()
    assert local(str(WEIGHTS)).read_text("utf-8") == FILES["weights.bin"]


def test_a_model_of_one_file_keeps_its_name(
    repository: Path, local: Callable[[str], Path], tmp_path: Path
) -> None:
    spec = model("single", repository).spec
    with staged_model(spec, local, tmp_path / "staged") as files:
        assert files.path.name == "single.bin"
        assert files.path.read_text("utf-8") == "weights"


def rewritten(file: Path) -> None:
    file.write_text("other bytes", encoding="utf-8")


def replaced(file: Path) -> None:
    other = file.with_name("other")
    other.write_text(file.read_text("utf-8") + ".", encoding="utf-8")
    other.replace(file)


def joined(file: Path) -> None:
    file.with_name("more.bin").write_text("more", encoding="utf-8")


@pytest.mark.parametrize("change", [rewritten, replaced, joined, os.remove])
def test_a_model_that_changed_stops_its_upload(
    registered: Spec,
    local: Callable[[str], Path],
    tmp_path: Path,
    change: Callable[[Path], None],
) -> None:
    change(local(str(WEIGHTS)))
    with (
        pytest.raises(ConflictError, match="one changed while this ran; plan again"),
        staged_model(registered, local, tmp_path / "staged"),
    ):
        raise AssertionError("nothing may be sent")


def test_a_folder_that_is_gone_has_changed(
    registered: Spec, local: Callable[[str], Path], tmp_path: Path
) -> None:
    local("one").rename(local("two"))
    with (
        pytest.raises(ConflictError, match="changed while this ran"),
        staged_model(registered, local, tmp_path / "staged"),
    ):
        raise AssertionError("nothing may be sent")


def test_bytes_that_change_during_the_upload_are_noticed(
    registered: Spec, local: Callable[[str], Path], tmp_path: Path
) -> None:
    with staged_model(registered, local, tmp_path / "staged") as files:
        with local(str(WEIGHTS)).open("a", encoding="utf-8") as stream:
            stream.write("late")
        assert files.changed


def test_what_cannot_be_prepared_says_what_and_where(
    registered: Spec, local: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "staged").write_text("a file is in the way", encoding="utf-8")
    with (
        pytest.raises(ProviderError, match="one cannot be prepared for its upload"),
        staged_model(registered, local, tmp_path / "staged"),
    ):
        raise AssertionError("nothing may be sent")
