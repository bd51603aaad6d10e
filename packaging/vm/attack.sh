#!/bin/bash
# On the client: the lab's port scan of the server.
# usage: attack.sh SERVER
set -euo pipefail
nmap -sS -n -Pn "$1"
