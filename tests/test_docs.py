"""Every command and every Python block of the documentation does what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mmengine.registry import Registry

from cliff_ext import registry as registries
from cliff_ext.registry.listing import list_package
from tests.docs.blocks import Block, commands, read_blocks, says
from tests.docs.commands import check, run

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / 'docs').rglob('*.md')) + [ROOT / 'projects/README.md', ROOT / 'projects/example_project/README.md']
FRONT_PAGES = sorted({ROOT / 'README.md', *(ROOT / 'configs').rglob('README.md'), *(ROOT / 'projects').rglob('README.md'),
                      *(ROOT / 'tools').rglob('README.md')} - set(PAGES))
LINK = re.compile(r'\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)')
HERE = ('cliff_ext', 'configs', 'docs', 'projects', 'requirements', 'tests', 'tools', 'Makefile', 'README.md', 'setup.py')
SLOW = [page for page in PAGES if any(block.slow for block in read_blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """A folder that looks like a checkout, to work and write in; what its pages register is forgotten afterwards."""
    folder = tmp_path / 'checkout'
    (folder / 'outputs').mkdir(parents=True)
    for part in HERE:
        (folder / part).symlink_to(ROOT / part)
    monkeypatch.chdir(folder)
    yield folder
    for registry in vars(registries).values():
        if isinstance(registry, Registry):
            for name in [name for name, cls in registry.module_dict.items() if cls.__module__ == 'docs']:
                del registry.module_dict[name]


def follow(page: Path, capsys, slow: bool) -> None:
    """Does what a reader of the page does; with ``slow`` all of it, else what takes little time."""
    scope: dict = {'__name__': 'docs'}
    for block in read_blocks(page):
        where = f'{name(page)}:{block.line}'
        capsys.readouterr()
        if block.file:
            Path(block.file).write_text(block.text)
        elif block.needs:
            check_block(block)
        elif slow or not block.slow:
            try:
                do(block, scope)
            except Exception as error:
                raise AssertionError(f'{where} does not work: {error}') from error
            printed = capsys.readouterr().out
            assert says(block.prints, printed), f'{where} printed\n{printed}\nand the page says\n{block.prints}'


def do(block: Block, scope: dict) -> None:
    if block.language == 'python':
        exec(compile(block.text, 'docs', 'exec'), scope)
        return
    for command in commands(block.text):
        run(command)


def check_block(block: Block) -> None:
    if block.language == 'python':
        compile(block.text, 'docs', 'exec')
        return
    for command in commands(block.text):
        check(command, Path())


@pytest.mark.parametrize('page', PAGES, ids=name)
def test_a_page_does_what_it_says(page, checkout, capsys):
    follow(page, capsys, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize('page', SLOW, ids=name)
def test_a_page_does_what_it_says_to_the_end(page, checkout, capsys):
    follow(page, capsys, slow=True)


@pytest.mark.parametrize('page', FRONT_PAGES, ids=name)
def test_commands_of_a_front_page_are_taken_by_their_tools(page, checkout):
    fences = re.findall(r'^```(?:bash)?\n(.*?)^```', page.read_text(), re.MULTILINE | re.DOTALL)
    for command in (command for text in fences for command in commands(text)):
        if command.startswith(('python ', 'PYTHONPATH=', 'make ', 'tools/')):
            check(command, checkout)


@pytest.mark.parametrize('page', PAGES + FRONT_PAGES, ids=name)
def test_links_lead_somewhere(page):
    prose = re.sub(r'^```.*?^```', '', page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in LINK.findall(prose):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f'{name(page)} links to {target}, which is not there'
        if anchor and file.suffix == '.md':
            headings = re.findall(r'^#+ (.*)$', file.read_text(), re.MULTILINE)
            slugs = [re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings]
            assert anchor[1:] in slugs, f'{name(page)} links to {target}{anchor}; there are {slugs}'


@pytest.mark.parametrize('page', PAGES, ids=name)
def test_a_file_of_a_page_is_used_on_it(page):
    blocks = read_blocks(page)
    for number, block in enumerate(blocks):
        if block.file:
            stem = Path(block.file).stem
            assert any(stem in later.text for later in blocks[number + 1:]), f'{block.file} is never used'


def test_every_page_is_in_the_index():
    index = (ROOT / 'docs/README.md').read_text()
    for page in (ROOT / 'docs').rglob('*.md'):
        assert page.name == 'README.md' or f'({page.relative_to(ROOT / "docs")})' in index, page
    assert '(docs/README.md)' in (ROOT / 'README.md').read_text()


def test_every_project_is_in_the_list():
    listed = (ROOT / 'projects/README.md').read_text()
    for project in (ROOT / 'projects').iterdir():
        assert not project.is_dir() or project.name.startswith('__') or f'({project.name})' in listed, project


def test_every_step_of_ours_is_on_the_page_about_refinement():
    page = (ROOT / 'docs/refinement.md').read_text()
    steps = [row.name for row in list_package().entries if row.registry == 'track transform' and '.tracks.' in row.where]
    assert len(steps) >= 9 and not [step for step in steps if f'`{step}`' not in page]


def test_our_figures_in_the_model_zoo_are_those_of_the_page_named():
    zoo = ROOT / 'docs/model_zoo.md'
    ours = zoo.read_text().partition('## Ours')[2].partition('## ')[0]
    rows = [line.split('|')[1:-1] for line in ours.splitlines() if line.startswith('| ') and '](' in line]
    assert len(rows) >= 7
    for weights, _, figures, command, page in rows:
        source = (zoo.parent / LINK.search(page)[1]).read_text()
        for number in re.findall(r'\d+\.\d+|(?<!P)\d{2,}', figures):
            assert re.search(rf'(?<![\d.]){re.escape(number)}(?![\d.]*\d)', source), f'{weights}: {number} is not on {page}'
        assert (ROOT / command.strip(' `')).exists(), command


@pytest.mark.parametrize('page', PAGES + FRONT_PAGES, ids=name)
def test_no_figure_is_still_to_be_filled_in(page):
    assert not re.findall(r'@[A-Z][A-Z0-9_]*@', page.read_text())


def test_what_is_printed_is_compared_line_by_line_in_order():
    assert says('a\n3 people, … frames', 'x\na\n3 people, 12 frames\n')
    assert not says('3 people', '13 people') and not says('a\nb', 'b\na') and says('', '')
