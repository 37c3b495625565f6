#!/usr/bin/env python3
# coding: utf-8  # noqa: UP009 - Python 2 must get as far as the first line that it cannot read
"""Set up and start the toolkit with nothing but Python 3.11 or newer.

`python3 run.py demo|test|lab|setup|bundle [words for the command …]`; on Windows `py run.py …`.
Each command first makes `.venv` when it is missing or stale: the versions pinned in constraints.txt,
installed by pip, which honours the user's pip configuration and mirror. (uv does not read it and would be
a second way to test.) A stamp, written last, says what `.venv` was made for, so the next call is instant
and a killed installation is seen. If the ZIP file that `bundle` makes lies beside this file, everything
is installed from it, each wheel checked against its manifest, and no network is used.

Old Pythons must be able to read this file, in order to say that they are too old: only the grammar of
Python 3.6, and before the version check only modules that it has.
"""

import hashlib
import importlib.util
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        "需要 Python 3.11 或更新版本，当前是 {0}。· Python 3.11 or newer is needed, this is {0}.\n".format(
            "{}.{}".format(*sys.version_info[:2])
        )
    )
    sys.exit(2)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "stamp.json"
WINDOWS = sys.platform == "win32"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")

SYSTEM_PACKAGES = {
    "chromium": "/usr/bin/chromium",
    "postgresql": "/usr/lib/postgresql/*/bin/pg_ctl",
    "libreoffice-calc": "/usr/lib/libreoffice/program/libsclo.so",
    "libreoffice-writer": "/usr/lib/libreoffice/program/libswlo.so",
    "python3-uno": "/usr/lib/python3/dist-packages/uno.py",
}
"""Debian packages that the tests need, and the file that shows that one is there; * is any version."""

REASONS = {
    "missing": ("还没有运行环境", "there is no environment yet"),
    "unfinished": ("上次安装没有完成", "the last installation did not finish"),
    "pins": ("依赖版本有变化", "the pinned versions have changed"),
    "python": ("换了 Python 版本", "this is another version of Python"),
    "machine": ("换了机器类型", "this is another kind of machine"),
    "folder": ("文件夹移动过", "the folder has been moved"),
    "base": ("原来的 Python 已不在", "the Python that it was made with is gone"),
}
"""Why `.venv` must be made anew, in Chinese and English."""


def main(words: list[str]) -> int:  # 需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed
    """Make the environment ready, then hand over to the command that `words` begins with."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without a character shows ? and goes on
    if not words or words[0] not in COMMANDS:
        print(USAGE)
        return 0 if words and words[0] in ("-h", "--help", "help") else 2
    make_ready()
    return COMMANDS[words[0]](words[1:])


# The commands


def demo(words: list[str]) -> int:
    """The whole line of work on a synthetic county, in data/campaigns/demo."""
    script = SCRIPTS / ("sampling.exe" if WINDOWS else "sampling")
    return hand_over([script, "demo", "--out", ROOT / "data" / "campaigns" / "demo", *words])


def test(words: list[str]) -> int:
    """All tests, or those that `words` name."""
    install_system_packages()
    os.chdir(ROOT)
    return hand_over([PYTHON, "-m", "pytest", *words])


def lab(words: list[str]) -> int:
    """JupyterLab on the notebooks, for this machine only, opened in the browser."""
    as_root = ["--allow-root"] if is_root() else []
    options = ["--ip=127.0.0.1", f"--notebook-dir={ROOT / 'notebooks'}", *as_root]
    return hand_over([PYTHON, "-m", "jupyterlab", *options, *words])


def setup(words: list[str]) -> int:
    """Only the environment, which is ready by now."""
    say(f"运行环境已就绪：{VENV}", f"the environment is ready: {VENV}")
    return 0


def bundle(words: list[str]) -> int:
    """One ZIP file with all wheels for this system and Python, for machines without internet."""
    say("正在收集安装包……", "collecting all wheels …")
    with tempfile.TemporaryDirectory() as folder:
        pip(["wheel", "--wheel-dir", folder, "--constraint", "constraints.txt", *requirements()])
        write_bundle(sorted(Path(folder).glob("*.whl")), ROOT / bundle_name())
    target = ROOT / bundle_name()
    size = f"{target.stat().st_size / 1e6:.0f} MB"
    say(f"离线安装包：{target}（{size}）", f"the bundle: {target} ({size})")
    say(f"SHA-256：{sha256(target)}", "compare it after copying; put the file beside run.py there")
    return 0


COMMANDS = {"demo": demo, "test": test, "lab": lab, "setup": setup, "bundle": bundle}
USAGE = """\
python3 run.py 命令 [命令的参数]                python3 run.py COMMAND [words for the command]
  demo    演示：从名单到报告的全过程              the whole line of work on a synthetic county
  test    运行全部测试                            all tests
  lab     在浏览器中打开笔记本                    the notebooks in the browser
  setup   只安装运行环境                          only make the environment
  bundle  制作离线安装包                          one ZIP file to install from without internet"""


# The environment


def make_ready() -> None:
    """Make `.venv` anew if it cannot be used. The lock that says that it is in use ends with the process."""
    lock = open_lock()
    take(lock, alone=False)
    if stale():
        take(lock, alone=True)
        why = stale()  # another run.py may have made it in the meantime
        if why:
            install(why)
        take(lock, alone=False)


def stale() -> str:
    """Why `.venv` cannot be used as it is: a key of REASONS, or nothing if it can."""
    if not VENV.exists():
        return "missing"
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "unfinished"
    for part, value in wanted().items():
        if stamp.get(part) != value:
            return part
    return "" if PYTHON.exists() and Path(stamp["base"]).exists() else "base"


def wanted() -> dict[str, str]:
    """What `.venv` must have been made for."""
    return {
        "pins": pins(),
        "python": "{}.{}".format(*sys.version_info),
        "machine": f"{platform.system()} {platform.machine()}",
        "folder": str(VENV),
    }


def pins() -> str:
    """A hash of all that decides what is installed; settings of the linters do not."""
    settings = project_file()
    installed = {name: settings[name] for name in ("build-system", "project")}
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return hashlib.sha256((json.dumps(installed, sort_keys=True) + constraints).encode("utf-8")).hexdigest()


def project_file() -> dict:
    import tomllib  # not in the Pythons that are too old

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements() -> list[str]:
    """All that is installed by name: what builds the project, what it needs, what its tests need."""
    settings = project_file()
    project = settings["project"]
    return [
        *settings["build-system"]["requires"],
        *project["dependencies"],
        *project["optional-dependencies"]["test"],
    ]


def install(why: str) -> None:
    """Make `.venv` from nothing; its stamp comes last."""
    refuse_without_ensurepip()
    version = platform.python_version()
    say(
        f"正在建立 .venv（Python {version}）：{REASONS[why][0]}",
        f"making .venv (Python {version}): {REASONS[why][1]}",
    )
    remove_leftovers()
    with tempfile.TemporaryDirectory(prefix=".venv-wheels-", dir=ROOT) as wheels:
        bundled = unpack_bundle(ROOT / bundle_name(), Path(wheels))
        remove_environment()
        base = getattr(sys, "_base_executable", sys.executable)
        run([base, "-m", "venv", VENV], "无法建立 .venv", "cannot make .venv")
        options = ["--constraint", "constraints.txt", "--editable", ".[test]"]
        if bundled:
            say(f"从 {bundle_name()} 安装，不用网络", f"installing from {bundle_name()}, without network")
            pip(["install", "--no-index", "--find-links", wheels, *options], configured=False)
        else:
            say("正在用 pip 安装，约需一两分钟", "installing with pip, a minute or two")
            pip(["install", *options])
    quiet_lab()
    write_stamp(base)


def refuse_without_ensurepip() -> None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    stop(
        "这个 Python 缺少 venv，请先运行：apt-get install python3-venv",
        "this Python comes without venv, please run first: apt-get install python3-venv",
        code=2,
    )


def remove_environment() -> None:
    """Move `.venv` out of the way in one step, so that no half of it is left, then delete it."""
    if not os.path.lexists(VENV):
        return
    old = ROOT / f".venv-old-{os.getpid()}"
    try:
        VENV.rename(old)
    except OSError as error:
        stop(
            f".venv 正在使用，请先关闭 JupyterLab 等程序（{error}）",
            f".venv is in use, please close JupyterLab and the like first ({error})",
        )
    shutil.rmtree(old, ignore_errors=True)


def remove_leftovers() -> None:
    """Delete what a killed run.py has put aside."""
    for pattern in (".venv-old-*", ".venv-wheels-*"):
        for folder in ROOT.glob(pattern):
            shutil.rmtree(folder, ignore_errors=True)


def quiet_lab() -> None:
    """JupyterLab neither asks for news from outside nor whether it may."""
    folder = VENV / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
    }
    (folder / "overrides.json").write_text(json.dumps(settings), encoding="utf-8")


def write_stamp(base: str) -> None:
    partial = STAMP.with_suffix(".partial")
    partial.write_text(json.dumps({**wanted(), "base": base}), encoding="utf-8")
    partial.replace(STAMP)


# One run.py at a time makes `.venv`, and none makes it anew while others work in it.


def open_lock() -> int | None:
    """The lock file, open; nothing in a folder that cannot be written to, where nobody can install."""
    path = ROOT / ".venv-lock" / "lock"
    try:
        path.parent.mkdir(exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None
    os.set_inheritable(lock, True)  # pip and the command hold it too, should run.py be killed
    return lock


if sys.platform == "win32":
    import msvcrt

    def take(lock: int | None, *, alone: bool) -> None:
        """Hold the lock alone, or not at all: Windows itself lets nobody move a folder in use."""
        while lock is not None:
            os.lseek(lock, 0, os.SEEK_SET)
            try:
                return msvcrt.locking(lock, msvcrt.LK_LOCK if alone else msvcrt.LK_UNLCK, 1)
            except OSError:  # another process has had it for ten seconds; or it was not held
                if not alone:
                    return
                say_waiting()

else:
    import fcntl

    def take(lock: int | None, *, alone: bool) -> None:
        """Hold the lock alone, or together with others that only use `.venv`."""
        if lock is None:
            return
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            say_waiting()
            fcntl.flock(lock, kind)
        except OSError:  # a file system without locks
            return


def say_waiting() -> None:
    say("另一个 run.py 正在使用 .venv，等它结束……", "another run.py is using .venv, waiting for its end …")


# The bundle


def bundle_name() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    return "bundle-{}-{}-cp{}{}.zip".format(system, machine, *sys.version_info)


def write_bundle(wheels: list[Path], target: Path) -> None:
    """Put the wheels and their manifest into a ZIP file: the same wheels give the same bytes."""
    manifest = {"pins": pins(), "wheels": {wheel.name: sha256(wheel) for wheel in wheels}}
    partial = target.with_name(f"bundle-partial-{os.getpid()}.zip")
    with zipfile.ZipFile(partial, "w") as file:  # stored: wheels are compressed already
        file.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest, indent=1, sort_keys=True))
        for wheel in wheels:
            with wheel.open("rb") as source, file.open(zipfile.ZipInfo(wheel.name), "w") as copy:
                shutil.copyfileobj(source, copy)
    partial.replace(target)


def unpack_bundle(source: Path, folder: Path) -> bool:
    """Copy the wheels of a bundle into a folder, each as the manifest has it, or stop; False without one."""
    if not source.exists():
        return False
    try:
        with zipfile.ZipFile(source) as file:
            manifest = json.loads(file.read("manifest.json"))
            refuse_other_pins(manifest, source)
            for name in file.namelist():
                if name != "manifest.json":
                    unpack_wheel(file, name, manifest["wheels"].pop(name, ""), folder)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        refuse_bundle(source, str(error))
    if manifest["wheels"]:
        refuse_bundle(source, ", ".join(manifest["wheels"]))
    return True


def refuse_other_pins(manifest: dict, source: Path) -> None:
    if manifest["pins"] != pins():
        stop(
            f"{source.name} 与现在的依赖版本不符：请移走它，再联网安装或重新制作",
            f"{source.name} is for other pinned versions: take it away, then install from the network"
            " or make a new one",
        )


def unpack_wheel(file: zipfile.ZipFile, name: str, digest: str, folder: Path) -> None:
    if Path(name).name != name or hashlib.sha256(file.read(name)).hexdigest() != digest:
        raise ValueError(name)
    file.extract(name, folder)


def refuse_bundle(source: Path, what: str) -> None:
    stop(
        f"{source.name} 已损坏或被改动，没有安装：{what}",
        f"{source.name} is damaged or has been changed, nothing was installed: {what}",
    )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# What the tests need from the system


def install_system_packages() -> None:
    """Install the missing Debian packages where that is possible; say loudly where it is not."""
    missing = missing_packages()
    if missing and can_use_apt():
        say(f"正在安装系统软件：{' '.join(missing)}", f"installing system packages: {' '.join(missing)}")
        for words in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
            apt(words)
        missing = missing_packages()
    if missing:
        say(
            f"注意：缺少 {' '.join(missing)}，用到它的测试会被跳过",
            f"NOTE: {' '.join(missing)} is missing, the tests that need it are SKIPPED",
        )
    if missing and os.environ.get("CI") == "true":
        stop("CI 中不得跳过测试", "in CI no test may be skipped")


def missing_packages() -> list[str]:
    return [name for name, path in SYSTEM_PACKAGES.items() if not any(Path("/").glob(path.lstrip("/")))]


def can_use_apt() -> bool:
    return is_root() and shutil.which("apt-get") is not None


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt(words: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *words]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


# Other programs


def pip(words: list[str], *, configured: bool = True) -> None:
    """Run the pip of `.venv`; not `configured` leaves out all of the user's own settings."""
    environment = clean_environment()
    if not configured:
        environment = {name: value for name, value in environment.items() if not name.startswith("PIP_")}
        environment["PIP_CONFIG_FILE"] = os.devnull
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    run([PYTHON, "-m", "pip", *words, *options], "安装失败", "the installation failed", environment)


def run(command: list, zh: str, en: str, environment: dict[str, str] | None = None) -> None:
    """Run a program to its end, showing the packages go by; on a failure show its last lines and stop."""
    lines = []
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment or clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        close_fds=False,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            show_package(line)
    show_package("")
    if process.returncode:
        sys.stderr.writelines(lines[-20:])
        stop(zh, en)


def show_package(line: str) -> None:
    """On a terminal, one line that names the package that pip is at."""
    words = line.split()
    if sys.stderr.isatty() and (not words or words[0] in ("Collecting", "Downloading", "Processing")):
        print(f"\r  {' '.join(words)[:70]:70}", end="" if words else "\r", file=sys.stderr, flush=True)


def hand_over(command: list) -> int:
    """Become the command, so that signals and the exit code are its own."""
    words = [str(word) for word in command]
    sys.stdout.flush()
    sys.stderr.flush()
    if not WINDOWS:
        os.execve(words[0], words, clean_environment())
    process = subprocess.Popen(words, env=clean_environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the command has got it too, and decides
            continue


def clean_environment() -> dict[str, str]:
    """The user's environment, with UTF-8 everywhere and without Python packages from elsewhere."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    for name in ("PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)
    return environment


def say(zh: str, en: str) -> None:
    print(f"{zh} · {en}", file=sys.stderr, flush=True)


def stop(zh: str, en: str, *, code: int = 1) -> None:
    """End with one clear sentence."""
    say(zh, en)
    raise SystemExit(code)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("已中断，下次会接着做好", "interrupted, the next run will put it right")
        sys.exit(130)
