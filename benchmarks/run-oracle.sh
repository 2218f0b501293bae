#!/usr/bin/env bash
# Measures how many jobs an oracle does and writes results/oracle-throughput.md. See --help.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Usage: benchmarks/run-oracle.sh [--quick | --long] [--results FOLDER] [--help]
       benchmarks/run-oracle.sh --backlog N | --parts

One oracle works off requests on embedded parts: by documents in a request, by kinds of jobs, by processes, by jobs that wait. Writes
oracle-throughput.md and its plots into benchmarks/results. Let the machine do nothing else meanwhile.

  --quick     some minutes: fewer jobs, at most 100 that wait
  --long      up to 100,000 jobs that wait; 10,000 by itself. To prepare those takes some twenty minutes
  --results   another folder
  --backlog   only the line of N jobs that wait, printed
  --parts     only the table of where the time goes, printed
  --help      this text
HELP
}

effort="" only=() results=$PWD/results
while [ $# -gt 0 ]; do
  case $1 in
    --quick | --long | --smoke) effort=$1 ;;
    --backlog) only=(--backlog "$2"); shift ;;
    --parts) only=(--parts) ;;
    --results) mkdir -p "$2" && results=$(cd "$2" && pwd); shift ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build Phr.Soak -c Release -v q -clp:NoSummary > /dev/null || { echo "the build failed" >&2; exit 1; }
if [ ${#only[@]} -gt 0 ]; then
  exec dotnet exec Phr.Soak/bin/Release/net10.0/Phr.Soak.dll throughput "${only[@]}"
fi
# shellcheck disable=SC2086
exec dotnet exec Phr.Soak/bin/Release/net10.0/Phr.Soak.dll throughput $effort --results "$results"
