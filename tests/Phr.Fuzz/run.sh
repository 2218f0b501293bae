#!/usr/bin/env bash
# tests/Phr.Fuzz/run.sh TARGET [SECONDS]: fuzzes one reader with afl++ (Debian's afl++; installed when missing). Findings are in TestResults/fuzz/afl/TARGET.
# tests/Phr.Fuzz/run.sh --build: builds and instruments, and prints the program's folder. campaign.sh uses it for the faster driver in process.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=TestResults/fuzz/bin
build() {
  dotnet build tests/Phr.Fuzz -c Release -v q -nologo -clp:NoSummary -o "$out.new" >&2
  # The program instruments the libraries for its own next run.
  local library
  for library in Phr.Crypto Phr.Storage Phr.Ml Phr.Fhir Phr.Records; do
    cp "$out.new/$library.dll" "$out.new/$library.instrumented.dll"
    dotnet "$out.new/Phr.Fuzz.dll" instrument "$out.new/$library.instrumented.dll" >&2
  done
  for library in Phr.Crypto Phr.Storage Phr.Ml Phr.Fhir Phr.Records; do
    mv "$out.new/$library.instrumented.dll" "$out.new/$library.dll"
  done
  rm -rf "$out"
  mv "$out.new" "$out"
}

if [ "${1:-}" = --build ]; then build; echo "$out"; exit 0; fi
target=${1:?usage: run.sh TARGET [SECONDS]} seconds=${2:-600}
. eng/need.sh
need afl-fuzz afl++
[ -f "$out/Phr.Fuzz.dll" ] || build
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
dotnet "$out/Phr.Fuzz.dll" seeds "$target" "$seeds"
mkdir -p "TestResults/fuzz/afl/$target"
export AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 DOTNET_TieredPGO=0
afl-fuzz -i "$seeds" -o "TestResults/fuzz/afl/$target" -t 10000 -m none -V "$seconds" -- dotnet "$out/Phr.Fuzz.dll" afl "$target"
