#!/bin/sh
# What GPUs are to show, in ten minutes: `sh benchmarks/gpu.sh FOLDER`, with torch and JAX for CUDA
# installed; a FastGAN is trained into the folder.
set -eu
nvidia-smi -L
cards=$(nvidia-smi -L | wc -l)
here=$(dirname "$0")
echo "== fit beside hand-written loops"
python "$here/run.py" --backends torch jax --sizes 64x64x3 --rounds 5
echo "== FastGAN, the paper's size"
KERAS_BACKEND=torch python "$here/fastgan_gpu.py" "${1:-fastgan_on_gpu}" --minutes 3
if [ "$cards" -gt 1 ]; then
    echo "== two GPUs beside one"
    python "$here/devices.py" --backends torch jax --sizes 64x64x3 --turns 1
fi
for backend in torch jax; do
    echo "== $backend: a resumed training is the uninterrupted one"
    KERAS_BACKEND=$backend python -m pytest -q "$here/../tests/callbacks/test_exact_resume.py"
done
