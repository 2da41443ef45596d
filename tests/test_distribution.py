"""What is tracked is in the sdist, workflows name what exists, and POSIX stays where it is marked."""

import ast
import fnmatch
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd", "nn")
# What setuptools adds by itself, and what serves development only.
ALWAYS = {"MANIFEST.in", "README.md", "LICENSE", "pyproject.toml"}
LEFT_OUT = {".gitignore", ".pre-commit-config.yaml"}


def rules():
    lines = (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def is_included(path):
    """Whether the sdist has a file, by the rules of MANIFEST.in, of which the last one counts."""
    included = path in ALWAYS or path.startswith(tuple(f"{p}/" for p in PACKAGES))
    for command, *patterns in rules():
        for pattern in patterns:
            if command in ("graft", "prune") and path.startswith(f"{pattern}/"):
                included = command == "graft"
            elif command == "include" and fnmatch.fnmatch(path, pattern):
                included = True
            elif command == "global-exclude" and fnmatch.fnmatch(Path(path).name, pattern):
                included = False
    return included


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="this is no git checkout"
)
def test_the_sdist_has_all_that_is_tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {path for path in listed if not is_included(path)} - LEFT_OUT == set()


def test_the_wheel_has_the_files_of_packages_that_are_no_python():
    """`package-data` must match them: a page without its script is drawn, and does nothing."""
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            name = path.relative_to(ROOT / package).as_posix()
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert any(fnmatch.fnmatch(name, p) for p in patterns[package]), name


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_name_scripts_that_exist_and_actions_by_their_commit(path):
    text = path.read_text(encoding="utf-8")
    scripts = re.findall(r"\.ci/\w+", text)
    assert scripts and all((ROOT / script).exists() for script in scripts)
    used = re.findall(r"uses: (\S+)@(\S+)(.*)", text)
    for action, commit, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action} is not pinned to a commit"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action} without its version"
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert "permissions:" in text and "pull_request_target" not in text


# What only POSIX has. Code that uses it stands behind a check of the platform, or of the name.
POSIX_ONLY = {
    "fcntl", "resource", "pwd", "fork", "forkpty", "register_at_fork", "fchmod", "fchown", "chown",
    "geteuid", "getuid", "mkfifo", "O_NOFOLLOW", "SIGKILL", "SIGALRM", "alarm", "setitimer",
}  # fmt: skip
CHECKS = ("win32", "POSIX", "hasattr(os", "getattr(os", "os.name")


def unguarded(tree):
    """The names of POSIX that code uses outside of an `if` on the platform."""

    def visit(node, guarded):
        if isinstance(node, ast.If):
            inside = guarded or any(check in ast.unparse(node.test) for check in CHECKS)
            for child in node.body:
                yield from visit(child, inside)
            for child in node.orelse:
                yield from visit(child, guarded)
            return
        name = getattr(node, "attr", None) if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.IfExp):
            guarded = guarded or any(check in ast.unparse(node.test) for check in CHECKS)
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        else:
            names = {name, node.id if isinstance(node, ast.Name) else None}
        if not guarded:
            yield from names & POSIX_ONLY
        for child in ast.iter_child_nodes(node):
            yield from visit(child, guarded)

    yield from visit(tree, False)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_only_posix_has_is_marked(package):
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in unguarded(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_unmarked_code_is_found():
    text = (
        "import fcntl\nif os.name == 'posix':\n    os.fork()\nelse:\n    os.chown()\nos.geteuid()"
    )
    assert set(unguarded(ast.parse(text))) == {"fcntl", "chown", "geteuid"}
