from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kinds.image.scoring import check_script

INIT = "def init(): pass\n"
RUN = "def run(data): pass\n"


def said(script: str) -> list[str]:
    return [
        f"{fault.origin}: {fault.summary}" if fault.origin else fault.summary
        for fault in check_script("score.py", script)
    ]


@pytest.mark.parametrize(
    "script",
    [
        INIT + RUN,
        "def init(*args, verbose=False): pass\ndef run(data, /, more=None, **rest): pass\n",
        "def init(): pass\ndef run(*data): pass\n",
        "from model import init, predict as run\n",
        "import init, run\n",
        "from model import *\n",
        "init = print\nrun = json.loads\n",
        "init = lambda: None\nrun = lambda data: data\n",
        "init, run = make()\n",
        "class init: pass\nclass run: pass\n",
        "try:\n    from fast import run\nexcept ImportError:\n    def run(data): pass\n" + INIT,
        "if True:\n    def init(): pass\nelse:\n    def init(): return 1\n" + RUN,
        "@input_schema('data', Sample())\ndef run(first, second): pass\n" + INIT,
        "def run(): pass\n" + RUN + INIT,
        "x = '\\d'\n" + INIT + RUN,
    ],
)
def test_a_script_that_can_be_called_is_not_faulted(script: str) -> None:
    assert said(script) == []


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("", "score.py does not define init()"),
        (INIT, "score.py does not define run()"),
        (INIT + "run: object\n", "score.py does not define run()"),
        ("class Model:\n    def run(self, data): pass\n" + INIT, "score.py does not define run()"),
        ("def outer():\n    def init(): pass\n" + RUN, "score.py does not define init()"),
        (
            "def init(a, b): pass\n" + RUN,
            "score.py:1: init() needs arguments a, b; it is called without any",
        ),
        (
            INIT + "def run(data, model): pass\n",
            "score.py:2: run() needs arguments data, model; it is called with the request alone",
        ),
        (
            INIT + "def run(data, *, model): pass\n",
            "score.py:2: run() needs argument model by name; it is called with the request alone",
        ),
        (
            INIT + "def run(): pass\n",
            "score.py:2: run() takes no argument; it is called with the request",
        ),
        (
            INIT + "async def run(data): pass\n",
            "score.py:2: run() is async; it is called without await",
        ),
        (
            "init = lambda path: path\n" + RUN,
            "score.py:1:8: init() needs argument path; it is called without any",
        ),
    ],
)
def test_a_script_that_cannot_be_called_is_faulted_at_its_line(script: str, fault: str) -> None:
    assert fault in said(script)


def test_a_script_that_is_not_python_is_faulted_at_its_line() -> None:
    (fault,) = said(INIT + "def run(data)\n    pass\n")
    assert fault.startswith("score.py:2:14: is not Python: ")


@pytest.mark.parametrize("script", ["a = '\0'\n", "(" * 5_000, "x" + "+x" * 20_000])
def test_a_script_that_python_cannot_read_is_refused(script: str) -> None:
    assert said(script) != []


@given(st.text("definitru()=: \n\tlambda*,@async", max_size=60))
def test_no_text_makes_the_check_raise(script: str) -> None:
    for fault in check_script("score.py", script):
        assert fault.summary
