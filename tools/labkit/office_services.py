"""Servers of an office and of the sites that it visits, all in the server's namespace; a web and an SSH server in the shop."""
import pathlib
import shutil

from labkit import network
from labkit.services import NAME, Services
from labkit.shell import check, start

USER, PASSWORD = "clerk", "correct-horse"
BANDWIDTH_PORT = 5201  # the first; each talker has its own, for an iperf3 server serves one client at a time
_PYTHON = "/usr/bin/python3"  # Debian's, with Debian's modules
_PORTS = {21, 22, 25, 53, 80, 110, 143, 443, 445, 6379, 8080, 31337}

_NGINX = """
daemon off; user nobody nogroup; worker_processes 1;
pid {folder}/nginx-{where}.pid; error_log {folder}/nginx-{where}-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_max_body_size 1g;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
  server {{
    listen 80; listen [::]:80; listen 8080; listen 31337; listen 443 ssl; listen [::]:443 ssl; root {folder}/pages;
    location /private {{ auth_basic "private"; auth_basic_user_file {folder}/htpasswd; try_files /index.html =404; }}
    location /login {{ if ($request_method = POST) {{ return 200 "wrong name or password"; }} try_files /index.html =404; }}
    location /search {{ try_files /index.html =404; error_page 405 =200 /index.html; }}
    location /upload {{ proxy_pass http://127.0.0.1:8099; }}
  }}
  server {{ listen 127.0.0.1:8099; location / {{ return 204; }} }}
}}
"""
_DOVECOT = """
protocols = imap pop3
base_dir = {folder}/dovecot
log_path = {folder}/dovecot-mail.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
default_internal_user = dovecot
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail/%u
}}
"""
_SSHD = """
AuthorizedKeysFile {folder}/ssh_key.pub
HostKey {folder}/ssh_host_key
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
Subsystem sftp internal-sftp
"""
_SMTP = """
import sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
def check(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login.decode(), data.password.decode()) == tuple(sys.argv[1:3]), handled=False)
Controller(Sink(), hostname="0.0.0.0", port=25, authenticator=check, auth_require_tls=False).start()
time.sleep(10**6)
"""
# What talks through a tunnel asks the resolver for names of these zones, whose server is outside.
_TUNNEL_ZONES = {"t.lab.test": 53, "d.lab.test": 5353}


class OfficeServices(Services):
    def __init__(self, folder, talkers):
        super().__init__(folder)
        self._talkers = talkers

    def start(self):
        self._write_pages()
        self._write_keys()
        for where in ("server", "shop"):
            self._serve_web_and_shells(where)
        self._serve_names_and_time()
        self._serve_files_and_mail()
        for number in range(len(self._talkers)):
            self._start(f"iperf3-{number}", ["iperf3", "--server", "--port", BANDWIDTH_PORT + number])
        self._wait_until_listening(_PORTS | {BANDWIDTH_PORT + number for number in range(len(self._talkers))}, seconds=30)

    def ssh_options(self):
        return ["-i", self._folder / "ssh_key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]

    def _write_keys(self):
        folder = self._folder
        for name in ("ssh_key", "ssh_host_key"):
            check(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name])
        check(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", f"/CN={NAME}", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"])
        secret = check(["openssl", "passwd", "-apr1", PASSWORD]).strip()
        (folder / "htpasswd").write_text(f"{USER}:{secret}\n")

    def _serve_web_and_shells(self, where):
        folder = self._folder
        (folder / f"nginx-{where}.conf").write_text(_NGINX.format(folder=folder, where=where))
        self._start_in(where, f"nginx-{where}", ["nginx", "-e", folder / f"nginx-{where}-error.log",
                                                 "-c", folder / f"nginx-{where}.conf"])
        (folder / "sshd_config").write_text(_SSHD.format(folder=folder))
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # of the lab: the sandbox has its own /run
        self._start_in(where, f"sshd-{where}", ["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"])

    def _serve_names_and_time(self):
        ip4, ip6 = network.ADDRESSES["server"]
        outside = network.ADDRESSES["outside"][0]
        self._start("dnsmasq", [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=nobody",
            "--group=nogroup", "--pid-file", "--log-facility=-", "--dns-forward-max=2000", f"--host-record={NAME},{ip4},{ip6}",
            "--local=/test/", *(f"--server=/{zone}/{outside}#{port}" for zone, port in _TUNNEL_ZONES.items())])
        configuration = self._folder / "chrony.conf"
        configuration.write_text(f"local stratum 8\nallow all\ncmdport 0\ndriftfile {self._folder}/drift\n")
        self._start("chronyd", ["chronyd", "-x", "-d", "-u", "root", "-f", configuration])
        (self._folder / "snmpd.conf").write_text("rocommunity not-easily-guessed\nagentaddress udp:161\n")
        self._start("snmpd", ["snmpd", "-f", "-Lo", "-C", "-c", self._folder / "snmpd.conf", "-p", self._folder / "snmpd.pid"])

    def _serve_files_and_mail(self):
        folder = self._folder
        share = folder / "share"
        share.mkdir()
        (share / "report.bin").write_bytes(bytes(range(256)) * 4000)
        self._start("ftpd", [_PYTHON, "-m", "pyftpdlib", "-i", "0.0.0.0", "-p", "21", "-w", "-u", USER, "-P", PASSWORD, "-d", share])
        self._start("smbd", [_PYTHON, shutil.which("impacket-smbserver") or "/usr/share/doc/python3-impacket/examples/smbserver.py",
                             "-smb2support", "-username", USER, "-password", PASSWORD, "share", share])
        (folder / "smtp.py").write_text(_SMTP)
        self._start("smtpd", [_PYTHON, folder / "smtp.py", USER, PASSWORD])
        (folder / "mail").mkdir(mode=0o777)
        (folder / "mail").chmod(0o777)
        (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder, password=PASSWORD))
        self._start("dovecot", ["dovecot", "-F", "-c", folder / "dovecot.conf"])
        self._start("redis", ["redis-server", "--bind", "0.0.0.0", "--requirepass", PASSWORD, "--save", "", "--dir", folder])

    def _start_in(self, namespace, name, command):
        self._processes[name] = start(namespace, command, self._folder / f"{name}.log")
