#!/bin/bash
# On the client: the lab's ordinary traffic (tools/lab), round after round. Each of it must succeed.
# usage: traffic.sh SERVER ROUNDS
set -euo pipefail
readonly server=$1 rounds=$2

for ((round = 0; round < rounds; round++)); do
  ping -n -q -c 3 -i 0.2 "$server" >/dev/null
  busybox nslookup -type=a www.lab.test "$server" | grep -q "^Address: $server\$"
  curl --silent --fail --max-time 20 --output /dev/null "http://$server/" --output /dev/null "http://$server/photo.jpg"
  iperf3 --client "$server" --bitrate 3M --length 8K --time 1 >/dev/null
done
echo "$rounds rounds of pings, names, pages and a stream to $server, all of them answered"
