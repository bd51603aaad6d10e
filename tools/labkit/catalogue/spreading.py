"""From host to host: T1021, T1570; names of a domain before that: T1590.002."""
from labkit.attack import Attack

_EACH = "for h in $(cat {hosts})"
_MANY = ("targets",)

ENTRIES = [
    Attack("ssh-many-hosts", "T1021.004", f"{_EACH}; do {{ssh}} root@$h uptime; done", victims=_MANY),
    Attack("scp-many-hosts", "T1570", f"{_EACH}; do scp {{ssh_options}} {{paper}} root@$h:/dev/null; done", victims=_MANY),
    Attack("smbclient-many-hosts", "T1021.002", f"{_EACH}; do smbclient //$h/share -U {{user}}%{{password}} -c 'put {{paper}} tool.bin'; done",
           victims=_MANY),
    Attack("smb-wrong-password-many-hosts", "T1110.003", f"{_EACH}; do smbclient //$h/share -U {{user}}%wrong -c ls; done", victims=_MANY),
    Attack("nmap-windows-services-sweep", "T1021", "nmap -n -Pn -sT -p 135,3389,5985 {network}", victims=_MANY),
    Attack("nmap-smb-scripts-many-hosts", "T1021.002", "nmap -n -Pn -p 445 --script smb-os-discovery,smb-protocols -iL {hosts}", victims=_MANY),
    Attack("ssh-many-hosts-slowly", "T1021.004", f"{_EACH}; do {{ssh}} root@$h true; sleep 3; done", victims=_MANY, seconds=40),
    Attack("redis-cli-many-hosts", "T1210", f"{_EACH}; do redis-cli -h $h info; done", victims=_MANY),
    Attack("dnsrecon-names", "T1590.002", "dnsrecon -d lab.test -n {resolver} -t brt -D /usr/share/dirb/wordlists/small.txt", victims=("resolver",)),
    Attack("fierce-names", "T1590.002", "fierce --domain lab.test --dns-servers {resolver}", victims=("resolver",)),
]
