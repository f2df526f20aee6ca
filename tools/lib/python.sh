# Sourced by the commands in tools/: sets `root` (the checkout) and `python` (a Python that is 3.11 or newer), or stops with advice.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=
for candidate in "${FEDGATE_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    # A name on the PATH proves little: version managers leave shims that only print an error.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "fedgate needs Python 3.11 or newer; none was found on the PATH." >&2
    echo "Install one, or name it: FEDGATE_PYTHON=/path/to/python3 $0" >&2
    exit 2
fi
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
