"""Lists every class that cliff_ext registers, with its registry and scope.

    python -m cliff_ext.registry
    python -m cliff_ext.registry --against mmdet mmpose
"""

from __future__ import annotations

import argparse
import sys

from .listing import list_package, shared_names, table


def main() -> int:
    parser = argparse.ArgumentParser(prog='python -m cliff_ext.registry', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--against', nargs='+', default=[], metavar='PACKAGE',
                        help='fail if one of these installed packages registers a name of ours')
    args = parser.parse_args()
    rows, missing = list_package()
    print(table(rows))
    print(f'{len(rows)} names in {len({row[:2] for row in rows})} registries')
    for what in missing:
        print(f'not listed: {what}', file=sys.stderr)
    shared = shared_names(args.against)
    for name, package in shared:
        print(f'error: {package} registers {name!r} too', file=sys.stderr)
    if args.against and not shared:
        print(f'none of them is a name of {" or ".join(args.against)}')
    return int(bool(shared))


if __name__ == '__main__':
    sys.exit(main())
