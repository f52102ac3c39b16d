# RabbitMQ for build/services; sourced, never run. Uses $folder.
# shellcheck shell=bash

rabbitmq_install() { install_packages rabbitmq-server; }

# Runs a program with the settings that the server and every one of its tools must share. Not the wrappers of /usr/sbin: they change the user.
with_rabbitmq() {
    local home=$folder/rabbitmq
    HOME=$home RABBITMQ_NODENAME=gateway@localhost RABBITMQ_PID_FILE=$home/pid RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf \
        RABBITMQ_MNESIA_BASE=$home/mnesia RABBITMQ_LOG_BASE=$home/log RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins \
        RABBITMQ_DIST_PORT=$(port_of rabbitmq-distribution) ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$(port_of epmd) \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' "$@"
}

# Without a broker it would start a port mapper that nobody ends.
rabbitmq_ctl() {
    is_ours "$(rabbitmq_id)" || { say "There is no broker in $folder."; return 1; }
    with_rabbitmq /usr/lib/rabbitmq/bin/rabbitmqctl "$@"
}

rabbitmq_id() { cat "$folder/rabbitmq/pid" 2>/dev/null || true; }

rabbitmq_answers() {
    is_ours "$(rabbitmq_id)" && curl -sf -o /dev/null -u guest:guest "http://127.0.0.1:$(port_of rabbitmq-management)/api/overview" \
        && (: <>"/dev/tcp/127.0.0.1/$(port_of rabbitmq)") 2>/dev/null
}

rabbitmq_launch() {
    local home=$folder/rabbitmq
    mkdir -p "$home/mnesia" "$home/log"
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    cat >"$home/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$(port_of rabbitmq)
management.tcp.ip = 127.0.0.1
management.tcp.port = $(port_of rabbitmq-management)
disk_free_limit.absolute = 500MB
CONF
    # The port mapper is started here and not by the broker, so that its id is known and it can be ended.
    if ! is_ours "$(cat "$home/epmd.pid" 2>/dev/null)"; then
        with_rabbitmq exec setsid epmd -address 127.0.0.1 -port "$(port_of epmd)" >"$home/epmd.log" 2>&1 </dev/null &
        echo $! >"$home/epmd.pid"
    fi
    is_ours "$(rabbitmq_id)" || rm -f "$home/pid"
    with_rabbitmq exec setsid /usr/lib/rabbitmq/bin/rabbitmq-server >"$home/out.log" 2>&1 </dev/null &
}

rabbitmq_await() {
    local i
    for ((i = 0; i < 900; i++)); do
        ! rabbitmq_answers || return 0
        pause
    done
    tail "$folder/rabbitmq/out.log" >&2
    say "RabbitMQ did not answer within ninety seconds."
    return 1
}

rabbitmq_stop() {
    local id
    for id in "$(rabbitmq_id)" "$(cat "$folder/rabbitmq/epmd.pid" 2>/dev/null)"; do
        ! is_ours "$id" || end_process "$id" 300
    done
}

rabbitmq_settings() {
    printf 'GATEWAY_TEST_RABBITMQ=amqp://guest:guest@127.0.0.1:%s/\n' "$(port_of rabbitmq)"
    printf 'GATEWAY_TEST_RABBITMQ_MANAGEMENT=http://127.0.0.1:%s/\n' "$(port_of rabbitmq-management)"
}
