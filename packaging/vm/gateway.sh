#!/bin/bash
# Makes this machine a gateway that weir watches: installs the package, or upgrades to it, names the interfaces that have the two
# addresses, forwards between them. Ends once the sensor answers.
# usage: gateway.sh WEIR.deb INSIDE_ADDRESS OUTSIDE_ADDRESS
set -euo pipefail
readonly deb=$(readlink -f "$1") inside_address=$2 outside_address=$3
readonly wait_s=60

die() {
  echo "gateway.sh: $*" >&2
  exit 1
}

# The archive is asked only where the machine lacks what the package depends on. The configuration stays what it was.
install() {
  export DEBIAN_FRONTEND=noninteractive
  dpkg --force-confold --install "$deb" && dpkg --status curl >/dev/null && return
  apt-get update -q
  apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold "$deb" curl
}

interface_with() {
  local interface
  interface=$(ip -o -4 address show to "$1" | awk '{ print $2; exit }')
  echo "${interface:?gateway.sh: no interface has the address $1}"
}

# Before the first start: nothing is watched until interfaces are named.
configure() {
  local inside outside
  inside=$(interface_with "$inside_address")
  outside=$(interface_with "$outside_address")
  cat >/etc/weir/weir.yaml <<END
interfaces:
  - { name: $inside, role: inside }
  - { name: $outside, role: outside }
END
}

forward() {
  echo net.ipv4.ip_forward=1 >/etc/sysctl.d/60-gateway.conf
  sysctl -q -p /etc/sysctl.d/60-gateway.conf
}

wait_until_it_answers() {
  local deadline=$((SECONDS + wait_s))
  until curl --silent --fail http://127.0.0.1:9477/readyz >/dev/null; do
    [ $SECONDS -lt $deadline ] || die "weir is not ready after $wait_s s: $(curl --silent http://127.0.0.1:9477/readyz || journalctl -u weir -n 20)"
    sleep 0.2
  done
  weir status
}

install
configure
forward
systemctl enable --now weir
wait_until_it_answers
