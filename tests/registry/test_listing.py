"""The list of all that is registered, and that no name of it belongs to a neighbour."""

import json
import sys
from pathlib import Path

import pytest

from cliff_ext.registry import MODELS
from cliff_ext.registry.__main__ import main
from cliff_ext.registry.listing import Entry, list_package, shared_names, table


def test_names_come_with_registry_scope_and_class():
    rows = list_package().entries
    assert Entry('model', 'cliff_ext', 'CLIFF', 'cliff_ext.models.estimators.cliff.CLIFF') in rows
    assert Entry('track transform', 'cliff_ext', 'Infill', 'cliff_ext.tracks.infill.Infill') in rows
    assert Entry('task util', 'cliff_ext', 'Estimator', 'cliff_ext.apis.estimation.Estimator') in rows
    on_demand = 'cliff_ext.integrations.mmdet.track_metric.HumanTrackMetric'
    assert Entry('metric', 'cliff_ext', 'HumanTrackMetric', on_demand) in rows
    assert {row.scope for row in rows} == {'cliff_ext', 'mmtrack'} and len(rows) > 90


def test_what_stands_in_for_mmtrack_is_listed_under_its_scope():
    assert 'ByteTrack' in {row.name for row in list_package().entries if row.scope == 'mmtrack'}


def test_an_adapter_whose_package_is_not_here_is_said_to_be_left_out():
    missing = ' '.join(list_package().missing)
    assert 'cliff_ext.integrations.mmhuman3d' in missing and 'mmhuman3d is not installed' in missing


def test_no_name_twice():
    names = [row.name for row in list_package().entries]
    assert len(names) == len(set(names))


@pytest.mark.parametrize('package', ['mmdet', 'mmpose'])
def test_no_name_is_an_installed_neighbours(package):
    assert len(list_package(package).entries) > 100
    assert shared_names([package]) == []


def test_no_name_is_one_of_mmhuman3d(repo_root: Path):
    """mmhuman3d 0.11.0 needs mmcv 1.x and is not installed here; its names are on file."""
    theirs = set(json.loads((repo_root / 'tests/data/registry/mmhuman3d.json').read_text())['names'])
    assert {'CliffHead', 'SMPL', 'smoothnet'} <= theirs
    assert {row.name for row in list_package().entries if row.scope == 'cliff_ext'} & theirs == set()


def test_the_command_prints_them_all(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['registry'])
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['REGISTRY', 'SCOPE', 'NAME', 'CLASS']
    rows = list_package().entries
    assert lines[1:-1] == table(rows).splitlines()[1:] and lines[-1].startswith(f'{len(rows)} names in ')


def test_a_shared_name_fails_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['registry', '--against', 'mmpose'])
    monkeypatch.setitem(MODELS.module_dict, 'TopdownPoseEstimator', object)
    assert main() == 1
    assert "mmpose registers 'TopdownPoseEstimator' too" in capsys.readouterr().err
