"""mmpose's own inferencer over a film, and the same refined; draws some frames of both.

    python projects/mmpose/refine_clip.py cliff_ext/zoo/demo_clip.mp4 --out outputs/mmpose

Pose estimator and detector are the small ones that ship; any others of mmpose and mmdet go as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import cliff_ext
from cliff_ext.integrations.mmpose import RefinedInferencer, refine_results
from cliff_ext.io import atomic_path, open_source
from cliff_ext.structures import get_skeleton
from cliff_ext.visualization import track_color

ZOO = Path(cliff_ext.__file__).parent / 'zoo'
STEPS = [dict(type='JoinTracks'), dict(type='DropBrief', min_frames=6), dict(type='Infill'),
         dict(type='Gaussian1D', sigma=2.)]


def build(pose: str, pose_weights: str, detector: str, detector_weights: str) -> Any:
    """mmpose's inferencer; mmpose is imported after cliff_ext, whose import mends what a wheels-only install lacks."""
    from mmpose.apis import Pose2DInferencer
    return Pose2DInferencer(pose, pose_weights, device='cpu', det_model=detector, det_weights=detector_weights,
                            det_cat_ids=[0])


def jitter(results: Sequence[dict[str, Any]]) -> float:
    """Mean length of the keypoints' second differences over time, pixels, of people seen in three frames running."""
    frames = [{one['track_id']: np.array(one['keypoints']) for one in result['predictions'][0]} for result in results]
    bends = [b[who] * 2 - a[who] - c[who] for a, b, c in zip(frames, frames[1:], frames[2:], strict=False)
             for who in b if who in a and who in c]
    return float(np.linalg.norm(bends, axis=-1).mean())


def draw(image: np.ndarray, people: Sequence[dict[str, Any]], title: str) -> np.ndarray:
    """A copy of a frame with people as sticks, those filled in drawn thin."""
    canvas = image.copy()
    for one in people:
        points = np.round(one['keypoints']).astype(int).tolist()
        color = track_color(one['track_id']).tolist()
        for first, last in get_skeleton('coco17').bones:
            cv2.line(canvas, points[first], points[last], color, 1 if one['filled'] else 3, cv2.LINE_AA)
    cv2.putText(canvas, title, (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 2, cv2.LINE_AA)
    return canvas


def sheet(film: str, before: Sequence[dict], after: Sequence[dict], shown: Sequence[int]) -> np.ndarray:
    """Some frames, above as mmpose returned them, below refined."""
    columns = [np.concatenate([draw(image, results[frame]['predictions'][0], f'{name}, frame {frame}')
                               for name, results in (('mmpose', before), ('refined', after))])
               for frame, _, image in open_source(film) if frame in shown]
    return np.concatenate(columns, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('film')
    parser.add_argument('--out', type=Path, default=Path('outputs/mmpose'))
    parser.add_argument('--pose', default=str(Path(__file__).with_name('cliff_demo-clip.py')))
    parser.add_argument('--pose-weights', default=str(ZOO / 'demo_cliff.pth'))
    parser.add_argument('--detector', default=str(Path(__file__).with_name('detector.py')))
    parser.add_argument('--detector-weights', default=str(ZOO / 'demo_detector.pth'))
    parser.add_argument('--frames', type=int, nargs='+', default=[20, 91, 93], help='which to draw')
    args = parser.parse_args()
    inferencer = build(args.pose, args.pose_weights, args.detector, args.detector_weights)
    before = list(RefinedInferencer(inferencer, [])(args.film))  # no steps: what mmpose returns, with identities
    after = refine_results(before, STEPS)
    filled = sum(one['filled'] for result in after for one in result['predictions'][0])
    print(f'{len(after)} frames, {filled} people filled in; keypoints bend {jitter(before):.2f} pixels a frame, refined '
          f'{jitter(after):.2f}')
    with atomic_path(args.out / 'before_after.png') as file:
        cv2.imwrite(str(file), sheet(args.film, before, after, args.frames))
    print(args.out / 'before_after.png')


if __name__ == '__main__':
    main()
