"""Packaging of cliff_ext; the requirements live in requirements/*.txt."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
EXTRAS = ('default', 'body', 'render', 'tests')


def read(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding='utf-8') if path.exists() else ''


def version() -> str:
    found = re.search(r"^__version__ = '([^']+)'", read('cliff_ext/__init__.py'), re.MULTILINE)
    if found is None:
        raise RuntimeError("cliff_ext/__init__.py holds no line like __version__ = '0.1.0'")
    return found[1]


def requirements(name: str) -> list[str]:
    lines = (line.split('#')[0].strip() for line in read(f'requirements/{name}.txt').splitlines())
    return [line for line in lines if line]


extras = {name: requirements(name) for name in EXTRAS}
setup(
    name='cliff_ext',
    version=version(),
    description='Human mesh recovery in the full camera (CLIFF), from a video to SMPL people, as OpenMMLab modules',
    long_description=read('README.md'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    license_files=['LICENSE'],
    classifiers=[
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Topic :: Scientific/Engineering :: Image Recognition',
    ],
    python_requires='>=3.10',
    packages=find_packages(include=['cliff_ext', 'cliff_ext.*']),
    package_data={
        'cliff_ext': ['zoo/*'],
        'cliff_ext.body_models': ['data/*'],
    },
    install_requires=requirements('runtime'),
    extras_require={**extras, 'all': sorted({line for lines in extras.values() for line in lines})},
    zip_safe=False,
)
