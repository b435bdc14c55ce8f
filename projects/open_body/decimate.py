"""Edge collapse that keeps a subset of the vertices, so that skinning weights and shapes carry over unchanged."""

from __future__ import annotations

import heapq

import numpy as np
from tqdm import tqdm


class HalfEdgeCollapse:
    """Quadric edge collapse onto an end point [Garland and Heckbert 1997].

    Args:
        vertices: (V, 3).
        faces: (F, 3) of a manifold surface; borders are kept as they are.
        locked: (V,) vertices that must survive.
    """

    def __init__(self, vertices: np.ndarray, faces: np.ndarray, locked: np.ndarray) -> None:
        self.vertices = vertices
        self.faces = [tuple(face) for face in faces.tolist()]
        self.around: list[set[int]] = [set() for _ in vertices]
        for index, face in enumerate(self.faces):
            for vertex in face:
                self.around[vertex].add(index)
        self.locked = locked | self._border()
        self.quadrics = self._quadrics(faces)
        self.version = [0] * len(vertices)
        self.heap: list[tuple[float, int, int, int, int]] = []
        for vertex in range(len(vertices)):
            self._push(vertex)

    def run(self, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Collapses until ``target`` vertices are left; returns kept vertex indices (target,) and faces (F', 3)."""
        left = sum(bool(a) for a in self.around)
        with tqdm(total=left - target, desc='edge collapse') as bar:
            while left > target:
                if not self.heap:
                    raise RuntimeError(f'no edge can be collapsed any more at {left} vertices, wanted {target}')
                _, gone, kept, gone_version, kept_version = heapq.heappop(self.heap)
                current = (self.version[gone], self.version[kept])
                if current != (gone_version, kept_version) or not self.around[gone] or not self._allowed(gone, kept):
                    continue
                self._collapse(gone, kept)
                left -= 1
                bar.update()
        survivors = np.array([v for v, a in enumerate(self.around) if a])
        lookup = np.full(len(self.vertices), -1)
        lookup[survivors] = np.arange(len(survivors))
        alive = sorted(set().union(*self.around))
        return survivors, lookup[np.array([self.faces[i] for i in alive])]

    def _border(self) -> np.ndarray:
        count: dict[tuple[int, int], int] = {}
        for a, b, c in self.faces:
            for edge in ((a, b), (b, c), (c, a)):
                key = (min(edge), max(edge))
                count[key] = count.get(key, 0) + 1
        border = np.zeros(len(self.vertices), bool)
        border[[v for edge, n in count.items() if n != 2 for v in edge]] = True
        return border

    def _quadrics(self, faces: np.ndarray) -> np.ndarray:
        a, b, c = (self.vertices[faces[:, i]] for i in range(3))
        normal = np.cross(b - a, c - a)
        area = np.linalg.norm(normal, axis=1, keepdims=True)
        normal = normal / np.maximum(area, 1e-12)
        plane = np.concatenate([normal, -(normal * a).sum(1, keepdims=True)], 1)
        per_face = plane[:, :, None] * plane[:, None, :] * area[:, :, None]
        quadrics = np.zeros((len(self.vertices), 4, 4))
        for corner in range(3):
            np.add.at(quadrics, faces[:, corner], per_face)
        return quadrics

    def _neighbours(self, vertex: int) -> set[int]:
        return {v for index in self.around[vertex] for v in self.faces[index]} - {vertex}

    def _push(self, vertex: int) -> None:
        for other in self._neighbours(vertex):
            for gone, kept in ((vertex, other), (other, vertex)):
                if self.locked[gone]:
                    continue
                point = np.append(self.vertices[kept], 1)
                shape = point @ (self.quadrics[gone] + self.quadrics[kept]) @ point
                length = ((self.vertices[gone] - self.vertices[kept])**2).sum()
                heapq.heappush(self.heap, (shape + 1e-6 * length, gone, kept, self.version[gone], self.version[kept]))

    def _allowed(self, gone: int, kept: int) -> bool:
        shared = self.around[gone] & self.around[kept]
        if len(shared) != 2 or len(self._neighbours(gone) & self._neighbours(kept)) != 2:
            return False
        for index in self.around[gone] - shared:
            before = self.vertices[list(self.faces[index])]
            after = self.vertices[[kept if v == gone else v for v in self.faces[index]]]
            old, new = (np.cross(t[1] - t[0], t[2] - t[0]) for t in (before, after))
            if old @ new < 0.2 * np.linalg.norm(old) * np.linalg.norm(new) or np.linalg.norm(new) < 1e-10:
                return False
        return True

    def _collapse(self, gone: int, kept: int) -> None:
        for index in self.around[gone] & self.around[kept]:
            for vertex in self.faces[index]:
                self.around[vertex].discard(index)
        for index in list(self.around[gone]):
            self.faces[index] = tuple(kept if v == gone else v for v in self.faces[index])
            self.around[kept].add(index)
        self.around[gone] = set()
        self.quadrics[kept] += self.quadrics[gone]
        self.version[kept] += 1
        self._push(kept)
