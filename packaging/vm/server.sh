#!/bin/bash
# Makes this machine the server behind the gateway: web pages, names and a bandwidth meter.
# usage: server.sh ADDRESS GATEWAY CLIENTS_NETWORK
set -euo pipefail
readonly address=$1 gateway=$2 network=$3
readonly folder=/run/weir-lab

# install PACKAGE...: the archive is asked only where the machine lacks something.
install() {
  dpkg --status "$@" >/dev/null 2>&1 && return
  systemctl mask nginx # Debian's own web server would take the port
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

write_pages() {
  mkdir -p $folder/pages
  head -c 3000 /dev/zero | tr '\0' w >$folder/pages/index.html
  head -c 180000 /dev/urandom >$folder/pages/photo.jpg
}

serve_web() {
  cat >$folder/nginx.conf <<END
user www-data;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events { worker_connections 256; }
http {
  access_log off;
  server { listen $address:80; root $folder/pages; }
}
END
  nginx -e $folder/nginx.log -c $folder/nginx.conf
}

serve_names() {
  dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --pid-file=$folder/dnsmasq.pid --listen-address="$address" --bind-interfaces \
    --host-record="www.lab.test,$address"
}

measure_bandwidth() {
  iperf3 --server --daemon --bind "$address" --pidfile $folder/iperf3.pid
}

# What runs since an earlier call goes on.
unless_running() { pgrep --pidfile "$folder/$1.pid" >/dev/null 2>&1 || "$2"; }

install nginx dnsmasq-base iperf3
ip route replace "$network" via "$gateway"
write_pages
unless_running nginx serve_web
unless_running dnsmasq serve_names
unless_running iperf3 measure_bandwidth
