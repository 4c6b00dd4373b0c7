#!/bin/sh
# Makes a virtual environment with the first Python on the path that is new enough.
# Usage: sh scripts/venv.sh FOLDER [PYTHON]
set -eu

folder=$1
chosen=${2:-}

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

describe() {
    "$1" -c 'import sys; print("this is Python %d.%d.%d" % sys.version_info[:3])' 2>/dev/null || echo "it cannot be run"
}

if new_enough "$folder/bin/python" && "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

if [ -n "$chosen" ]; then
    set -- "$chosen"
else
    set -- python3 python3.14 python3.13 python3.12 python3.11
fi
first=$1
python=
for candidate in "$@"; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    say "Outstanding needs Python 3.11 or newer. Tried $first: $(describe "$first")." \
        "Install a newer one, or name it: make run PYTHON=/path/to/python3.12"
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "$python cannot make virtual environments: on Debian and Ubuntu, install the package python3-venv."
    exit 1
fi

# What is there does not work (or is not there): start afresh.
"$python" -m venv --clear "$folder"
