#!/usr/bin/env bash
# Compiles and runs the README's ten lines, the walk-through of Phr.Crypto's README and the lines of Phr.Fhir's, in empty
# projects outside the repository, against packed packages only.
# Usage: eng/consumer.sh FOLDER_OF_PACKAGES
set -euo pipefail
cd "$(dirname "$0")/.."
feed=$(realpath "$1")
version=$(basename "$(ls "$feed"/Phr.Crypto.*.nupkg)" .nupkg)
version=${version#Phr.Crypto.}

work=$(mktemp -d "${TMPDIR:-/tmp}/phr-consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/ten-lines" "$work/walk" "$work/fhir"
cp eng/consumer/Consumer.csproj "$work/ten-lines/"
cp eng/consumer/Consumer.csproj "$work/walk/"
cp eng/consumer/Consumer.csproj "$work/fhir/"

# snippet NAME FILE: the code block after the marker.
snippet() {
  awk -v marker="<!-- snippet: $1 -->" '$0 == marker { found = 1 }
       found && /^```csharp/ { inside = 1; next }
       inside && /^```/ { exit }
       inside' "$2" | grep . || { echo "$2 has no csharp block after the marker of $1" >&2; exit 1; }
}

snippet ten-lines README.md > "$work/ten-lines/Program.cs"
{
  echo 'using System.Text;'
  echo 'using Phr.Crypto;'
  for part in seal share approve open; do snippet "walk-$part" src/Phr.Crypto/README.md; done
  echo 'Console.WriteLine(text);'
} > "$work/walk/Program.cs"

{
  echo 'using Phr.Fhir;'
  snippet fhir-prescription src/Phr.Fhir/README.md
  echo 'Console.WriteLine(same == prescription && read is null ? $"{json.Length} bytes" : throw new InvalidDataException());'
} > "$work/fhir/Program.cs"

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
for program in ten-lines walk fhir; do
  dotnet build "$program/Consumer.csproj" -c Release -o "$program/out" -p:PhrVersion="$version" -v q -nologo
  "./$program/out/Consumer"
done
