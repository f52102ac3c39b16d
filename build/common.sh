# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }

# Installs Debian packages that are missing; as another user than root it only names them. No service is left running.
install_packages() {
    local missing=() package policy=/usr/sbin/policy-rc.d made=false status=0
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if [[ $(id -u) != 0 ]]; then
        say "Not installed and not root: ${missing[*]}. The tests that need them will say so."
        return 0
    fi
    say "Installing ${missing[*]} …"
    # Debian starts a service as soon as it is installed, unless this file forbids it.
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=true
    fi
    apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null || status=$?
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${missing[@]}" >/dev/null || status=$?
    ! $made || rm -f "$policy"
    return "$status"
}

# Builds projects in Release, quietly unless it fails; not at all when no source is newer than the last build.
build_release() {
    local project log stamp
    mkdir -p artifacts
    for project in "$@"; do
        stamp=artifacts/.built-$(basename "$project")
        if [[ -f $stamp && -z $(find src tests ./*.props global.json -newer "$stamp" -type f -print -quit) ]]; then
            continue
        fi
        log=$(mktemp)
        touch "$stamp.begun"
        if ! dotnet build "$project" -c Release -v quiet -clp:NoSummary >"$log" 2>&1; then
            cat "$log" >&2
            rm -f "$log"
            say "The build of $project failed."
            return 1
        fi
        rm -f "$log"
        # The time before the build: a source that was changed meanwhile counts as newer.
        mv "$stamp.begun" "$stamp"
    done
}

# The Release program of a project.
program() { printf '%s/artifacts/bin/%s/release/%s' "$PWD" "$1" "${2:-$1}"; }

# A tenth of a second, without a process.
pause() { read -rt 0.1 <> <(:) || true; }

# Ends a process by its id: asks, waits (tenths of a second; default ten seconds), then insists.
end_process() {
    local id=$1 tenths=${2:-100} i
    kill -TERM "$id" 2>/dev/null || return 0
    for ((i = 0; i < tenths; i++)); do
        kill -0 "$id" 2>/dev/null || return 0
        pause
    done
    kill -KILL "$id" 2>/dev/null || true
}

# Ends the runner of a data folder, by the id that it left there, if that is still a runner of this folder.
end_runner() {
    local file=$1/worker/runner/runner.pid id
    [[ -f $file ]] || return 0
    id=$(<"$file")
    if tr '\0' ' ' <"/proc/$id/cmdline" 2>/dev/null | grep -qF "$1/worker/runner"; then
        end_process "$id"
    fi
}

# Waits until a file has a line that matches, or its writer has ended. Prints the line. Twentieths of a second; default half a minute.
wait_for_line() {
    local file=$1 pattern=$2 writer=$3 twentieths=${4:-600} i
    for ((i = 0; i < twentieths; i++)); do
        grep -m1 -E "$pattern" "$file" 2>/dev/null && return 0
        kill -0 "$writer" 2>/dev/null || { grep -m1 -E "$pattern" "$file" 2>/dev/null && return 0; return 1; }
        read -rt 0.05 <> <(:) || true
    done
    return 1
}
