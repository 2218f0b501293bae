#!/usr/bin/env bash
# Measures Phr.Crypto against its peers and writes results/crypto.md. See --help.
set -uo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Usage: benchmarks/run.sh [--quick] [--no-install] [--results FOLDER] [--help]

Installs the peers (Debian: libsecp256k1-dev, age, openssl, gcc; npm: @nucypher/umbral-pre), builds, and measures in one go: ratios against the
peers, growth, storage, the timing check, and, unless --quick, BenchmarkDotNet's classes. Writes crypto.md, growth.svg and raw/ into
benchmarks/results. Let the machine do nothing else meanwhile.

  --quick        at most ten minutes: fewer rounds, 100,000 samples for the timing check, documents up to 256 MiB, no BenchmarkDotNet. Writes
                 into TestResults/benchmarks, so that the committed results of a full run stay
  --no-install   take the peers that are there
  --results      another folder
  --help         this text

Every part is independent: a peer that is missing is named in the results, and a part that fails leaves the others alone. The exit code is
that of the report.
HELP
}

quick="" install=1 results=""
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=--quick ;;
    --no-install) install=0 ;;
    --results) mkdir -p "$2" && results=$(cd "$2" && pwd); shift ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$results" ]; then
  results=$PWD/results
  if [ -n "$quick" ]; then mkdir -p ../TestResults/benchmarks && results=$(cd ../TestResults/benchmarks && pwd); fi
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
begin=$SECONDS
say() { printf '[%5ss] %s\n' $((SECONDS - begin)) "$*" >&2; }
part() { say "$1"; shift; "$@" || say "failed, and left out: $*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo > /dev/null; then sudo -n "$@"; else return 1; fi
}

peers() {
  if [ $install = 1 ]; then
    local packages=() ok=1
    [ -e /usr/include/secp256k1_ecdh.h ] || packages+=(libsecp256k1-dev)
    command -v age > /dev/null || packages+=(age)
    command -v openssl > /dev/null || packages+=(openssl)
    command -v cc > /dev/null || packages+=(gcc libc6-dev)
    if [ ${#packages[@]} -gt 0 ]; then
      { as_root apt-get update -q && as_root apt-get install -y -q --no-install-recommends "${packages[@]}"; } > /dev/null || ok=0
      [ $ok = 1 ] || say "could not install ${packages[*]}"
    fi
    (cd peers/umbral && npm ci --no-fund --no-audit --silent > /dev/null) || say "could not install @nucypher/umbral-pre"
  fi
  cc -O2 -o peers/secp256k1/peer peers/secp256k1/peer.c -lsecp256k1 || say "could not build the peer over libsecp256k1"
}

part "peers" peers
say "build"
dotnet build Phr.Benchmarks -c Release -v q -clp:NoSummary > /dev/null || { say "the build failed"; exit 1; }
program=Phr.Benchmarks/bin/Release/net10.0/Phr.Benchmarks.dll
rm -rf "$results/raw" "$results/benchmarkdotnet.md"
for section in ratios storage growth timing; do
  # shellcheck disable=SC2086
  part "$section" dotnet exec $program --$section $quick --results "$results" --peers peers
done

if [ -z "$quick" ]; then
  artifacts=$(mktemp -d)
  part "BenchmarkDotNet" dotnet exec $program --filter '*' --artifacts "$artifacts" > "$artifacts/log"
  {
    printf '# Single calls\n\nAs BenchmarkDotNet takes them: fifteen runs of a quarter of a second, within one process, one after the other, so ratios between peers are better read in [crypto.md](crypto.md).\n'
    for file in "$artifacts"/results/*-report-github.md; do
      [ -e "$file" ] || continue
      name=$(basename "$file" -report-github.md)
      printf '\n## %s\n\n' "${name##*.}"
      cat "$file"
    done
  } > "$results/benchmarkdotnet.md"
  rm -rf "$artifacts"
fi

say "report, into $results"
dotnet exec $program --report $quick --results "$results" --peers peers
status=$?
say "done"
exit $status
