from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.apis.conversion import conversion_command, convert_dataset
from cliff_ext.datasets.converters import HumanRow, RawDataset
from cliff_ext.io.human_data import load_human_data

KEYPOINTS = np.ones((49, 3), np.float32) * [30, 40, 1]


class Miniature(RawDataset):
    """Two files: one person with SMPL and one without; one that cannot be used."""

    name = 'miniature'

    def steps(self) -> list[int]:
        return [0, 1]

    def read(self, step: int) -> Iterator[HumanRow]:
        if step == 1:
            yield HumanRow('b.jpg', np.array([0, 0, 5, 0]))
            return
        yield HumanRow('a.jpg', np.array([1., 2, 30, 40]), (64, 48), 80., KEYPOINTS, global_orient=np.ones(3),
                       body_pose=np.full((23, 3), 0.1), betas=np.arange(10.), transl=np.array([0, 0, 4.]), gender='male',
                       sequence='walk', frame_id=3)
        yield HumanRow('c.jpg', np.array([1., 2, 30, 40]), (64, 48), None, KEYPOINTS)


def test_rows_become_human_data(tmp_path):
    (tmp_path / 'a.jpg').touch()
    report = convert_dataset(Miniature(tmp_path), tmp_path / 'out.npz', progress=False)
    data = load_human_data(tmp_path / 'out.npz')
    assert data.image_path.tolist() == ['a.jpg', 'c.jpg'] and data.dataset == 'miniature'
    assert data.has_smpl.tolist() == data.has_betas.tolist() == data.has_transl.tolist() == [True, False]
    np.testing.assert_allclose(data.transl, [[0, 0, 4], [0, 0, 0]])
    np.testing.assert_allclose(data.keypoints2d[1], KEYPOINTS)
    assert data.keypoints3d is None
    assert data.gender.tolist() == ['male', 'neutral'] and data.frame_id.tolist() == [3, 0]
    assert np.isnan(data.focal_length[1])
    assert (report.people, report.images, report.missing) == (2, 2, ['c.jpg'])
    assert report.known == dict(smpl=1, betas=1, transl=1, keypoints2d=2)
    assert '1 × box without area' in str(report) and 'c.jpg' in str(report)


def test_nothing_to_write_is_an_error(tmp_path):
    raw = Miniature(tmp_path)
    raw.steps = lambda: [1]
    with pytest.raises(ValueError, match='1 × box without area'):
        convert_dataset(raw, tmp_path / 'out.npz', progress=False)
    assert not (tmp_path / 'out.npz').exists()
    with pytest.raises(ValueError, match='npz'):
        convert_dataset(raw, tmp_path / 'out.txt')


def test_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['x', str(tmp_path), str(tmp_path / 'out.npz')])
    assert conversion_command(None, lambda args: Miniature(args.root), lambda parser: None) == 0
    assert '2 people in 2 images' in capsys.readouterr().out
    monkeypatch.setattr(sys, 'argv', ['x', str(tmp_path / 'none'), str(tmp_path / 'out.npz')])
    assert conversion_command(None, lambda args: Miniature(args.root), lambda parser: None) == 1
    assert 'folder not found' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['pw3d', 'h36m', 'mpi_inf_3dhp', 'coco', 'mpii', 'agora', 'emdb'])
def test_each_tool_says_what_is_missing(name, repo_root, tmp_path, monkeypatch, capsys):
    import runpy
    monkeypatch.setattr(sys, 'argv', [name, str(tmp_path), str(tmp_path / 'out.npz')])
    with pytest.raises(SystemExit) as exit_code:
        runpy.run_path(str(Path(repo_root) / 'tools' / 'dataset_converters' / f'{name}.py'), run_name='__main__')
    assert exit_code.value.code == 1 and str(tmp_path) in capsys.readouterr().err
