#!/usr/bin/env bash
# Runs oracles with faults and has the run judged. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
Usage: benchmarks/soak.sh [--requests N] [--seed N] [--recording FILE] [--help]

Starts anvil, PostgreSQL, three IPFS nodes and six processes of five oracles on loopback, makes requests, and meanwhile kills and pauses
processes, cuts off storage nodes, re-organises the chain and restarts the database. At the end Phr.RunChecker, which shares no code with the
oracles, judges the run by the chain, the stores and the doctors' folders. The exit code is 0 when it found nothing.

  --requests    how many; 2,000 by itself, which takes about an hour
  --seed        which plan of faults and requests; 1 by itself. It is printed, and the same one makes the same plan again
  --recording   keep what was judged in this file: dotnet exec …/Phr.RunChecker.dll judge FILE judges it again
  --help        this text

It needs the packages of contracts/ and tests/nodes/ipfs (npm ci --ignore-scripts in both; ./test.sh does that), Node.js, and PostgreSQL.
HELP
}

for argument in "$@"; do
  case $argument in --help | -h) usage; exit 0 ;; esac
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build benchmarks/Phr.Soak -c Release -v q -clp:NoSummary > /dev/null || { echo "the build failed" >&2; exit 1; }
exec dotnet exec benchmarks/Phr.Soak/bin/Release/net10.0/Phr.Soak.dll faults "$@"
