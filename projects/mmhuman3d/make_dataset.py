"""Writes the clip that ships as a data set of mmhuman3d: frames, and a HumanData file of the true bodies.

    python projects/mmhuman3d/make_dataset.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from cliff_ext.geometry import rotmat_to_rotvec
from cliff_ext.io import HumanData, VideoReader, load_tracks, save_human_data
from cliff_ext.io.zoo import ZOO

FOLDER = Path('data/demo_clip_mmhuman3d')


def write_dataset(folder: Path) -> HumanData:
    """``preprocessed_datasets/demo_clip.npz`` and ``datasets/humman/*.jpg``, where mmhuman3d looks for them."""
    images = folder / 'datasets' / 'humman'
    images.mkdir(parents=True, exist_ok=True)
    (folder / 'preprocessed_datasets').mkdir(exist_ok=True)
    for number, frame in enumerate(VideoReader(ZOO / 'demo_clip.mp4')):
        cv2.imwrite(str(images / f'{number:06d}.jpg'), frame, [cv2.IMWRITE_JPEG_QUALITY, 95])
    tracks = load_tracks(ZOO / 'demo_clip_truth.npz').tracks

    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(track, name) for track in tracks])

    frames = column('frame_ids')
    data = HumanData(
        image_path=[f'{frame:06d}.jpg' for frame in frames], bbox=column('bboxes'), dataset='humman',
        global_orient=_rotvec(column('global_orient')), body_pose=_rotvec(column('body_pose')), betas=column('betas'),
        transl=column('transl'), focal_length=column('focal_length'), frame_id=frames,
        sequence=np.concatenate([[f'person {track.track_id}'] * len(track) for track in tracks]))
    save_human_data(folder / 'preprocessed_datasets' / 'demo_clip.npz', data)
    return data


def _rotvec(rotmats: np.ndarray) -> np.ndarray:
    return rotmat_to_rotvec(torch.from_numpy(rotmats)).numpy()


if __name__ == '__main__':
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    print(f'{len(write_dataset(where).image_path)} people in {where}')
