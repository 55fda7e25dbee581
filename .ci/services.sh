# Sourced by .ci/run: a PostgreSQL and a Redis to test with. What already answers is used as it
# is and never changed; what is missing runs from $scratch, on a free port, until the run ends.
# shellcheck shell=bash

install_packages() { # RUNLEVEL=1: Debian's scripts must not start a service for it
    apt-get update -qq
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for() { # <seconds> <command>...
    local ends=$((SECONDS + $1))
    shift
    until "$@"; do
        if ((SECONDS >= ends)); then
            echo "gave up waiting for: $*" >&2
            return 1
        fi
        sleep 0.2
    done
}

# Whether this address opens a database, with the right to make others.
postgres_answers() { # <url>
    uv run --frozen --no-sync python - "$1" 2>/dev/null <<'PY'
import sys
import psycopg

with psycopg.connect(sys.argv[1], connect_timeout=3) as server:
    may = "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    sys.exit(not server.execute(may).fetchone()[0])
PY
}

redis_answers() { # <url>
    uv run --frozen --no-sync python - "$1" 2>/dev/null <<'PY'
import sys
import redis

redis.Redis.from_url(sys.argv[1], socket_timeout=3, socket_connect_timeout=3).ping()
PY
}

newest_postgres() { # the folder of the newest server's programs
    local found
    found=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -1)
    [[ -x $found ]] && dirname "$found"
}

as_cluster_owner() { # initdb refuses root
    if [[ $(id -u) != 0 ]]; then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

start_scratch_postgres() {
    newest_postgres >/dev/null || install_packages postgresql
    pg_bin=$(newest_postgres)
    pg_home=$(mktemp -d /tmp/studio-ci-pg.XXXXXX) # short: a socket's path has 107 characters at most
    if [[ $(id -u) == 0 ]]; then
        chown "$(as_cluster_owner id -u)" "$pg_home"
    fi
    local port
    port=$(free_port)
    (
        cd "$pg_home"
        as_cluster_owner "$pg_bin/initdb" -D "$pg_home/data" -U postgres -A trust -E UTF8 \
            --locale=C.UTF-8 --no-sync >"$scratch/initdb.log"
        as_cluster_owner "$pg_bin/pg_ctl" -D "$pg_home/data" -l "$pg_home/log" -w -t 60 -o \
            "-p $port -k $pg_home -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off" \
            start >/dev/null
    )
    DATABASE_ADDRESS=postgres://postgres@127.0.0.1:$port/postgres
}

start_scratch_redis() {
    command -v redis-server >/dev/null || install_packages redis-server
    local port
    port=$(free_port)
    mkdir "$scratch/redis"
    redis-server --bind 127.0.0.1 --port "$port" --dir "$scratch/redis" --save "" --appendonly no \
        >"$scratch/redis/log" &
    redis_pid=$!
    REDIS_ADDRESS=redis://127.0.0.1:$port/9
    wait_for 30 redis_answers "$REDIS_ADDRESS"
}

# CI_PG_PORT and CI_REDIS_PORT say where to look; CI_DATABASE_URL and CI_REDIS_URL are used unasked.
find_postgres() {
    DATABASE_ADDRESS=${CI_DATABASE_URL:-}
    [[ -z $DATABASE_ADDRESS ]] || return 0
    DATABASE_ADDRESS=postgres://${PGUSER:-$(id -un)}@127.0.0.1:${CI_PG_PORT:-5432}/postgres
    postgres_answers "$DATABASE_ADDRESS" || start_scratch_postgres
    echo "PostgreSQL: $DATABASE_ADDRESS${pg_home:+ (scratch)}"
}

find_redis() {
    REDIS_ADDRESS=${CI_REDIS_URL:-}
    [[ -z $REDIS_ADDRESS ]] || return 0
    REDIS_ADDRESS=redis://127.0.0.1:${CI_REDIS_PORT:-6379}/9
    redis_answers "$REDIS_ADDRESS" || start_scratch_redis
    echo "Redis: $REDIS_ADDRESS${redis_pid:+ (scratch)}"
}

stop_services() {
    if [[ -n ${pg_home:-} ]]; then
        (cd / && as_cluster_owner "$pg_bin/pg_ctl" -D "$pg_home/data" -m immediate stop >/dev/null) || true
        rm -rf "$pg_home"
        pg_home=
    fi
    if [[ -n ${redis_pid:-} ]]; then
        kill "$redis_pid" 2>/dev/null || true
        wait "$redis_pid" 2>/dev/null || true
        redis_pid=
    fi
}

# The newest supported Python besides the one given, as a path; nothing where there is none.
other_python() { # <version of the main one>
    local version path
    for version in 3.13 3.12 3.11; do
        [[ $version != "$1" ]] || continue
        for path in "$(UV_PYTHON_DOWNLOADS=never uv python find "$version" 2>/dev/null || true)" \
            "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
            if [[ -x $path ]] && [[ $(python_version "$path") == "$version" ]]; then
                echo "$path"
                return
            fi
        done
    done
}

python_version() {
    "$@" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}
