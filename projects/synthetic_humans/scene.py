"""One synthetic picture: people in a place before a camera, drawn, with full-frame SMPL ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from appearance import Outfit, finish, light, random_background, random_outfit
from poses import PoseSource
from scipy.spatial.transform import Rotation

from cliff_ext.body_models import SMPL
from cliff_ext.visualization import rasterize, vertex_normals

WORLD_TO_CAMERA = np.array([[1., 0, 0], [0, 0, -1], [0, 1, 0]])
"""z-up world, seen along its y axis, to x right, y down, z forward."""


@dataclass
class People:
    """N people before one camera (camera frame, metres)."""

    global_orient: np.ndarray  # (N, 3, 3)
    body_pose: np.ndarray  # (N, 23, 3, 3)
    betas: np.ndarray  # (N, 10)
    transl: np.ndarray  # (N, 3)
    vertices: np.ndarray  # (N, V, 3)
    joints: np.ndarray  # (N, 24, 3)


@dataclass
class Picture:
    """A drawn frame: BGR picture, and which vertex of the stacked bodies is seen in each pixel (-1 none)."""

    image: np.ndarray  # (H, W, 3) float
    surface: np.ndarray  # (H, W)
    vertex_count: int

    @property
    def person(self) -> np.ndarray:
        """Who is seen in each pixel (H, W), -1 nobody."""
        return self.surface // self.vertex_count


def pose_people(body: SMPL, rotmats: np.ndarray, betas: np.ndarray, transl: np.ndarray) -> People:
    """Poses N bodies; ``rotmats`` (N, 24, 3, 3) with the root already in the camera frame."""
    tensors = [torch.as_tensor(a, dtype=torch.float32) for a in (rotmats[:, 0], rotmats[:, 1:], betas, transl)]
    with torch.no_grad():
        out = body(*tensors)
    return People(rotmats[:, 0], rotmats[:, 1:], betas, transl, out.vertices.numpy(), out.smpl_joints.numpy())


def random_camera_rotation(rng: np.random.Generator) -> np.ndarray:
    """World to camera (3, 3): any heading, a little pitch and roll."""
    heading = Rotation.from_euler('z', rng.uniform(0, 360), degrees=True).as_matrix()
    tilt = Rotation.from_euler('xz', [rng.normal(8, 10), rng.normal(0, 3)], degrees=True).as_matrix()
    return tilt @ WORLD_TO_CAMERA @ heading


def random_places(rng: np.random.Generator, count: int, focal: float, size: tuple[int, int]) -> np.ndarray:
    """Pelvis positions (N, 3) in the camera frame: from small and far to close-ups that the frame cuts."""
    width, height = size
    portrait = height > width
    spread = rng.uniform(0.25, 0.95, count)
    if count == 1 and rng.random() < (0.6 if portrait else 0.3):
        spread = rng.uniform(0.85, 1.45, count)
    tall = spread * height
    depth = focal * 1.7 / tall
    x = rng.uniform(0.12, 0.88, count) * width
    if count == 1:
        x = np.clip(rng.normal(0.5, 0.2, count), 0.05, 0.95) * width
    if count > 1 and rng.random() < 0.5:  # huddle, so that people hide each other
        x = np.clip(x[0] + rng.normal(size=count) * 0.35 * tall.min(), 0.05 * width, 0.95 * width)
        depth = depth[0] * rng.uniform(0.85, 1.2, count)
    slack = np.maximum(height - tall, 0.12 * height)
    y = height / 2 + rng.uniform(-0.5, 0.6, count) * slack
    rays = np.stack([(x - width / 2) / focal, (y - height / 2) / focal, np.ones(count)], 1)
    return rays * depth[:, None]


def draw(rng: np.random.Generator, body: SMPL, people: People, outfits: list[Outfit], region: np.ndarray,
         rest: np.ndarray, focal: float, background: np.ndarray) -> Picture:
    """Paints the people over a background (H, W, 3) float."""
    height, width = background.shape[:2]
    faces, count = body.faces, len(people.vertices)
    stride = len(rest)
    all_faces = np.concatenate([faces + i * stride for i in range(count)])
    raster = rasterize(people.vertices.reshape(-1, 3), all_faces, focal, (width, height), backend='zbuffer')
    seen = raster.face_index >= 0
    surface = np.full(seen.shape, -1)
    image = background.copy()
    if not seen.any():
        return Picture(image, surface, stride)
    normals = np.concatenate([vertex_normals(v, faces) for v in people.vertices])
    attributes = np.concatenate([normals, np.tile(rest, (count, 1))], 1).astype(np.float32)
    value = raster.interpolate(attributes, all_faces)
    corner = raster.barycentric[seen].argmax(1)
    surface[seen] = np.take_along_axis(all_faces[raster.face_index[seen]], corner[:, None], 1)[:, 0]
    owner, vertex = np.divmod(surface[seen], stride)
    color = np.empty((len(owner), 3))
    for i, outfit in enumerate(outfits):
        mine = owner == i
        color[mine] = outfit.paint(region[vertex[mine]], value[mine, 3:])
    unit = value[:, :3] / np.maximum(np.linalg.norm(value[:, :3], axis=1, keepdims=True), 1e-6)
    image[seen] = color * light(rng, unit)
    edge = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    image[edge] = cv2.GaussianBlur(image, (3, 3), 0)[edge]
    return Picture(image, surface, stride)


def random_scene(rng: np.random.Generator, body: SMPL, region: np.ndarray, regions: list[str], rest: np.ndarray,
                 poses: PoseSource) -> dict:
    """A random picture with its ground truth.

    Args:
        rng: Decides everything.
        body: The body model.
        region: (V,) region of each vertex, index into ``regions``.
        regions: Names of the regions.
        rest: (V, 3) T-pose, for patterns.
        poses: Where poses come from, root in a z-up world.

    Returns:
        ``image`` uint8, and arrays over the people: SMPL in the camera frame, ``joints`` (N, 24, 3), ``bbox`` (N, 4) of
        the whole body cut to the frame, ``visible`` (N,) share of the body that can be seen; ``focal``, ``size``;
        ``surface`` (H / 2, W / 2) uint16, of every second pixel 1 + the vertex seen, counted on over the people, 0 none.
    """
    sizes = [(640, 480), (480, 640), (640, 360), (360, 640), (360, 640), (480, 480)]
    size = sizes[rng.integers(len(sizes))]
    diagonal = float(np.hypot(*size))
    focal = diagonal * (1. if rng.random() < 0.7 else rng.uniform(0.75, 1.5))
    count = int(rng.choice([1, 2, 3, 4], p=[0.4, 0.3, 0.2, 0.1]))
    rotmats = poses.draw(rng, count)
    turn = Rotation.from_euler('z', rng.uniform(0, 360, (count, 1)), degrees=True).as_matrix()
    rotmats[:, 0] = random_camera_rotation(rng) @ turn @ rotmats[:, 0]
    betas = np.clip(rng.normal(size=(count, 10)) * 0.9, -2.5, 2.5)
    people = pose_people(body, rotmats, betas, np.zeros((count, 3)))
    transl = random_places(rng, count, focal, size) - people.joints[:, 0]
    people = People(people.global_orient, people.body_pose, betas, transl, people.vertices + transl[:, None],
                    people.joints + transl[:, None])
    outfits = [random_outfit(rng, regions) for _ in range(count)]
    picture = draw(rng, body, people, outfits, region, rest, focal, random_background(rng, size))
    if rng.random() < 0.25:
        hide(rng, picture)
    bbox, visible = boxes_of(people.vertices, picture.person, focal, size)
    return dict(image=finish(rng, picture.image), global_orient=people.global_orient, body_pose=people.body_pose,
                betas=betas, transl=transl, joints=people.joints, bbox=bbox, visible=visible, focal=focal, size=size,
                surface=(picture.surface[::2, ::2] + 1).astype(np.uint16))


def hide(rng: np.random.Generator, picture: Picture) -> None:
    """Puts a flat thing before the people."""
    height, width = picture.person.shape
    x, y = int(rng.uniform(0, 0.9) * width), int(rng.uniform(0.1, 0.95) * height)
    w, h = int(rng.uniform(0.05, 0.35) * width), int(rng.uniform(0.1, 0.5) * height)
    area = np.s_[y:y + h, x:x + w]
    picture.image[area] = rng.uniform(0, 255, 3) * rng.uniform(0.8, 1.1, picture.image[area].shape[:2] + (1, ))
    picture.surface[area] = -1


def surface_of(surface: np.ndarray, people: np.ndarray, vertices: int) -> np.ndarray:
    """The map of seen vertices with only some ``people``, counted on in their order."""
    person, vertex = np.divmod(surface.astype(np.int64) - 1, vertices)
    number = np.full(max(person.max(), people.max(initial=0)) + 2, -1)
    number[people] = np.arange(len(people))
    return np.where(number[person] >= 0, 1 + number[person] * vertices + vertex, 0).astype(np.uint16)


def boxes_of(vertices: np.ndarray, person: np.ndarray, focal: float, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (N, 4) of whole bodies cut to the frame, and the seen share (N,) of what their box would show alone."""
    points = vertices[..., :2] / np.maximum(vertices[..., 2:], 0.05) * focal + np.array(size) / 2
    low = np.clip(points.min(1), 0, size)
    high = np.clip(points.max(1), 0, size)
    seen = np.array([(person == i).sum() for i in range(len(vertices))])
    inside = ((points >= 0) & (points < size)).all(-1).mean(1)
    whole = np.maximum((points.max(1) - points.min(1)).prod(1) * 0.3 * inside, 1)
    return np.concatenate([low, high], 1), np.clip(seen / whole, 0, 1)
