import json

import cv2
import numpy as np
import pytest

from cliff_ext.visualization.training_curves import plot_curves, read_curves


def write(folder, run, rows):
    file = folder / run / 'vis_data' / 'scalars.json'
    file.parent.mkdir(parents=True)
    file.write_text(''.join(json.dumps(row) + '\n' for row in rows))


def losses(*steps, factor=1.):
    return [dict(loss=factor * step, time=0.1, step=step) for step in steps]


def test_a_resumed_run_takes_the_place_of_what_it_does_again(tmp_path):
    write(tmp_path, '20250101_000000', [*losses(10, 20), dict(mpjpe=90., step=1), *losses(30)])
    write(tmp_path, '20250102_000000', [*losses(21, 30, 40, factor=2.), dict(mpjpe=80., step=2)])
    curves = read_curves(tmp_path, ['loss', 'mpjpe'])
    assert curves['loss'][0].tolist() == [10, 20, 21, 30, 40]
    assert curves['loss'][1].tolist() == [10, 20, 42, 60, 80]
    assert curves['mpjpe'][1].tolist() == [90, 80]


def test_a_folder_without_a_training_or_a_wrong_name_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        read_curves(tmp_path, ['loss'])
    write(tmp_path, '20250101_000000', losses(1, 2))
    with pytest.raises(ValueError, match='orientation'):
        read_curves(tmp_path, ['loss', 'orientation'])


def test_the_picture_shows_every_training(tmp_path):
    steps = np.arange(1, 60)
    curve = dict(loss=(steps, 100. / steps), mpjpe=(steps[:5], 200. - steps[:5]))
    plot_curves(tmp_path / 'one.png', dict(a=curve))
    plot_curves(tmp_path / 'two.png', dict(a=curve, b={name: (x, y / 2) for name, (x, y) in curve.items()}))
    one, two = (cv2.imread(str(tmp_path / f'{name}.png')).astype(int) for name in ('one', 'two'))
    assert one.shape == two.shape == (360, 920, 3)
    orange = [(np.abs(picture - [14, 127, 255]).sum(-1) < 40).sum() for picture in (one, two)]
    assert orange[0] == 0 and orange[1] > 200
