"""Runs our networks and formulas on recorded inputs and compares with the recorded outputs of the references."""

from .fixture import Check, Fixture
from .runners import run_fixture, runnable

__all__ = ['Check', 'Fixture', 'run_fixture', 'runnable']
