"""Installs cliff_ext. The configs travel inside the package as ``cliff_ext/configs``."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def requirements(name: str) -> list[str]:
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line.partition('#')[0].strip() for line in lines if line.partition('#')[0].strip()]


def config_packages() -> dict[str, str]:
    folders = sorted({path.parent.relative_to(ROOT) for path in (ROOT / 'configs').rglob('*.py')})
    return {'cliff_ext.' + '.'.join(folder.parts): str(folder) for folder in [Path('configs'), *folders]}


extras = {name: requirements(name) for name in ('default', 'body', 'render', 'convert', 'tests')}
extras['all'] = extras['default'] + extras['body'] + extras['render'] + extras['convert']
configs = config_packages()
setup(
    name='cliff_ext',
    version=re.search(r"__version__ = '(.+)'", (ROOT / 'cliff_ext/__init__.py').read_text())[1],
    description='Human mesh recovery in the full camera, as OpenMMLab modules: CLIFF from video to SMPL people',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=[*find_packages(include=['cliff_ext', 'cliff_ext.*']), *configs],
    package_dir=configs,
    package_data={'cliff_ext': ['body_models/data/*', 'zoo/*'], **{name: ['*.py'] for name in configs}},
    install_requires=requirements('runtime'),
    extras_require=extras,
)
