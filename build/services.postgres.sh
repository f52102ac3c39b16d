# PostgreSQL for build/services; sourced, never run. Uses $folder.
# shellcheck shell=bash

postgres_bin() { printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1; }

postgres_install() { install_packages postgresql; }

# PostgreSQL refuses to run as root.
as_postgres() {
    if [[ $(id -u) == 0 ]]; then
        (cd / && exec setpriv --reuid postgres --regid postgres --init-groups "$@")
    else
        "$@"
    fi
}

postgres_id() { head -1 "$folder/postgres/data/postmaster.pid" 2>/dev/null || true; }

postgres_answers() {
    is_ours "$(postgres_id)" && "$(postgres_bin)/pg_isready" -q -h 127.0.0.1 -p "$(port_of postgres)"
}

# True while any process works in the data folder: after a kill of the first one its children live on for a moment.
postgres_in_use() {
    local link
    for link in /proc/[0-9]*/cwd; do
        [[ $(readlink "$link" 2>/dev/null) != "$folder/postgres/data" ]] || return 0
    done
    return 1
}

postgres_launch() {
    local home=$folder/postgres bin i
    bin=$(postgres_bin)
    if [[ ! -f $home/data/PG_VERSION ]]; then
        mkdir -p "$home"
        [[ $(id -u) != 0 ]] || chown postgres: "$home"
        head -c 18 /dev/urandom | base64 | (umask 077 && as_postgres tee "$home/password") >/dev/null
        as_postgres "$bin/initdb" -D "$home/data" -U postgres -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$home/password" \
            >"$folder/postgres-initdb.log" 2>&1 || { cat "$folder/postgres-initdb.log" >&2; return 1; }
    fi
    for ((i = 0; i < 300; i++)); do
        postgres_in_use || break
        pause
    done
    # A killed server that nobody has reaped yet still has an id, and PostgreSQL would take it for a living one.
    postgres_in_use || rm -f "$home/data/postmaster.pid"
    as_postgres "$bin/pg_ctl" start -s -W -D "$home/data" -l "$home/log" -o \
        "-c listen_addresses=127.0.0.1 -c port=$(port_of postgres) -c unix_socket_directories= -c max_connections=200"
}

postgres_await() {
    local i
    for ((i = 0; i < 600; i++)); do
        ! postgres_answers || return 0
        pause
    done
    tail "$folder/postgres/log" >&2
    say "PostgreSQL did not answer within a minute."
    return 1
}

# "fast": sessions are cut, everything committed is kept.
postgres_stop() {
    ! is_ours "$(postgres_id)" || as_postgres "$(postgres_bin)/pg_ctl" stop -s -m fast -D "$folder/postgres/data"
}

postgres_settings() {
    printf "GATEWAY_TEST_POSTGRES='Host=127.0.0.1;Port=%s;Database=postgres;Username=postgres;Password=%s'\n" \
        "$(port_of postgres)" "$(<"$folder/postgres/password")"
}

postgres_psql() {
    PGPASSWORD=$(<"$folder/postgres/password") exec "$(postgres_bin)/psql" -h 127.0.0.1 -p "$(port_of postgres)" -U postgres "$@"
}
