#!/bin/bash
# Makes this machine a client that reaches the server through the gateway. Ends once the server answers.
# usage: client.sh SERVER GATEWAY SERVERS_NETWORK
set -euo pipefail
readonly server=$1 gateway=$2 network=$3
readonly wait_s=60

# install PACKAGE...: the archive is asked only where the machine lacks something.
install() {
  dpkg --status "$@" >/dev/null 2>&1 && return
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

wait_for_server() {
  local deadline=$((SECONDS + wait_s))
  until curl --silent --fail --max-time 2 "http://$server/" >/dev/null; do
    [ $SECONDS -lt $deadline ] || { echo "client.sh: $server did not answer within $wait_s s" >&2; exit 1; }
    sleep 0.2
  done
}

install busybox curl iperf3 iputils-ping nmap
ip route replace "$network" via "$gateway"
wait_for_server
