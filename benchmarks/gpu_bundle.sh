#!/usr/bin/env bash
# Pack what `benchmarks/gpu.py` needs into one file, for a machine with a GPU and JAX, but without network or this
# repository: gpu.py and what it imports, workflow/, and Keras with the small packages that the training imports.
#
#   benchmarks/gpu_bundle.sh [FILE]                      # else benchmarks/results/gpu-bundle.tar.gz
#   FOR_PYTHON=3.12 benchmarks/gpu_bundle.sh [FILE]      # where Python there is another version than in .venv
#
# There, with the Python that has JAX:
#
#   tar xzf gpu-bundle.tar.gz
#   python3 gpu-bundle/benchmarks/gpu.py --output gpu.json      # within 6 minutes; --seconds 540 for more parts
#
# The packages are those of requirements.lock, for Linux on x86-64, taken from uv's cache or your package registry. What
# the machine has itself comes before what is carried. JAX, numpy and scipy must be there; torch and timm are measured
# beside the training where they are.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

FILE=$(realpath -m "${1:-benchmarks/results/gpu-bundle.tar.gz}")
FOR_PYTHON=${FOR_PYTHON:-$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')}
MODULES=(gpu gpu_cards gpu_epoch gpu_parts gpu_timm gpu_training harness train_step)
PACKAGES=(keras namex optree h5py absl-py rich markdown-it-py mdurl pygments packaging
    pandas python-dateutil six pydantic pydantic-core annotated-types typing-inspection typing-extensions pyyaml tqdm)
LIMIT=$((64 * 1024 * 1024))

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
bundle=$made/gpu-bundle
mkdir -p "$bundle/benchmarks" "$bundle/packages"
cp $(printf 'benchmarks/%s.py ' "${MODULES[@]}") "$bundle/benchmarks/"
cp -r workflow "$bundle/workflow"
git describe --always --dirty > "$bundle/REVISION"

# A package's lines in the lock are its own and, below it and indented, its hashes.
names=$(IFS='|'; echo "${PACKAGES[*]}")
awk -v names="^($names)==" '/^[^ #]/ { kept = $0 ~ names } kept' requirements.lock > "$made/packages.lock"
uv pip install --quiet --no-deps --only-binary :all: --require-hashes --requirement "$made/packages.lock" \
    --target "$bundle/packages" --python-version "$FOR_PYTHON" --python-platform x86_64-manylinux_2_28
rm -rf "$bundle/packages/bin" "$bundle/packages/pandas/tests"
find "$bundle" -name __pycache__ -prune -exec rm -rf {} +

mkdir -p "$(dirname "$FILE")"
tar -czf "$FILE" -C "$made" gpu-bundle
size=$(stat -c %s "$FILE")
((size <= LIMIT)) || { echo "$FILE has $size bytes, more than $LIMIT" >&2; exit 1; }
echo "$FILE: $((size / 1024 / 1024)) MiB, for Python $FOR_PYTHON"
