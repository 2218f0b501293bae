# Sourced by test.sh. need COMMAND PACKAGE installs a Debian package when its command (or, for a path, its file) is missing, and does nothing
# otherwise.
need() {
  local command=$1 package=$2 root=()
  if [[ $command = /* ]]; then [ -e "$command" ] && return 0; else command -v "$command" >/dev/null 2>&1 && return 0; fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "$command is missing and there is no apt-get to install $package with" >&2
    return 1
  fi
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  echo "installing $package (for $command)"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}
