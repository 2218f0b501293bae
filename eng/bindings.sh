#!/usr/bin/env bash
# Writes the C# bindings of the compiled contracts (contracts/artifacts, and the contract that the tests of the Ethereum client use).
# Usage: eng/bindings.sh [--check]     --check writes nothing and fails when a committed file is stale. CONFIGURATION=Release uses a built tool.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=eng/bindings/bin/${CONFIGURATION:-Debug}/net10.0/AbiBindings.dll
[ -n "${CONFIGURATION:-}" ] && [ -f "$tool" ] || dotnet build eng/bindings -c "${CONFIGURATION:-Debug}" -v q -nologo -clp:NoSummary >/dev/null
dotnet exec "$tool" "$@"
