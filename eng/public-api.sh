#!/usr/bin/env bash
# Brings PublicAPI.Unshipped.txt of the libraries up to date with their source: adds what is new, drops what is gone.
# Usage: eng/public-api.sh [src/Phr.Crypto …]   (all libraries when none is named)
set -euo pipefail
cd "$(dirname "$0")/.."
projects=("$@")
[ ${#projects[@]} -gt 0 ] || projects=(src/Phr.Crypto src/Phr.Records src/Phr.Storage src/Phr.Consent src/Phr.Fhir src/Phr.Oracle src/Phr.Ml)
for project in "${projects[@]}"; do
  file="$project/PublicAPI.Unshipped.txt"
  printf '#nullable enable\n' > "$file"
  log=$(PHR_DEV=0 dotnet build "$project" -v q --no-incremental -p:TreatWarningsAsErrors=false -p:BuildProjectReferences=true 2>&1 || true)
  { printf '#nullable enable\n'; grep "\[.*/$(basename "$project").csproj\]" <<<"$log" | grep -oP "RS0016: Symbol '\K.*?(?=' is not part of the declared public API)" | LC_ALL=C sort -u || true; } > "$file.new"
  mv "$file.new" "$file"
done
