#!/usr/bin/env bash
# A Slurm cluster of three nodes on one machine, for the tests.
#
#   cluster.sh up DIR            start it; DIR holds its configuration and logs
#   cluster.sh on HOST CMD...    run a command on head, node1, node2 or node3
#   cluster.sh down DIR          stop it and remove every trace
#
# Each node is a slurmd in network, host name and mount namespaces of its own,
# joined by a bridge: to Open MPI and Slurm they are three hosts on TCP.  Needs
# root with CAP_SYS_ADMIN.  Nothing listens outside of the namespaces.
#
# What had to be found out: slurmd 22.05 must see /sys/fs/cgroup, which
# `ip netns exec` hides, so commands enter by nsenter; TmpFS needs %n, else the
# PMIx servers of the nodes share a folder; Open MPI here speaks PMIx only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
prefix=${ATTEST_CLUSTER:-attest}
network=10.78.0
nodes=(node1 node2 node3)
port=26917

enter() { # HOST CMD...: in the namespaces of a host
    local host=$1
    shift
    exec nsenter --net="/run/netns/$prefix-$host" \
        unshare --uts --mount --propagation private sh -c '
            hostname "$1"
            mount --bind "/etc/netns/$0/hosts" /etc/hosts
            mount -t tmpfs -o size=2g tmpfs /dev/shm
            shift
            exec sh -c "$*"' "$prefix-$host" "$host" "$@"
}

wire() { # namespaces, bridge, names
    ip netns add "$prefix-head"
    ip -n "$prefix-head" link set lo up
    ip -n "$prefix-head" link add bridge0 type bridge
    ip -n "$prefix-head" addr add "$network.1/24" dev bridge0
    ip -n "$prefix-head" link set bridge0 up
    local i
    for i in 0 1 2; do
        local node=${nodes[i]}
        ip netns add "$prefix-$node"
        ip -n "$prefix-$node" link set lo up
        ip -n "$prefix-head" link add "to-$node" type veth peer name eth0 netns "$prefix-$node"
        ip -n "$prefix-head" link set "to-$node" master bridge0 up
        ip -n "$prefix-$node" addr add "$network.$((11 + i))/24" dev eth0
        ip -n "$prefix-$node" link set eth0 up
    done
    local host
    for host in head "${nodes[@]}"; do
        mkdir -p "/etc/netns/$prefix-$host"
        {
            echo "127.0.0.1 localhost"
            echo "$network.1 head"
            for i in 0 1 2; do echo "$network.$((11 + i)) ${nodes[i]}"; done
        } >"/etc/netns/$prefix-$host/hosts"
    done
}

unwire() {
    local host
    for host in head "${nodes[@]}"; do
        ip netns del "$prefix-$host" 2>/dev/null || true
        rm -rf "/etc/netns/$prefix-$host"
    done
}

configure() { # DIR
    sed -e "s|@DIR@|$1|g; s|@CONTROL@|$port|; s|@NODE@|$((port + 1))|; s|@NET@|$network|" \
        "$here/slurm.conf.in" >"$1/slurm.conf"
}

wait_idle() { # DIR
    local try
    for try in $(seq 1 300); do
        [ "$(SLURM_CONF=$1/slurm.conf enter_out head "sinfo -h -o '%T %D'" 2>/dev/null)" != "idle 3" ] || return 0
        sleep 0.1
    done
    tail -n 5 "$1"/*.log >&2
    echo "cluster: not up after 30 s ($try tries); the logs' ends are above" >&2
    return 1
}

enter_out() { (enter "$@"); }

up() { # DIR
    mkdir -p "$1"
    local dir
    dir=$(cd "$1" && pwd)
    chmod 755 "$dir"
    mkdir -p "$dir/state" "$dir"/{spool,tmp}.node{1,2,3}
    unwire
    wire
    configure "$dir"
    (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
    munged --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" \
        --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
    export SLURM_CONF="$dir/slurm.conf"
    enter_out head "slurmctld -c -f $SLURM_CONF"
    local node
    for node in "${nodes[@]}"; do enter_out "$node" "slurmd -N $node -f $SLURM_CONF"; done
    wait_idle "$dir"
}

down() { # DIR: only processes whose pid files stand there
    local name pid pids=()
    for name in slurmd.node1 slurmd.node2 slurmd.node3 slurmctld munged; do
        [ -f "$1/$name.pid" ] || continue
        pid=$(cat "$1/$name.pid")
        kill "$pid" 2>/dev/null && pids+=("$pid")
    done
    local try
    for pid in "${pids[@]}"; do
        for try in $(seq 1 150); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        ! kill -0 "$pid" 2>/dev/null || kill -9 "$pid"
    done
    unwire
}

case ${1:-} in
up) up "${2:?DIR}" ;;
on) shift && enter "$@" ;;
down) down "${2:?DIR}" ;;
*)
    echo "usage: cluster.sh up DIR | on HOST CMD... | down DIR" >&2
    exit 2
    ;;
esac
