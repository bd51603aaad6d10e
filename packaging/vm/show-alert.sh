#!/bin/bash
# On the gateway: waits until the sensor tells, over HTTP, an alert of this kind about this host, and shows it.
# usage: show-alert.sh KIND HOST
set -euo pipefail
readonly kind=$1 host=$2
readonly wait_s=60
readonly url=http://127.0.0.1:9477/api/v1/alerts

# One alert a line.
alerts() { curl --silent --show-error --fail $url | sed 's/{"type":"alert"/\n&/g'; }

deadline=$((SECONDS + wait_s))
until alerts | grep -F "\"host\":\"$host\"" | grep -F "\"kind\":\"$kind\""; do
  [ $SECONDS -lt $deadline ] || { echo "show-alert.sh: no $kind of $host within $wait_s s; $url has: $(alerts)" >&2; exit 1; }
  sleep 0.5
done
