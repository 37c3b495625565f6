"""The command line: languages, exit codes, help; the sub-commands stand in `commands`."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from sampling.campaign import (
    SETTINGS,
    FolderBusyError,
    read_settings,
)
from sampling.commands import BUSY, COMMANDS, REFUSED, tell_problems
from sampling.words import LANGUAGES, InputError, text


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 input refused, 2 usage, 3 some failed, 4 folder busy."""
    words = list(sys.argv[1:] if argv is None else argv)
    _write_utf8()
    lang = _language(words)
    arguments = _parser(lang).parse_args(words)
    lang = arguments.lang or _language_of_folder(arguments) or lang
    try:
        return COMMANDS[arguments.command].run(arguments, lang)
    except InputError as error:
        tell_problems(error.problems, lang, sys.stderr)
        return REFUSED
    except FolderBusyError as error:
        print(text("cli.busy", lang, folder=error), file=sys.stderr)
        return BUSY


def _write_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console or a pipe may have another encoding
            stream.reconfigure(encoding="utf-8", errors="replace")


def _language(words: Sequence[str]) -> str:
    """The language of the help: what --lang says, else English on an English system, else Chinese."""
    for index, word in enumerate(words):
        chosen = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang":
            chosen = words[index + 1] if index + 1 < len(words) else None
        if chosen in LANGUAGES:
            return str(chosen)
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if system.startswith("en") else "zh"


def _language_of_folder(arguments: argparse.Namespace) -> str:
    folder = Path(getattr(arguments, "folder", ""))
    try:
        return read_settings(folder).lang if (folder / SETTINGS).is_file() else ""
    except InputError:  # the command itself will say what is wrong, in the system's language
        return ""


def _parser(lang: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sampling", description=text("cli.description", lang))
    parser.add_argument("--version", action="version", version=version("inspection-sampling"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        words = text(f"cli.help.{name}", lang)
        part = commands.add_parser(name, help=words, description=words)
        if command.folder:
            part.add_argument("folder", metavar="DIR", type=Path, help=text("cli.option.folder", lang))
        for option, settings in command.arguments.items():
            key = option.lstrip("-").lower()
            part.add_argument(option, help=text(f"cli.option.{key}", lang), **settings)  # type: ignore[arg-type]
        part.add_argument("--lang", choices=LANGUAGES, help=text("cli.option.lang", lang))
    return parser


if __name__ == "__main__":
    sys.exit(main())
