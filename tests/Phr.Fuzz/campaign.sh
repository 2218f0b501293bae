#!/usr/bin/env bash
# tests/Phr.Fuzz/campaign.sh [EXECUTIONS [TARGET…]]: every reader, or those named, EXECUTIONS times each (10,000,000 by default), one after another in
# process. Keeps the smallest corpus in tests/vectors/fuzz/, crashes in TestResults/fuzz/crashes/, and writes benchmarks/results/fuzzing.md.
# Environment: PHR_FUZZ_SECONDS, the most for one target (86,400); PHR_FUZZ_SEED (1). Runs of a target with several seeds are added up.
set -euo pipefail
cd "$(dirname "$0")/../.."

executions=${1:-10000000}
[ $# -gt 0 ] && shift
bin=$(tests/Phr.Fuzz/run.sh --build)
mapfile -t targets < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else dotnet "$bin/Phr.Fuzz.dll" list; fi)
status=0
for target in "${targets[@]}"; do
  # A run that hangs or dies says so, and the others go on.
  nice -n 19 dotnet "$bin/Phr.Fuzz.dll" run "$target" --executions "$executions" --seconds "${PHR_FUZZ_SECONDS:-86400}" --seed "${PHR_FUZZ_SEED:-1}" \
    --pack "tests/vectors/fuzz/$target.br" --crashes TestResults/fuzz/crashes --result "TestResults/fuzz/results/$target/${PHR_FUZZ_SEED:-1}.json" || status=1
done
machine="$(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1), .NET $(dotnet --version)"
dotnet "$bin/Phr.Fuzz.dll" report TestResults/fuzz/results benchmarks/results/fuzzing.md "$machine"
exit $status
