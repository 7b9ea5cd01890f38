"""What can be known about a scoring script without running it. Pure: text in, faults out."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from reconciler.model import Fault, FieldPath, Origin

AT: FieldPath = ("scoringScript",)
CODE = "image.score"
EVERYTHING = "*"

Binding: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None"
"""What a name stands for; None where only running the script could tell."""


def check_script(path: str, text: str) -> Iterator[Fault]:
    """The image's server calls `init()` once and `run(data)` for each message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a style of the script is not our business
            tree = ast.parse(text)
    except SyntaxError as error:
        where = Origin(path, error.lineno or 1, max(error.offset or 1, 1))
        yield Fault(AT, CODE, f"is not Python: {error.msg}", "correct the script", origin=where)
    except (ValueError, RecursionError, MemoryError) as error:
        yield Fault(AT, CODE, f"cannot be read as Python: {error}", origin=Origin(path, 1))
    else:
        names = dict(_bindings(tree.body))
        yield from _check(path, "init", 0, names)
        yield from _check(path, "run", 1, names)


def _check(path: str, name: str, count: int, names: dict[str, Binding]) -> Iterator[Fault]:
    example = f"def {name}({'data' if count else ''}):"
    if name not in names:
        if EVERYTHING not in names:
            yield Fault(AT, CODE, f"{path} does not define {name}()", f"add `{example}`")
        return
    match names[name]:
        case None:
            return
        case ast.AsyncFunctionDef() as found:
            summary = f"{name}() is async; it is called without await"
            yield Fault(AT, CODE, summary, f"write `{example}`", origin=_place(path, found))
        case ast.FunctionDef(decorator_list=[_, *_]):
            return  # a decorator may change what it takes
        case ast.FunctionDef(args=args) | ast.Lambda(args=args) as found:
            if problem := _problem(args, count):
                summary = f"{name}() {problem}"
                yield Fault(AT, CODE, summary, f"write `{example}`", origin=_place(path, found))


def _problem(args: ast.arguments, count: int) -> str:
    """What is wrong with calling a function of these arguments with `count` positional ones."""
    positional = [argument.arg for argument in (*args.posonlyargs, *args.args)]
    needed = positional[: len(positional) - len(args.defaults)]
    named = [
        argument.arg
        for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if default is None
    ]
    called = "it is called with the request alone" if count else "it is called without any"
    if len(needed) > count:
        return f"needs {_listed(needed)}; {called}"
    if named:
        return f"needs {_listed(named)} by name; {called}"
    if len(positional) < count and args.vararg is None:
        return "takes no argument; it is called with the request"
    return ""


def _listed(names: Iterable[str]) -> str:
    listed = tuple(names)
    return f"argument{'s' if len(listed) > 1 else ''} {', '.join(listed)}"


def _place(path: str, node: ast.AST) -> Origin:
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return Origin(path, line, column + 1)


def _bindings(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Binding]]:
    """Names that the module defines, in order; the last one counts."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node
            case ast.ClassDef():
                yield node.name, None
            case ast.Import() | ast.ImportFrom():
                yield from _imported(node)
            case ast.Assign() | ast.AnnAssign():
                yield from _assigned(node)
            case _:
                yield from _bindings(_nested(node))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Binding]]:
    for alias in node.names:
        yield alias.asname or alias.name.partition(".")[0], None


def _assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, Binding]]:
    if node.value is None:
        return
    value = node.value if isinstance(node.value, ast.Lambda) else None
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                yield name.id, value if name is target else None


def _nested(node: ast.stmt) -> Iterator[ast.stmt]:
    """Statements in the blocks of `if`, `try`, `with` and loops: they run at import, too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body
