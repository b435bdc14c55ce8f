"""What synthetic people and places look like: clothes, skin and hair by body region, procedural backgrounds, light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SKIN = np.array([[141, 172, 224], [120, 150, 205], [95, 125, 190], [70, 100, 160], [50, 75, 125], [38, 55, 95],
                 [160, 190, 235]], float)
"""Skin tones, BGR."""
HAIR = np.array([[20, 20, 25], [30, 45, 70], [40, 70, 110], [90, 150, 190], [60, 60, 65], [170, 170, 175],
                 [35, 50, 130]], float)


@dataclass
class Outfit:
    """Colours (R, 3) BGR of each body region, and a pattern painted over the clothed ones."""

    colors: np.ndarray
    patterned: np.ndarray  # (R,) bool
    kind: int  # 0 none, 1 stripes, 2 checks, 3 blotches
    direction: np.ndarray  # (3,) rad per metre
    second: np.ndarray  # (3,) BGR

    def paint(self, region: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Colours (M, 3) of surface points from their region (M,) and place on the T-pose (M, 3), metres."""
        color = self.colors[region]
        if self.kind == 0:
            return color
        wave = np.sin(place * self.direction * (1 if self.kind > 1 else [0, 1, 0]))
        mask = {1: wave[:, 1] > 0.3, 2: wave[:, 0] * wave[:, 1] > 0, 3: wave.sum(1) > 0.8}[self.kind]
        return np.where((mask & self.patterned[region])[:, None], self.second, color)


def random_outfit(rng: np.random.Generator, regions: list[str]) -> Outfit:
    """Dresses a body: sleeves, trouser length, shoes, gloves of chance; face, eyes, brows, lips and hair stay telling."""
    index = {name: i for i, name in enumerate(regions)}
    skin = SKIN[rng.integers(len(SKIN))] * rng.uniform(0.85, 1.1)
    hair = HAIR[rng.integers(len(HAIR))] * rng.uniform(0.8, 1.2)
    top, bottom, shoes = (_cloth_color(rng) for _ in range(3))
    if rng.random() < 0.2:
        bottom = top
    colors = np.tile(skin, (len(regions), 1))
    for name in ('chest', 'belly'):
        colors[index[name]] = top
    cut = rng.random()
    if cut < 0.85:
        colors[index['upper_arm']] = top
    if cut < 0.5:
        colors[index['forearm']] = top
    if rng.random() < 0.1:
        colors[index['belly']] = skin
    colors[index['hips']] = bottom
    legs = rng.random()
    if legs < 0.9:
        colors[index['thigh']] = bottom
    if legs < 0.7:
        colors[index['shin']] = bottom
    if rng.random() < 0.9:
        colors[index['foot']] = shoes
    colors[index['hair']] = hair if rng.random() < 0.92 else skin * 0.95
    colors[index['brows']] = hair * 0.7
    colors[index['eyes']] = (225, 225, 225) if rng.random() < 0.3 else (60, 50, 45)
    colors[index['lips']] = skin * [0.65, 0.6, 0.95]
    patterned = (colors == top).all(1) | ((colors == bottom).all(1) & (rng.random() < 0.3))
    kind = int(rng.choice(4, p=[0.5, 0.2, 0.12, 0.18]))
    return Outfit(colors, patterned, kind, rng.uniform(20, 120, 3), _cloth_color(rng))


def _cloth_color(rng: np.random.Generator) -> np.ndarray:
    hsv = np.array([[[rng.integers(180), int(255 * rng.beta(1.2, 2)), int(255 * rng.uniform(0.06, 0.97))]]], np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(float)


def noise(rng: np.random.Generator, size: tuple[int, int], octaves: int = 4) -> np.ndarray:
    """Fractal value noise (H, W) in [0, 1] for size (width, height)."""
    total = np.zeros(size[::-1], np.float32)
    for octave in range(octaves):
        cells = 2**(octave + 1) + rng.integers(3)
        coarse = rng.random((cells, cells), np.float32)
        total += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) / 2**octave
    return np.clip((total - total.min()) / (np.ptp(total) + 1e-6), 0, 1)


def random_background(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A place (H, W, 3) float BGR: wall, floor, furniture-like clutter, or open noise."""
    width, height = size
    low, high = _cloth_color(rng), _cloth_color(rng)
    blend = noise(rng, size, int(rng.integers(1, 6)))[..., None]
    strength = rng.uniform(0.1, 1)
    image = low + (high - low) * blend * strength
    if rng.random() < 0.6:
        horizon = int(height * rng.uniform(0.35, 0.95))
        floor = _cloth_color(rng)
        shade = np.linspace(0.6, 1.1, height - horizon)[:, None, None]
        grain = noise(rng, (width, max(height - horizon, 1)), 5)[..., None]
        image[horizon:] = floor * shade * (0.8 + 0.4 * grain)
    for _ in range(rng.integers(0, 14)):
        _clutter(rng, image)
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 5))
    return image


def _clutter(rng: np.random.Generator, image: np.ndarray) -> None:
    height, width = image.shape[:2]
    color = _cloth_color(rng).tolist() if rng.random() < 0.8 else SKIN[rng.integers(len(SKIN))].tolist()
    x, y = int(rng.uniform(-0.1, 1.1) * width), int(rng.uniform(-0.1, 1.1) * height)
    w, h = (int(side * rng.beta(1, 4)) + 3 for side in (width, height))
    kind = rng.integers(4)
    if kind == 0:
        cv2.rectangle(image, (x, y), (x + w, y + h), color, -1 if rng.random() < 0.7 else 3)
    elif kind == 1:
        cv2.ellipse(image, (x, y), (w // 2 + 1, h // 2 + 1), float(rng.uniform(0, 180)), 0, 360, color, -1)
    elif kind == 2:
        cv2.line(image, (x, y), (x + int(rng.normal() * w), y + h), color, int(rng.integers(1, 24)), cv2.LINE_AA)
    else:
        points = np.array([[x, y]]) + rng.normal(size=(6, 2)) * [w / 2, h / 2]
        cv2.fillPoly(image, [points.astype(np.int32)], color, cv2.LINE_AA)


def light(rng: np.random.Generator, normals: np.ndarray) -> np.ndarray:
    """Shading factors (M, 3) of unit normals (M, 3) in the camera frame: ambient, one coloured lamp, a rim."""
    lamp = rng.normal(size=3) * [1, 0.5, 0.8] + [0, -0.7, -0.7]
    lamp /= np.linalg.norm(lamp)
    tint = rng.uniform(0.75, 1.15, 3)
    ambient = rng.uniform(0.35, 0.75)
    diffuse = np.clip(normals @ lamp, 0, 1)[:, None] * rng.uniform(0.4, 0.9)
    facing = np.clip(-normals[:, 2:], 0, 1)
    return (ambient * (0.75 + 0.25 * facing) + diffuse) * tint


def finish(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Camera effects on a float picture: blur, gamma, colour cast, noise; returns uint8."""
    if rng.random() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))
    image = 255 * np.clip(image / 255, 0, 1)**rng.uniform(0.75, 1.35) * rng.uniform(0.9, 1.1, 3)
    if rng.random() < 0.06:
        image = np.repeat(image.mean(-1, keepdims=True), 3, -1)
    image = image + rng.normal(size=image.shape[:2] + (1, )) * rng.uniform(0, 9)
    return np.clip(image, 0, 255).astype(np.uint8)
