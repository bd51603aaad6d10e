"""An attack: a command line of a real program, whose places are filled in by the lab that runs it."""
import dataclasses
import os
import signal
import subprocess
import time

from labkit import network, office
from labkit.office_services import PASSWORD, USER
from labkit.shell import LabError, inside

_NOT_FOUND = (126, 127)  # exit codes of a shell


@dataclasses.dataclass(frozen=True)
class Attack:
    name: str
    technique: str  # of MITRE ATT&CK
    command: str  # for a shell; {target} and the other names of places() are filled in
    expects: tuple = ()  # (kind, "source" | "destination"): by the attacker, on the victim; for kinds of the injector
    attacker: str = "inside"  # "outside": the host behind the server; "forged": its packets carry addresses of others
    victims: tuple = ("target",)  # names of places(), the attacker's own address also
    other_end: str = ""  # a shell command that runs in the namespace `outside` meanwhile
    seconds: int = 30  # after that it is stopped
    config: str = ""  # of the sensor, where nobody names another: its rule learns for longer than a lab runs
    needs_answers: bool = False  # its rule judges what comes back, which a masquerading gateway's inside cannot be matched with

    def accused(self, places):
        """Addresses that an alert about this attack may name."""
        return {address for name in (*self.victims, "attacker", "attacker6") for address in places[name].split(",")}


def places(folder, attacker="loud", target=None):
    """What attacks are aimed at, by the names that their command lines use."""
    server, server6 = network.ADDRESSES["server"]
    attacker_addresses = network.ADDRESSES[attacker]
    no_questions = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    ssh_options = f"-i {folder}/ssh_key -o BatchMode=yes {no_questions}"
    return {
        "attacker": attacker_addresses[0], "attacker6": attacker_addresses[1], "target": target or server, "target6": server6,
        "resolver": server, "network": "10.77.2.0/24", "targets": ",".join(office.TARGETS), "site": office.SITES[5],
        "sites": ",".join(office.SITES), "outside": network.ADDRESSES["outside"][0], "shop": network.ADDRESSES["shop"][0],
        "quiet": network.ADDRESSES["quiet"][0], "desk": network.ADDRESSES["desk4"][0], "router": _mac(attacker),
        "folder": str(folder), "user": USER, "password": PASSWORD,
        "users": f"{folder}/users", "passwords": f"{folder}/passwords", "hosts": f"{folder}/hosts",
        "ssh_options": ssh_options, "ssh": f"ssh {ssh_options}", "ssh_plain": f"ssh {no_questions}", "paper": f"{folder}/paper.bin",
    }


def write_lists(folder):
    """Word lists, long enough for half a minute."""
    (folder / "users").write_text("\n".join(["root", "admin", "test", "oracle", USER, "backup", "guest", "www"]) + "\n")
    (folder / "passwords").write_text("\n".join(f"Summer{year}{end}" for year in range(1900, 2030) for end in "!?#") + "\n")
    (folder / "hosts").write_text("\n".join(office.TARGETS) + "\n")
    (folder / "large.bin").write_bytes(os.urandom(1 << 20) * 40)


class Running:
    """An attack under way."""

    def __init__(self, attack, namespace, where, folder):
        self.attack, self.start, self.end, self.exit_code = attack, time.time(), None, None
        self._log = folder / f"attack-{attack.name}.log"
        self._other_end = attack.other_end and self._run(office.OUTSIDE, attack.other_end.format(**where), 600)
        if self._other_end:
            time.sleep(1)
        self.start = time.time()
        self._process = self._run(namespace, attack.command.format(**where), attack.seconds)

    def is_over(self):
        if self.end is None and self._process.poll() is not None:
            self.end, self.exit_code = time.time(), self._process.returncode
            self.stop()
            if self.exit_code in _NOT_FOUND:
                raise LabError(f"{self.attack.name}: {self.log()}: tools/run --lab installs what the lab needs")
        return self.end is not None

    def stop(self):
        for process in (self._process, self._other_end):
            if process:
                _kill_group(process)

    def log(self):
        return self._log.read_text(errors="replace").strip()[-2000:]

    def _run(self, namespace, command, seconds):
        with open(self._log, "ab") as log:
            return subprocess.Popen(inside(namespace, ["timeout", "--signal=INT", "--kill-after=3", seconds, "bash", "-c", command]),
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self._log.parent,
                                    env={**os.environ, "HOME": str(self._log.parent)})  # where some write down what they saw


def _kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _mac(namespace):
    """Of the router that `namespace` sees, for programs that write frames."""
    if namespace == office.OUTSIDE:
        return network.mac("server", "uplink")
    return network.mac(network.GATEWAY, "lan")
