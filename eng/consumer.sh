#!/usr/bin/env bash
# Compiles and runs the README's ten lines in an empty project outside the repository, against packed packages only.
# Usage: eng/consumer.sh FOLDER_OF_PACKAGES
set -euo pipefail
cd "$(dirname "$0")/.."
feed=$(realpath "$1")
version=$(basename "$(ls "$feed"/Phr.Crypto.*.nupkg)" .nupkg)
version=${version#Phr.Crypto.}

work=$(mktemp -d "${TMPDIR:-/tmp}/phr-consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp eng/consumer/Consumer.csproj "$work/"

# The code block after the marker is the program.
awk '/^<!-- snippet: ten-lines -->/ { found = 1 }
     found && /^```csharp/ { inside = 1; next }
     inside && /^```/ { exit }
     inside' README.md > "$work/Program.cs"
[ -s "$work/Program.cs" ] || { echo "README.md has no csharp block after '<!-- snippet: ten-lines -->'"; exit 1; }

# Phr packages come from the folder alone; everything else from wherever this machine gets its packages.
{
  echo '<configuration><packageSources><add key="phr-local" value="'"$feed"'" /></packageSources><packageSourceMapping>'
  echo '<packageSource key="phr-local"><package pattern="Phr.*" /></packageSource>'
  dotnet nuget list source | sed -nE 's/^ *[0-9]+\. +(.*) \[Enabled\]$/<packageSource key="\1"><package pattern="*" \/><\/packageSource>/p'
  echo '</packageSourceMapping></configuration>'
} > "$work/nuget.config"

# A packages folder of its own, so that no earlier build of the same version is picked up.
export NUGET_PACKAGES="$work/packages"
cd "$work"
dotnet build Consumer.csproj -c Release -o out -p:PhrVersion="$version" -v q -nologo
./out/Consumer
