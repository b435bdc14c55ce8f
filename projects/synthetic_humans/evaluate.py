"""Figures on rendered people that training never saw: the detector's AP50, CLIFF's errors, and CLIFF without bbox_info.

    python projects/synthetic_humans/evaluate.py data/synthetic_humans/test
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from crops import Crops
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from tqdm import tqdm

from cliff_ext.apis import Estimator, MMDetDetector, mesh_errors
from cliff_ext.body_models import SMPL
from cliff_ext.structures import FullFrame

PARAMS = ('global_orient', 'body_pose', 'betas')


def detector_ap(folder: Path, checkpoint: str) -> dict[str, float]:
    """COCO's AP at IoU 0.5 and 0.5:0.95, and recall at 0.5."""
    detector = MMDetDetector('configs/detector/yolox_person_416_synthetic.py', checkpoint)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / 'coco.json'))
        found = []
        for image_id in tqdm(truth.getImgIds(), desc='detecting'):
            image = cv2.imread(str(folder / 'images' / truth.imgs[image_id]['file_name']))
            boxes = detector(image_id, [image])[0]
            for (x1, y1, x2, y2), score in zip(boxes.bboxes.tolist(), boxes.scores.tolist(), strict=True):
                found.append(dict(image_id=image_id, category_id=1, bbox=[x1, y1, x2 - x1, y2 - y1], score=score))
        judge = COCOeval(truth, truth.loadRes(found), 'bbox')
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    recall = judge.eval['recall'][0, 0, 0, -1]
    return dict(ap=float(judge.stats[0]), ap50=float(judge.stats[1]), recall50=float(recall))


@torch.no_grad()
def cliff_errors(folder: Path, checkpoint: str, with_bbox_info: bool) -> dict[str, float]:
    """Errors on the data set's crops at their true boxes."""
    estimator = Estimator('configs/cliff/cliff_res18-parts_128x96_synthetic.py', checkpoint)
    crops, model = Crops(folder), estimator.model
    model.bbox_info = with_bbox_info
    parts = []
    for start in tqdm(range(0, len(crops), 64), desc='estimating'):
        batch = crops.batch(np.arange(start, min(start + 64, len(crops))), None)
        frame = FullFrame(batch['center'], batch['scale'], batch['size'], batch['focal'])
        inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
        parts.append(model.estimate(inputs, frame))
    ours = [torch.cat([getattr(part, name) for part in parts]) for name in PARAMS]
    truth = [torch.from_numpy(crops.data[name]).float() for name in PARAMS]
    return mesh_errors(SMPL(), ours, truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path)
    parser.add_argument('--detector', default='embedded:demo_detector.pth')
    parser.add_argument('--cliff', default='embedded:demo_cliff.pth')
    args = parser.parse_args()
    figures = dict(detector=detector_ap(args.data, args.detector), cliff=cliff_errors(args.data, args.cliff, True),
                   cliff_without_bbox_info=cliff_errors(args.data, args.cliff, False))
    print(json.dumps(figures, indent=1))


if __name__ == '__main__':
    main()
