#!/usr/bin/env bash
# Measures Phr.Ml beside scikit-learn and Microsoft.ML and writes results/ml.md. See --help.
set -uo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Usage: benchmarks/run-ml.sh [--quick] [--sets A,B] [--no-install] [--results FOLDER] [--data FOLDER] [--help]

Installs scikit-learn (Debian: python3-sklearn), builds, and measures in one run: quality on the same folds, fitting and predicting in turns,
growth with rows and trees. Writes ml.md and ml/ into benchmarks/results. Let the machine do nothing else meanwhile.

  --quick        some minutes: scikit-learn on one of three repeats of the folds and without its calibrated forests, growth up to
                 30,000 rows
  --sets A,B     only the quality on these sets (wdbc, heart_cleveland, pima, ckd, dermatology), in a page that keeps all else
                 of the run before
  --no-install   take scikit-learn if it is there
  --results      another folder
  --data         the folder with the measured sets; $PHR_TEST_DATA/data by itself, and without either only the set of samples/Diagnosis
  --help         this text
HELP
}

quick="" sets="" install=1 results=$PWD/results data=${PHR_TEST_DATA:+$PHR_TEST_DATA/data}
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=--quick ;;
    --sets) sets=$2; shift ;;
    --no-install) install=0 ;;
    --results) mkdir -p "$2" && results=$(cd "$2" && pwd); shift ;;
    --data) data=$2; shift ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo > /dev/null; then sudo -n "$@"; else return 1; fi
}

python=/usr/bin/python3
if [ $install = 1 ] && ! $python -c 'import sklearn' 2> /dev/null; then
  { as_root apt-get update -q && as_root apt-get install -y -q --no-install-recommends python3-sklearn; } > /dev/null || echo "could not install python3-sklearn" >&2
fi

dotnet build Phr.Ml.Benchmarks -c Release -v q -clp:NoSummary > /dev/null || { echo "the build failed" >&2; exit 1; }
peer=()
if $python -c 'import sklearn' 2> /dev/null; then peer=(--python $python --peer peers/sklearn/peer.py); else echo "scikit-learn is not there: nothing is compared" >&2; fi
sections=(--quality --speed --growth)
if [ -n "$sets" ]; then sections=(--quality --sets "$sets"); fi
dotnet exec Phr.Ml.Benchmarks/bin/Release/net10.0/Phr.Ml.Benchmarks.dll "${sections[@]}" --report $quick \
  --results "$results" ${data:+--data "$data"} "${peer[@]}"
