# Sourced by run and test: the .NET SDK they need, or a clear word about what is missing.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No MSBuild nodes or compiler servers that outlive the script that started them.
export MSBUILDDISABLENODEREUSE=1

require_dotnet() {
  if ! command -v dotnet > /dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then
    export PATH="$HOME/.dotnet:$PATH"
  fi

  if ! command -v dotnet > /dev/null; then
    echo "The .NET SDK 10 is missing: there is no dotnet on the PATH and none in ~/.dotnet." >&2
    echo "Install it for this user: https://dot.net/v1/dotnet-install.sh with --channel 10.0, or see https://dotnet.microsoft.com/download" >&2
    exit 3
  fi

  # --version answers for the SDK that global.json asks for, and fails if there is none.
  local answer
  if ! answer="$(cd "$root" && dotnet --version 2>&1)"; then
    echo "The .NET SDK 10 is missing or does not start. dotnet --version says:" >&2
    printf '%s\n' "$answer" | sed 's/^/  /' >&2
    echo "Install it for this user: https://dot.net/v1/dotnet-install.sh with --channel 10.0, or see https://dotnet.microsoft.com/download" >&2
    exit 3
  fi
}
