"""Runs or checks one shell command of the documentation, inside this process, so that a page costs its work alone."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from mmengine.config import Config

OURS = ('cliff_ext', 'configs', 'docs', 'projects', 'requirements', 'tests', 'tools')
TARGET = re.compile(r'^([a-z]+):.*##', re.MULTILINE)


class Parsed(BaseException):
    """Stops a tool where it has read its arguments."""

    def __init__(self, namespace: argparse.Namespace) -> None:
        self.namespace = namespace


def split(command: str) -> tuple[dict[str, str], list[str]]:
    """A command's environment and its words."""
    words = shlex.split(command)
    count = next((i for i, word in enumerate(words) if not re.match(r'[A-Z_]+=', word)), len(words))
    return dict(word.split('=', 1) for word in words[:count]), words[count:]


@contextlib.contextmanager
def as_called(words: list[str], environment: dict[str, str]) -> Iterator[None]:
    """``sys.argv``, ``sys.path`` and the environment as a new interpreter would have them."""
    first = str(Path(words[0]).resolve().parent) if words[0].endswith('.py') else ''
    path = [first, *filter(None, environment.get('PYTHONPATH', '').split(os.pathsep)), *sys.path]
    patches = mock.patch.object(sys, 'argv', words), mock.patch.object(sys, 'path', path)
    with patches[0], patches[1], mock.patch.dict(os.environ, environment):
        yield


def run_python(words: list[str], environment: dict[str, str]) -> int:
    """Runs ``python WORDS``; returns the exit status."""
    try:
        if words[0] == '-m':
            with as_called(words[1:], environment):
                runpy.run_module(words[1], run_name='__main__', alter_sys=True)
        else:
            with as_called(words, environment):
                runpy.run_path(words[0], run_name='__main__')
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def run(command: str) -> None:
    """Runs a command of Python in the present folder.

    Raises:
        AssertionError: It fails.
        ValueError: Not a command that can be run here.
    """
    environment, words = split(command)
    if words[0] != 'python':
        raise ValueError(f'only commands of python are run, mark this one as one that needs something: {command}')
    status = run_python(words[1:], environment)
    assert status == 0, f'exit status {status}: {command}'


def check(command: str, root: Path) -> None:
    """Checks a command that cannot be run here: its tool takes the arguments, and what it names of ours is there.

    Raises:
        AssertionError: It would fail before it began.
    """
    environment, words = split(command)
    for word in words:
        path = word.rpartition('=')[2]
        if path.split('/')[0] in OURS and '/' in path and not re.search(r'[*{]|[A-Z]{3,}$', path):
            assert (root / path).exists(), f'no {path}: {command}'
    if words[0] == 'python' and words[1] != '-m' and 'torch.distributed' not in command:
        _check_arguments(words[1:], environment, command)
    elif words[0] == 'make':
        known = TARGET.findall((root / 'Makefile').read_text())
        assert all(word in known for word in words[1:] if '=' not in word), f'no such target: {command}'


def _check_arguments(words: list[str], environment: dict[str, str], command: str) -> None:
    """Lets the tool parse its arguments and stops it there; changes of a config must name what the config has."""
    original = argparse.ArgumentParser.parse_args

    def stop(parser: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> None:
        raise Parsed(original(parser, *args, **kwargs))

    try:
        with mock.patch.object(argparse.ArgumentParser, 'parse_args', stop):
            status = run_python(words, environment)
    except Parsed as parsed:
        options, config = (getattr(parsed.namespace, name, None) for name in ('cfg_options', 'config'))
        if options and config and Path(config).is_file():
            _check_options(Config.fromfile(config), options, command)
        return
    raise AssertionError(f'the tool does not take these arguments (exit status {status}): {command}')


def _check_options(config: Config, options: dict[str, Any], command: str) -> None:
    for key in options:
        node: Any = config
        for part in key.split('.')[:-1]:
            node = node[int(part)] if isinstance(node, list) else node.get(part)
            assert node is not None, f'the config has no {part} of {key}: {command}'
