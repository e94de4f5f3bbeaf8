#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Functions that the scripts share. Sourced, not run. Works with bash 3.2 (macOS) and later.
# shellcheck disable=SC2034  # what is set here is used by the scripts that source this file

set -u
export LC_ALL=C  # decimal points, and sort orders that do not depend on the machine

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Colours only where a person reads them.
bold='' red='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\033[1m' red=$'\033[31m' green=$'\033[32m' plain=$'\033[0m'
fi

# Ends the script with a message.
fail() {
    printf '%s\n' "${0##*/}: $*" >&2
    exit 1
}

# --- Processes -------------------------------------------------------------------------------------------------------

started=()         # process ids of what was started and not yet stopped
mark=''            # in the environment of all that a script starts
temporary_folder=''

# Runs a command in the background, in a process group of its own (Ctrl-C in the terminal then reaches this script alone,
# which stops the rest in order), and remembers its id: in `spawned`, and for the clean-up.
spawn() {
    set -m
    "$@" </dev/null &
    spawned=$!
    set +m
    started+=("$spawned")
}

# Runs a command to its end and returns its status. Unlike a plain call, signals are handled while it runs.
run_to_end() {
    spawn "$@"
    local id=$spawned status=0
    { wait "$id"; } 2>/dev/null || status=$?
    forget "$id"
    return "$status"
}

forget() {
    local id kept=()
    for id in ${started[@]+"${started[@]}"}; do
        [ "$id" = "$1" ] || kept+=("$id")
    done
    started=(${kept[@]+"${kept[@]}"})
}

# Every process as "id parent group". Reads /proc where there is one: `ps` is missing in slim images.
list_processes() {
    if [ -r /proc/self/stat ]; then
        cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\([0-9]*\) (.*) [^Z] \([0-9]*\) \([0-9]*\) .*/\1 \2 \3/p'
    else
        ps -axo pid=,ppid=,pgid=,stat= | awk '$4 !~ /^Z/ { print $1, $2, $3 }'
    fi
}

# The ids of a process, of its group, and of all that descend from them.
family_of() {
    list_processes | awk -v root="$1" '
        { parent[$1] = $2; if ($1 == root || $3 == root) member[$1] = 1 }
        END {
            do {
                grown = 0
                for (id in parent) if (!(id in member) && (parent[id] in member)) { member[id] = 1; grown = 1 }
            } while (grown)
            for (id in member) print id
        }'
}

# Those of the given ids that still run (and are not just waiting for their parent).
still_running() {
    list_processes | awk -v ids="$*" '
        BEGIN { count = split(ids, list, " "); for (i = 1; i <= count; i++) wanted[list[i]] = 1 }
        $1 in wanted { print $1 }'
}

# Stops a process that `spawn` started, with its descendants: stop ID [SIGNAL]. Politely (TERM), then after 5 s for good.
# Errors are thrown away: ids may be gone by now, and bash reports every job that a signal ended.
stop() { stop_family "$@" 2>/dev/null; }

# shellcheck disable=SC2086  # lists of ids, one word each
stop_family() {
    local family remaining tries=0
    family=$(family_of "$1")
    forget "$1"
    [ -z "$family" ] || kill "-${2:-TERM}" $family
    remaining=$(still_running $family)
    while [ -n "$remaining" ] && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
        remaining=$(still_running $family)
    done
    remaining="$remaining $(family_of "$1")"  # also what was started while the list was made
    [ -z "${remaining// /}" ] || kill -KILL $remaining
    wait "$1"
    return 0
}

# What was started by something that is gone by now (a program that crashed, say) is known by a mark in its environment.
# Linux alone; elsewhere nobody looks.
list_orphans() {
    grep -lsz "^HEADROOM_SCRIPT=$mark\$" /proc/[0-9]*/environ | cut -d / -f 3 | grep -v -x "$$"
}

stop_orphans() {
    local id
    for id in $(list_orphans); do
        # The commands that made the list are in it, but gone.
        [ -z "$(still_running "$id")" ] || stop_family "$id"
    done
}

# The last first: what was started later uses what was there before it.
stop_everything() {
    local place all=(${started[@]+"${started[@]}"})
    trap '' INT TERM HUP  # a second Ctrl-C must not leave half of it running
    for ((place = ${#all[@]} - 1; place >= 0; place--)); do
        stop "${all[place]}"
    done
    stop_orphans 2>/dev/null
    [ -z "$temporary_folder" ] || rm -rf "$temporary_folder"
    temporary_folder=''
}

# Call once at the start of a script that starts processes or needs `temporary_folder`.
clean_up_at_exit() {
    trap stop_everything EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mark=$$.$RANDOM$RANDOM
    export HEADROOM_SCRIPT=$mark
    # Not below a long TMPDIR: a socket's path has room for about 100 bytes.
    temporary_folder=$(mktemp -d /tmp/headroom.XXXXXX) || fail "cannot make a folder in /tmp"
}

# Waits until a command succeeds: wait_for SECONDS COMMAND…; 1 when it did not in time.
wait_for() {
    local tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

# --- Redis -----------------------------------------------------------------------------------------------------------

# Other servers and clients than those in PATH, by their paths.
redis_server=${HEADROOM_REDIS_SERVER:-redis-server}
redis_cli=${HEADROOM_REDIS_CLI:-redis-cli}

# Starts a Redis of our own with the project's settings, on a socket in FOLDER alone: start_redis FOLDER [OPTION…].
# No port is opened, so none can be taken. Leaves its process id in `redis_process` and its socket in `redis_socket`.
start_redis() {
    local folder=$1
    shift
    redis_socket=$folder/redis.sock
    mkdir -p "$folder"
    spawn "$redis_server" "$repository/deploy/redis.conf" --port 0 --unixsocket "$redis_socket" --dir "$folder" \
        --daemonize no --logfile "$folder/redis.log" "$@"
    redis_process=$spawned
    if ! wait_for 10 redis_answers; then
        cat "$folder/redis.log" >&2
        fail "$redis_server did not start"
    fi
}

# Any answer will do: where a password is needed, NOAUTH is one.
redis_answers() {
    "$redis_cli" -s "$redis_socket" ping 2>&1 | grep -q -e PONG -e NOAUTH
}

# --- Programs --------------------------------------------------------------------------------------------------------

heading() { printf '\n%s\n' "$bold$*$plain"; }

# Builds programs in release mode: build_products PRODUCT…; leaves their folder in `binaries`. What SwiftPM writes is shown
# only if a build fails: a terminal gets one line that counts the seconds, anything else a line at the start and one at the end.
build_products() {
    local product log=$temporary_folder/build.log begin=$SECONDS
    local what="building $* (the first time takes some minutes)"
    [ -t 1 ] || printf '%s\n' "$what"
    for product in "$@"; do
        build_in_silence "$product" && continue
        [ ! -t 1 ] || printf '\r\033[K'
        cat "$log" >&2
        fail "the build of $product failed; see above"
    done
    [ ! -t 1 ] || printf '\r\033[K'
    printf '%s\n' "built $*, $((SECONDS - begin)) s"
    binaries=$(swift build -c release --show-bin-path) || fail "swift build --show-bin-path failed"
}

# One product, with the variables of `build_products`.
build_in_silence() {
    local id status=0
    spawn swift build -c release --product "$1" >"$log" 2>&1
    id=$spawned
    while [ -t 1 ] && [ -n "$(still_running "$id")" ]; do
        printf '\r\033[K%s' "$what … $((SECONDS - begin)) s"
        sleep 1
    done
    { wait "$id"; } 2>/dev/null || status=$?
    forget "$id"
    return "$status"
}

# start_simulator OPTION…: starts the vendor with all its counters at 0. Leaves its address in `vendor`, its process id in `simulator`.
start_simulator() {
    local port_file=$temporary_folder/port
    rm -f "$port_file"
    spawn "$binaries/keap-simulator" --port 0 --port-file "$port_file" "$@" \
        >"$temporary_folder/simulator.log" 2>&1
    simulator=$spawned
    if ! wait_for 15 test -s "$port_file"; then
        cat "$temporary_folder/simulator.log" >&2
        fail "keap-simulator did not start"
    fi
    vendor=http://127.0.0.1:$(cat "$port_file")
}
