#!/bin/sh
# Make .venv with Lockgate (editable) and the dev group: through uv when it is there, else venv and pip.
set -eu
cd "$(dirname "$0")/.."

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=${PYTHON:-}
if [ -z "$python" ]; then
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$name"; then python=$name; break; fi
    done
fi

if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --allow-existing --python "${python:-3.11}" .venv
    uv pip install --quiet --python .venv/bin/python --editable . --group dev
    exit
fi

if [ -z "$python" ] || ! is_new_enough "$python"; then
    echo "Lockgate needs Python 3.11 or newer (or uv, which brings one); name one with: make PYTHON=/path/to/python" >&2
    exit 1
fi
if [ ! -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
    "$python" -m venv --clear .venv || {
        echo "python -m venv failed; on Debian and Ubuntu it comes with: apt install python3-venv" >&2
        exit 1
    }
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
.venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'   # the first that knows dependency groups
.venv/bin/python -m pip install --quiet --editable . --group dev
