"""mmpose's people, frame by frame, to tracks, through a track pipeline, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope

from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackPipeline

from .linking import BoxLinker
from .people import SMPL, Person
from .skeletons import check_joints

Frames = Mapping[int, Sequence[Person]]
Steps = Sequence[dict[str, Any]] | str | Path | Config | TrackPipeline
"""A ``track_pipeline=[…]``, or a config (file) that has one, or a pipeline that is built."""


def build_steps(steps: Steps, device: str = 'cpu') -> TrackPipeline:
    """The pipeline, whatever scope the config that names it has.

    Raises:
        KeyError: A step of an unknown type.
    """
    if isinstance(steps, TrackPipeline):
        return steps
    if isinstance(steps, (str, Path, Config)):
        from cliff_ext.apis import build_track_pipeline
        return build_track_pipeline(steps, device=device)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return TrackPipeline(steps).to(device)


def refine_people(frames: Frames, pipeline: TrackPipeline, skeleton: str,
                  image_size: tuple[int, int] | None = None) -> dict[int, list[Person]]:
    """Runs a track pipeline over all people of a film.

    People that were seen keep their place in their frame, those filled in follow. People whose identity is unknown (-1) or
    whose numbers are not finite pass unchanged, unless the pipeline fills in their frame.

    Args:
        frames: People by frame number; frames without people are there, too.
        pipeline: See :func:`build_steps`.
        skeleton: Name of the keypoints' convention.
        image_size: Width and height, for steps that need it.

    Raises:
        ValueError: Keypoints of another skeleton, two people of one identity in a frame, or no means to tell people apart.
    """
    frames = link(frames)
    seen = {frame: {place: person for place, person in enumerate(people) if not _usable(person)}
            for frame, people in frames.items()}
    filled: dict[int, list[Person]] = {frame: [] for frame in frames}
    for track in pipeline(_tracks(frames, skeleton, image_size)):
        for frame, place, person in _people(track, frames):
            if place is None:
                filled[frame].append(person)
            else:
                seen[frame][place] = person
    return {frame: [seen[frame][place] for place in sorted(seen[frame])] + filled[frame] for frame in frames}


def link(frames: Frames) -> dict[int, list[Person]]:
    """Gives everybody an identity who has none; nothing changes where all have one.

    Raises:
        ValueError: Several people in a frame, and neither identities nor boxes.
    """
    ordered = {frame: list(frames[frame]) for frame in sorted(frames)}
    unknown = [person for people in ordered.values() for person in people if person.track_id is None]
    if not unknown:
        return ordered
    if all(len(people) <= 1 for people in ordered.values()):
        return {frame: [person.replace(track_id=0) for person in people] for frame, people in ordered.items()}
    if any(person.bbox is None for person in unknown):
        raise ValueError('several people in a frame, and the results hold neither identities nor boxes to tell them apart '
                         'by; 3D results: run the inferencer through RefinedInferencer, which knows them')
    linker = BoxLinker()
    for frame, people in ordered.items():
        rows = [i for i, person in enumerate(people) if np.isfinite(person.bbox).all()]
        ids = linker(frame, np.array([people[i].bbox for i in rows]).reshape(-1, 4))
        known = dict(zip(rows, ids, strict=True))
        ordered[frame] = [person.replace(track_id=known.get(i, -1)) for i, person in enumerate(people)]
    return ordered


def _usable(person: Person) -> bool:
    return person.finite and person.track_id != -1


def _tracks(frames: Frames, skeleton: str, image_size: tuple[int, int] | None) -> list[HumanTrack]:
    rows: dict[int, dict[int, Person]] = defaultdict(dict)
    for frame, people in frames.items():
        for person in filter(_usable, people):
            if frame in rows[person.track_id]:
                raise ValueError(f'frame {frame} has two people of identity {person.track_id}')
            rows[person.track_id][frame] = person
    return [_track(who, list(seen), list(seen.values()), skeleton, image_size) for who, seen in sorted(rows.items())]


def _track(who: int, frames: Sequence[int], people: Sequence[Person], skeleton: str,
           image_size: tuple[int, int] | None) -> HumanTrack:
    first = people[0].values
    points = np.stack([person.values['keypoints'] for person in people])
    check_joints(skeleton, points.shape[1])
    if points.shape[-1] == 2:
        scores = np.stack([person.values['keypoint_scores'] for person in people])
        pose = dict(keypoints2d=np.concatenate([points, scores[..., None]], -1), keypoints2d_skeleton=skeleton)
    else:
        pose = dict(keypoints3d=points, keypoints3d_skeleton=skeleton)
    body = {name: np.stack([person.values[name] for person in people]) for name in SMPL if name in first}
    boxes = [np.zeros(4) if person.bbox is None else person.bbox for person in people]
    scores = [float(person.values.get('bbox_scores', 1.)) for person in people]
    return HumanTrack(track_id=who, frame_ids=np.array(frames, np.int64), bboxes=np.array(boxes), scores=np.array(scores),
                      filled=np.zeros(len(people), bool), image_size=image_size, **pose, **body)


def _people(track: HumanTrack, frames: Frames) -> list[tuple[int, int | None, Person]]:
    """A track's rows within the film as (frame, place in the frame or None where not seen, person)."""
    rows = [(row, frame, _place(track, row, frames[frame])) for row, frame in enumerate(track.frame_ids.tolist())
            if frame in frames]
    source = next((frames[frame][place] for _, frame, place in rows if place is not None), None)
    people = []
    for row, frame, place in rows if source is not None else []:
        source = source if place is None else frames[frame][place]
        values = {**source.values, **_values(track, row, source)}
        people.append((frame, place, source.replace(values=values, track_id=track.track_id,
                                                    filled=bool(track.filled[row]))))
    return people


def _place(track: HumanTrack, row: int, people: Sequence[Person]) -> int | None:
    """Which person of its frame a track's row was; one of a joined track has another identity, but the same box."""
    for place, person in enumerate(people):
        if person.track_id == track.track_id:
            return place
    for place, person in enumerate(people):
        if _usable(person) and person.bbox is not None and np.array_equal(np.float32(person.bbox), track.bboxes[row]):
            return place
    return None


def _values(track: HumanTrack, row: int, source: Person) -> dict[str, np.ndarray]:
    """What a track says about a row, by the names of ``pred_instances``, of those that the source has."""
    said = {name: getattr(track, name)[row] for name in SMPL if getattr(track, name) is not None}
    if track.keypoints2d is not None:
        said.update(keypoints=track.keypoints2d[row, :, :2], keypoint_scores=track.keypoints2d[row, :, 2])
    else:
        said.update(keypoints=track.keypoints3d[row])
    said.update(bboxes=track.bboxes[row], bbox_scores=track.scores[row])
    return {name: value for name, value in said.items() if name in source.values}
