# The scale-out shape for build/run: RabbitMQ, PostgreSQL, one API and two workers, all on loopback; sourced, never run.
# Uses $data, $work, $port and the settings of build/run; sets $gateway_id, $url and $logs.
# shellcheck shell=bash

worker_ids=() services_asked=false

# Of its own for each checkout. PostgreSQL does not run as root, and whoever runs it must be able to reach its folder: a home would not do.
scale_out_folder() { printf '/var/tmp/gateway-scale-out-%s-%s' "$(id -u)" "$(cksum <<<"$PWD" | cut -d ' ' -f 1)"; }

# One at a time: the lock lives as long as this script, and nothing that it starts holds it.
scale_out_lock() {
    mkdir -p "$data"
    [[ -O $data ]] || { say "$data belongs to another user: name a folder with --data."; exit 1; }
    chmod 711 "$data"
    exec 8>"$data/.run-lock"
    flock -n 8 || { say "Another build/run --scale-out works in $data: stop it, or name another folder with --data."; exit 1; }
}

# In a session of its own: Ctrl-C must not cut it short between starting a server and knowing its id.
services() { setsid --wait build/services "$@" --folder "$data/services" 8>&-; }

# A password that stays from start to start, in a file of mode 0600. Prints the file.
password_file() {
    local file=$data/credentials/$1
    install -d -m 700 "$data/credentials"
    [[ -s $file ]] || (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$file")
    printf '%s' "$file"
}

broker_asks() {
    local method=$1 path=$2
    curl -sS -f -u guest:guest -X "$method" -H 'Content-Type: application/json' --data @- "${GATEWAY_TEST_RABBITMQ_MANAGEMENT}api/$path" >/dev/null
}

# The users of docker/rabbitmq with passwords of this folder: what runs here has the permissions that it would have elsewhere.
scale_out_broker() {
    local user
    broker_asks POST definitions <docker/rabbitmq/definitions.json
    for user in gateway-api gateway-worker; do
        printf '{"password":"%s","tags":""}' "$(<"$(password_file "$user")")" | broker_asks PUT "users/$user"
    done
}

# A role that is no superuser, and its database.
scale_out_database() {
    local password
    password=$(<"$(password_file postgres)")
    build/services psql --folder "$data/services" -- -qAtX -v ON_ERROR_STOP=1 8>&- <<SQL
SELECT 'CREATE ROLE gateway LOGIN' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'gateway') \gexec
ALTER ROLE gateway PASSWORD '$password';
SELECT 'CREATE DATABASE gateway OWNER gateway' WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'gateway') \gexec
SQL
    [[ $GATEWAY_TEST_POSTGRES =~ Port=([0-9]+) ]]
    (umask 077 && printf 'Host=127.0.0.1;Port=%s;Database=gateway;Username=gateway;Password=%s\n' "${BASH_REMATCH[1]}" "$password" \
        >"$data/credentials/connection-string")
}

# Settings of a program that speaks with the broker as the given user.
transport_settings() {
    printf -- '--Transport:Kind=RabbitMq\n--Transport:RabbitMq:Host=127.0.0.1\n--Transport:RabbitMq:Port=%s\n' "$broker_port"
    printf -- '--Transport:RabbitMq:Username=%s\n--Transport:RabbitMq:PasswordFile=%s\n' "$1" "$(password_file "$1")"
}

scale_out_start() {
    local name settings
    say "Starting RabbitMQ and PostgreSQL …"
    services_asked=true
    services start >"$work/services.env"
    # shellcheck source=/dev/null
    source "$work/services.env"
    [[ $GATEWAY_TEST_RABBITMQ =~ :([0-9]+)/$ ]]
    broker_port=${BASH_REMATCH[1]}
    scale_out_broker
    scale_out_database

    say "Starting the API and two workers …"
    mapfile -t settings < <(transport_settings gateway-api)
    "$(program Gateway.Api)" --urls "http://127.0.0.1:$port" --Data:Folder="$data/api" "${settings[@]}" "${root_settings[@]}" \
        --Storage:Provider=PostgreSql --Storage:PostgreSql:ConnectionStringFile="$data/credentials/connection-string" \
        >"$work/out" 2>"$work/api" </dev/null 8>&- &
    gateway_id=$!
    logs=("$work/api")
    mapfile -t settings < <(transport_settings gateway-worker)
    for name in worker-1 worker-2; do
        "$(program Gateway.Worker)" --Worker:Name="$name" --Data:Folder="$data/$name" "${settings[@]}" "${root_settings[@]}" "${agent_settings[@]}" \
            >"$work/$name.out" 2>"$work/$name" </dev/null 8>&- &
        worker_ids+=($!)
        logs+=("$work/$name")
    done
    await_gateway "$work/api"
    for name in 1 2; do
        wait_for_line "$work/worker-$name.out" 'takes runs' "${worker_ids[name - 1]}" 1800 >/dev/null || { cat "$work/worker-$name" >&2; exit 1; }
    done
}

# All at once: each takes a moment to hand on what it has. The servers last, since the programs say goodbye through them.
scale_out_stop() {
    local id ids=()
    for id in $gateway_id "${worker_ids[@]}"; do
        end_process "$id" &
        ids+=($!)
    done
    ((${#ids[@]} == 0)) || wait "${ids[@]}" || true
    end_runner "$data/worker-1"
    end_runner "$data/worker-2"
    ! $services_asked || services stop
}

scale_out_tell() {
    cat <<TEXT
RabbitMQ      $GATEWAY_TEST_RABBITMQ_MANAGEMENT   user guest, password guest; on the page Queues: gateway-claim, gateway-run-claude, …
PostgreSQL    build/services psql --folder $data/services -- gateway
Workers       processes ${worker_ids[*]}; the API: $gateway_id
Folder        $data: everything is in it, and stays for the next start
TEXT
}
