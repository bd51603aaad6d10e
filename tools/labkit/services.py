"""The server's programs: nginx, dnsmasq and iperf3, on configurations of the lab's own."""
import time

from labkit import network
from labkit.shell import LabError, check, inside, start, stop

NAME = "www.lab.test"
PAGES = {"/": 3_000, "/style.css": 12_000, "/photo.jpg": 180_000}  # bytes
BANDWIDTH_PORTS = {"quiet": 5201, "loud": 5202}  # an iperf3 server serves one client at a time
_PORTS = {53, 80, *BANDWIDTH_PORTS.values()}

_NGINX = """
daemon off;
user nobody nogroup;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 80; listen [::]:80; root {folder}/pages; }}
}}
"""


class Services:
    def __init__(self, folder):
        self._folder = folder
        self._processes = {}

    def start(self):
        self._write_pages()
        ip4, ip6 = network.ADDRESSES["server"]
        configuration = self._folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=self._folder))
        self._start("nginx", ["nginx", "-e", self._folder / "nginx-error.log", "-c", configuration])
        self._start("dnsmasq", ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                                "--user=nobody", "--group=nogroup", "--pid-file", "--log-facility=-",
                                f"--host-record={NAME},{ip4},{ip6}"])
        for port in BANDWIDTH_PORTS.values():
            self._start(f"iperf3-{port}", ["iperf3", "--server", "--port", port])
        self._wait_until_listening(_PORTS)

    def stop(self):
        stop(self._processes.values())

    def _start(self, name, command):
        self._processes[name] = start("server", command, self._folder / f"{name}.log")

    def _write_pages(self):
        pages = self._folder / "pages"
        pages.mkdir(exist_ok=True)
        for path, size in PAGES.items():
            line = b"A weir stands in a river and measures it without stopping it.\n"
            (pages / (path.lstrip("/") or "index.html")).write_bytes((line * (size // len(line) + 1))[:size])

    def _wait_until_listening(self, ports, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            lines = check(inside("server", ["ss", "-Hltn"])).splitlines()
            if ports <= {int(line.split()[3].rsplit(":", 1)[1]) for line in lines}:
                return
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise LabError(f"{name} ended: {(self._folder / f'{name}.log').read_text().strip()}")
            time.sleep(0.1)
        raise LabError(f"not all of ports {sorted(ports)} answer on the server after {seconds} s")
