"""Peak memory of a video and of the same video several times longer, and frames a second of each stage.

    python tools/analysis_tools/benchmark_video.py cliff_ext/zoo/demo_clip.mp4
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cliff_ext.io import VideoReader, VideoWriter

CHILD = '''
import json, resource, sys
from cliff_ext.apis import HumanMeshInferencer
result = HumanMeshInferencer(sys.argv[2] or None)(sys.argv[1], sys.argv[3], progress=False)
print(json.dumps(dict(frames=result.num_frames, people_rows=sum(map(len, result.tracks)), seconds=result.seconds,
                      peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
'''


def repeat(source: Path, target: Path, times: int) -> None:
    """Writes a video several times in a row."""
    reader = VideoReader(source)
    with VideoWriter(target, reader.fps) as writer:
        for _ in range(times):
            for frame in reader:
                writer.write(frame)


def measure(video: Path, config: str, folder: Path) -> dict:
    """Runs the pipeline in a process of its own."""
    done = subprocess.run([sys.executable, '-c', CHILD, str(video), config, str(folder)], stdout=subprocess.PIPE, text=True,
                          check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', type=Path)
    parser.add_argument('config', nargs='?', default='')
    parser.add_argument('--times', type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        videos = {1: Path(folder) / 'once.mp4', args.times: Path(folder) / 'longer.mp4'}
        peaks = {}
        for times, path in videos.items():
            repeat(args.video, path, times)
            figures = measure(path, args.config, Path(folder) / f'out{times}')
            peaks[times] = figures['peak_mb']
            frames = figures['frames']
            stages = [f'{stage} {frames / s:.1f} fps' for stage, s in figures['seconds'].items() if s > 0.01]
            print(f'{frames} frames, {figures["people_rows"]} people: peak {figures["peak_mb"]:.0f} MB;', ', '.join(stages))
        print(f'{args.times} times longer: {100 * (peaks[args.times] / peaks[1] - 1):+.1f} % memory')


if __name__ == '__main__':
    main()
