"""Finding hosts and services: T1595.001, T1046, T1018."""
from labkit.attack import Attack

_SWEPT = ("targets",)


def _nmap(name, options, **more):
    return Attack(name, "T1046", f"nmap -n -Pn {options} {{target}}", **more)


ENTRIES = [
    _nmap("nmap-syn-scan", "-sS"),
    _nmap("nmap-connect-scan", "-sT"),
    _nmap("nmap-fin-scan", "-sF"),
    _nmap("nmap-null-scan", "-sN"),
    _nmap("nmap-xmas-scan", "-sX"),
    _nmap("nmap-ack-scan", "-sA"),
    _nmap("nmap-window-scan", "-sW"),
    _nmap("nmap-maimon-scan", "-sM"),
    _nmap("nmap-udp-scan", "-sU --top-ports 200"),
    _nmap("nmap-sctp-scan", "-sY"),
    _nmap("nmap-protocol-scan", "-sO"),
    _nmap("nmap-polite-scan", "-sS -T2 --top-ports 100", seconds=40),
    _nmap("nmap-crawling-scan", "-sS --scan-delay 2s --max-retries 0 --top-ports 100", seconds=40),
    _nmap("nmap-ten-ports", "-sS --top-ports 10"),
    _nmap("nmap-sequential-scan", "-sS -r -p 1-500"),
    _nmap("nmap-decoy-scan", "-sS -D 10.77.1.201,10.77.1.202,10.77.1.203,ME --top-ports 300"),
    _nmap("nmap-fragment-scan", "-sS -f --top-ports 300"),
    _nmap("nmap-source-port-scan", "-sS -g 53 --top-ports 300"),
    _nmap("nmap-padded-scan", "-sS --data-length 40 --badsum --top-ports 300"),
    _nmap("nmap-version-scan", "-sV --top-ports 50"),
    _nmap("nmap-os-detection", "-O --top-ports 50"),
    _nmap("nmap-default-scripts", "-sC -p 21,22,25,53,80,110,143,443,445"),
    Attack("nmap-ipv6-syn-scan", "T1046", "nmap -6 -n -Pn -sS {target6}", victims=("target6",)),
    Attack("masscan-ports", "T1046", "masscan {target} -p 1-1000 --rate 200 --wait 1 --adapter-ip {attacker} --router-mac {router}"),
    Attack("hping3-port-scan", "T1046", "hping3 --scan 1-300 -S {target}"),
    Attack("netcat-port-scan", "T1046", "nc -z -n -w 1 {target} 1-300"),
    Attack("outside-syn-scan", "T1595.001", "nmap -n -Pn -sS {shop}", attacker="outside", victims=("shop",)),
    Attack("outside-slow-scan", "T1595.001", "nmap -n -Pn -sS --max-rate 3 --top-ports 100 {shop}", attacker="outside",
           victims=("shop",), seconds=40),
    Attack("nmap-ping-sweep", "T1018", "nmap -n -sn -PE {network}", victims=_SWEPT),
    Attack("nmap-syn-sweep", "T1046", "nmap -n -Pn -sS -p 445 {network}", victims=_SWEPT),
    Attack("nmap-udp-sweep", "T1046", "nmap -n -Pn -sU -p 161 {network}", victims=_SWEPT),
    Attack("nmap-slow-sweep", "T1046", "nmap -n -Pn -sS -p 22 --max-rate 2 {network}", victims=_SWEPT, seconds=40),
    Attack("nmap-ipv6-sweep", "T1046", "nmap -6 -n -Pn -sS -p 22 fd77:2::/120", victims=("target6",)),
    Attack("nmap-several-ports-sweep", "T1046", "nmap -n -Pn -sS -p 22,80,445,3389 {network}", victims=_SWEPT),
    Attack("masscan-sweep", "T1046", "masscan {network} -p 3306 --rate 60 --wait 1 --adapter-ip {attacker} --router-mac {router}",
           victims=_SWEPT),
    Attack("zmap-sweep", "T1046", "zmap -i eth0 -G {router} -S {attacker} -p 8443 -r 60 -c 2 --blacklist-file=/dev/null -o /dev/null "
           "{network}", victims=_SWEPT),
    Attack("fping-sweep", "T1018", "fping -q -i 100 -r 0 -g {network}", victims=_SWEPT),
    Attack("nbtscan-sweep", "T1018", "nbtscan -q {network}", victims=_SWEPT),
    Attack("onesixtyone-sweep", "T1046", "onesixtyone -w 100 -i {hosts} public", victims=_SWEPT),
    Attack("ike-scan-sweep", "T1046", "ike-scan --sport=0 --retry=1 {network}", victims=_SWEPT),
    Attack("svmap-sip-sweep", "T1046", "svmap {network}", victims=_SWEPT),
    Attack("internet-sweep", "T1046", "nmap -n -Pn -sS -p 23 198.51.100.0/24", victims=("sites",)),
]
