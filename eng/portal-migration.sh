#!/usr/bin/env bash
# Makes a migration of the portal's database for both kinds, after the entities were changed: eng/portal-migration.sh NAME
# It needs the tool: dotnet tool install --global dotnet-ef --version 10.0.15 (or DOTNET_EF=path/to/dotnet-ef).
set -euo pipefail
cd "$(dirname "$0")/.."
name="${1:?usage: eng/portal-migration.sh NAME}"
dotnet build samples/Portal --no-restore -v q -nologo -p:RunAnalyzers=false
for kind in Sqlite Postgres; do
  "${DOTNET_EF:-dotnet-ef}" migrations add "$name" --project samples/Portal --context "${kind}PortalDb" --output-dir "Data/$kind" --no-build
done
