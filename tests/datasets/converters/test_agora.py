from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from cliff_ext.datasets.converters import AGORA, BodyModels
from cliff_ext.datasets.converters.agora import agora_view
from cliff_ext.io.data_pickle import load_data_pickle


@pytest.fixture
def pandas(monkeypatch) -> types.SimpleNamespace:
    """Classes that pickle as those of pandas do, in the form before and since version 1.3."""
    modules = {}
    for name in ('pandas', 'pandas.core', 'pandas.core.frame', 'pandas.core.internals', 'pandas.core.internals.managers',
                 'pandas.core.indexes', 'pandas.core.indexes.base', 'pandas._libs', 'pandas._libs.internals'):
        modules[name] = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, modules[name])

    def add(module: str, item):
        item.__module__, item.__qualname__ = module, item.__name__
        setattr(modules[module], item.__name__, item)
        return item

    def forbidden(*args):
        raise AssertionError('pandas must not be called')

    def function(module: str, name: str):
        return add(module, types.FunctionType(forbidden.__code__, {}, name))

    def new(module: str, name: str, keys: tuple[str, ...], **methods):
        def init(self, *args):
            self.__dict__.update(zip(keys, args, strict=True))

        return add(module, type(name, (), dict(__init__=init, **methods)))

    new_index = function('pandas.core.indexes.base', '_new_Index')
    unpickle_block = function('pandas._libs.internals', '_unpickle_block')
    index = new('pandas.core.indexes.base', 'Index', ('data', ),
                __reduce__=lambda self: (new_index, (index, dict(data=self.data, name=None))))
    block = new('pandas.core.internals', 'Block', ('args', ), __reduce__=lambda self: (unpickle_block, self.args))
    manager = new('pandas.core.internals.managers', 'BlockManager', ('blocks', 'axes'),
                  __reduce__=lambda self: (manager, (self.blocks, self.axes)))
    old_manager = new('pandas.core.internals', 'BlockManager', ('blocks', 'axes'), __getstate__=lambda self: (
        self.axes, [part['values'] for part in self.blocks], [], {'0.14.1': dict(axes=self.axes, blocks=self.blocks)}))
    frame = new('pandas.core.frame', 'DataFrame', ('state', ), __getstate__=lambda self: self.state)

    def table(columns: dict[str, list], old: bool):
        rows = len(next(iter(columns.values())))
        values = np.empty((len(columns), rows), object)
        for i, column in enumerate(columns.values()):
            for j in range(rows):
                values[i, j] = column[j]
        axes = [index(np.array(list(columns), object)), index(np.arange(rows))]
        place = slice(0, len(columns), 1)
        if old:
            return frame(dict(_data=old_manager([dict(values=values, mgr_locs=place)], axes), _typ='dataframe'))
        return frame(dict(_mgr=manager((block((values, place, 2)), ), axes), _typ='dataframe', attrs={}))

    return types.SimpleNamespace(table=table)


IMAGES = ('ag_trainset_renderpeople_bfh_flowers_5_15_00000.png', 'ag_trainset_3dpeople_bfh_hdri_50mm_5_15_00001.png')


@pytest.fixture
def make_raw(tmp_path, scene, pandas):
    """Writes two images: a person and an occluded one before the scene's own camera, a child under an HDRI."""

    def make(joints: bool = True, old: bool = False) -> Path:
        cells = dict(camX=[-300., 0.], camY=[-800., 0.], camZ=[120., 0.], camYaw=[20., 0.])
        columns = dict(imgPath=list(IMAGES), X=[[210., 0.], [300.]], Y=[[-700., 0.], [150.]], Z=[[-35., 0.], [-30.]],
                       Yaw=[[15., 0.], [-40.]], **cells, kid=[[False, False], [True]],
                       isValid=[[True, False], [True]], occlusion=[[5., 95.], [0.]],
                       gt_path_smpl=[['smpl_gt/a/man_0_0.obj'] * 2, ['smpl_gt/a/child_0_0.obj']])
        (tmp_path / 'smpl_gt' / 'a').mkdir(parents=True)
        for name, size in (('man', 10), ('child', 11)):
            betas = np.concatenate([scene.betas, [0.6]])[:size]
            fit = dict(root_pose=torch.tensor(scene.pose[:1, None, :3]).float().requires_grad_(),
                       body_pose=torch.tensor(scene.pose[:1, 3:]).float().reshape(1, 23, 3),
                       betas=torch.nn.Parameter(torch.tensor(betas)[None].float()),
                       translation=torch.tensor(scene.trans[:1]).float())
            (tmp_path / 'smpl_gt' / 'a' / f'{name}_0_0.pkl').write_bytes(pickle.dumps(fit))
        if joints:
            columns['gt_joints_3d'] = [[seen(columns, scene, i, p) for p in range(len(columns['X'][i]))] for i in range(2)]
            columns['gt_joints_2d'] = [[np.zeros((45, 2))] * len(columns['X'][i]) for i in range(2)]
        (tmp_path / 'camera_dataframe_smpl').mkdir()
        with (tmp_path / 'camera_dataframe_smpl' / 'train_0_withjv.pkl').open('wb') as file:
            pickle.dump(pandas.table(columns, old), file)
        return tmp_path

    return make


def local_vertices(scene) -> np.ndarray:
    """The scene's first body where SMPL poses it, before any camera."""
    return (scene.vertices[0] - scene.extrinsics[0, :3, 3]) @ scene.extrinsics[0, :3, :3]


def official_projection(points: np.ndarray, columns: dict, image: int, person: int) -> np.ndarray:
    """The steps of AGORA's evaluation code, one by one, for the two cameras of the miniature."""
    def cv(x: float, y: float, z: float) -> np.ndarray:
        return np.array([y, -z, x]) / 100

    hdri = 'hdri' in columns['imgPath'][image]
    camera = cv(0, 0, 170) if hdri else cv(*(columns[f'cam{axis}'][image] for axis in 'XYZ')) + [0, -1.7, 0]
    yaw = 0 if hdri else columns['camYaw'][image]
    points = points * [1, -1, -1]
    points = Rotation.from_rotvec([0, np.deg2rad(columns['Yaw'][image][person] - 90), 0]).apply(points)
    points = points + cv(*(columns[axis][image][person] for axis in 'XYZ'))
    return Rotation.from_rotvec([0, np.deg2rad(-yaw), 0]).apply(points - camera)


def seen(columns: dict, scene, image: int, person: int) -> np.ndarray:
    """smplx's 45 joints in the camera; only SMPL's own 24 are right here."""
    joints = np.concatenate([scene.joints24[0], np.zeros((21, 3))])
    return official_projection(joints, columns, image, person)


@pytest.mark.parametrize('old', [False, True])
def test_smpl_stands_where_agoras_own_projection_puts_it(make_raw, scene, check_body, old):
    root = make_raw(old=old)
    dataset = AGORA(root)
    rows = list(dataset.rows(dataset.steps()[0]))
    table = load_data_pickle(dataset.steps()[0])
    assert rows[0].image_path == f'images/train/{IMAGES[0][:-4]}_1280x720.png' and rows[0].image_size == (1280, 720)
    check_body(rows[0], official_projection(local_vertices(scene), table, 0, 0))
    assert rows[0].focal_length == pytest.approx(28 / 36 * 1280) and rows[1].focal_length == pytest.approx(50 / 36 * 1280)
    assert rows[0].gender == 'neutral'
    assert rows[1].body_pose is None and rows[1].keypoints3d[:, 3].sum() == 40
    assert dict(dataset.skipped) == {'marked as not valid (occluded)': 1, 'SMPL of a child (joints kept)': 1}


def test_a_body_model_stands_in_for_the_joints(make_raw, scene, check_body):
    root = make_raw(joints=False)
    with pytest.raises(ValueError, match='_withjv'):
        list(AGORA(root).rows(AGORA(root).steps()[0]))
    dataset = AGORA(root, size='3840x2160', bodies=BodyModels('open'))
    row, = dataset.rows(dataset.steps()[0])
    vertices = official_projection(local_vertices(scene), load_data_pickle(dataset.steps()[0]), 0, 0)
    check_body(row, vertices)
    pixels = vertices[:, :2] / vertices[:, 2:] * 28 / 36 * 3840 + [1920, 1080]
    assert (row.bbox[:2] < pixels.mean(0)).all() and (row.bbox[2:] > pixels.mean(0)).all()
    assert row.image_path == f'images/train/{IMAGES[0]}'


def test_fixed_cameras_look_down():
    cells = dict(X=[400. - 300], Y=[-275. + 300], Z=[0.], Yaw=[90.])  # in front of the camera that looks along yaw 135
    rotation, translation, lens = agora_view('ag_trainset_cam00_1.png', cells.get, 0)
    assert lens == 18 and np.linalg.det(rotation) == pytest.approx(1)
    assert np.linalg.norm(translation) == pytest.approx(np.linalg.norm([3, 3, 2.65]))
    assert abs(translation[0]) < 1e-9 and translation[2] > 4


def test_bad_input(make_raw):
    root = make_raw()
    with pytest.raises(ValueError, match='1280x720'):
        AGORA(root, size='640x480')
    with pytest.raises(FileNotFoundError, match='validation_'):
        AGORA(root, 'validation').steps()


def test_the_miniature_trains_and_is_scored(make_raw, train_and_evaluate):
    train_and_evaluate(AGORA(make_raw()), 'test_agora.py')
