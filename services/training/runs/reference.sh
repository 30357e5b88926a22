#!/bin/sh
# The reference model, from nothing to a bundle and its report.
#
#   services/training/runs/reference.sh VERSION FOLDER [MINUTES] [OPTION...]
#
#   VERSION    of the bundle, such as 0.4.0
#   FOLDER     for all of it: drawings, run, models, report; about 12 GB. Started again on the same
#              folder it goes on where it was.
#   MINUTES    for drawing and training (45: on one H100 with 16 cores about 500 epochs)
#   OPTION     of `python -m benchmarks.gpu.reference`, such as --device cpu --patients 100
#
# Needs `make setup-dev`, and for a GPU a torch that knows it. What comes out is in
# FOLDER/models/densa-resnet18/VERSION and FOLDER/evaluation.html; `densa publish` puts it into a
# model repository.
set -eu

if [ $# -lt 2 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 2
fi
version=$1 folder=$2 minutes=${3:-45}
shift 2
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../../.."
bin=${VENV:-.venv}/bin

"$bin/python" -m benchmarks.gpu.reference "$folder" --minutes "$minutes" "$@"
model=$folder/models/densa-resnet18/$version
[ -d "$model" ] || "$bin/densa" export --run "$folder/run" --data "$folder/cohort/manifest.csv" \
    --out "$folder/models" --version "$version"
"$bin/densa" evaluate --data "$folder/test.csv" --model "$model" \
    --report "$folder/evaluation.html" --json "$folder/evaluation.json"
echo "The bundle: $model. The report: $folder/evaluation.html."
