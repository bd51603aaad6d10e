"""What the people of an office do, by real programs: each talker has habits of its own, seeded, and pauses in between."""
import collections
import random
import subprocess
import threading

from labkit import network, office
from labkit.office_services import BANDWIDTH_PORT, PASSWORD, USER
from labkit.services import NAME, PAGES
from labkit.shell import inside

_PAUSE_MEDIAN_S, _PAUSE_SPREAD, _LONGEST_PAUSE_S = 1.5, 1.2, 20  # log-normal: people pause long after many short pauses
_GUESTS_HABITS = {"web", "names", "search", "ping"}
_SEARCHED = ("paper", "union+of+select+shops", "o%27neill", "scripts")  # words of attacks that are none
_WRONG_NAMES = ("wpad.lab.test", "printer.lab.test", "intranet.lab.test")  # that any resolver is asked for in vain


class OfficeTraffic:
    def __init__(self, folder, services, talkers, seed):
        self._folder = folder
        self._ssh_options = services.ssh_options()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number, talker, f"{talker} {seed}"), daemon=True)
                         for number, talker in enumerate(talkers)]
        self.outcomes = collections.Counter()  # (habit, succeeded) -> number
        (folder / "paper.bin").write_bytes(random.Random(1).randbytes(2_000_000))
        (folder / "mail.txt").write_text("Subject: minutes\r\n\r\n" + "We met and agreed.\r\n" * 200, newline="")

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(timeout=30)

    def summary(self):
        result = {}
        for (habit, succeeded), number in sorted(self.outcomes.items()):
            result.setdefault(habit, {"ok": 0, "failed": 0})["ok" if succeeded else "failed"] = number
        return result

    def _work(self, number, talker, seed):
        choice = random.Random(seed)
        habits = self._habits(number)
        if talker.startswith("guest"):  # they browse and move nothing large: what is large from them is the attack
            habits = [habit for habit in habits if habit[0] in _GUESTS_HABITS]
        # Everybody has all habits, but not equally.
        weights = [weight * choice.lognormvariate(0, 0.7) for _, weight, _ in habits]
        while not self._stopping.wait(min(choice.lognormvariate(0, _PAUSE_SPREAD) * _PAUSE_MEDIAN_S, _LONGEST_PAUSE_S)):
            name, _, command = choice.choices(habits, weights)[0]
            self.outcomes[name, self._succeeds(talker, command(choice))] += 1

    def _succeeds(self, talker, command):
        process = subprocess.Popen(inside(talker, command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            return process.wait(timeout=40) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False

    def _habits(self, number):
        """(name, weight, the command line as a function of a random choice)"""
        server, server6 = network.ADDRESSES["server"]
        login = f"{USER}:{PASSWORD}"
        curl = ["curl", "--silent", "--insecure", "--fail", "--max-time", "30", "--output", "/dev/null"]

        def browse(choice):
            site = choice.choice([server, f"[{server6}]", *office.SITES])
            scheme = choice.choice(("http", "https"))
            pages = choice.choices(list(PAGES), weights=(5, 3, 2), k=choice.randint(1, 6))
            return [*curl[:-2], *(part for page in pages for part in ("--output", "/dev/null", f"{scheme}://{site}{page}"))]

        def look_up(choice):
            name = choice.choices([NAME, "lab.test", choice.choice(_WRONG_NAMES)], weights=(12, 2, 1))[0]
            return ["dig", f"@{choice.choice((server, server6))}", "+tries=2", "+time=3", name, choice.choice(("A", "AAAA"))]

        def copy(choice):
            return ["scp", *map(str, self._ssh_options), *choice.choice([[f"root@{server}:{self._folder}/share/report.bin", "/dev/null"],
                                                                        [str(self._folder / "paper.bin"), f"root@{server}:/dev/null"]])]

        return [
            ("web", 8, browse),
            ("names", 8, look_up),
            ("search", 2, lambda choice: [*curl, f"http://{server}/search?q={choice.choice(_SEARCHED)}"]),
            ("upload", 1, lambda choice: [*curl, "-T", f"{self._folder}/paper.bin", f"https://{choice.choice(office.SITES)}/upload"]),
            ("mail read", 2, lambda choice: [*curl, "--user", login, f"imap://{server}/INBOX?ALL"]),
            ("mail sent", 1, lambda choice: [*curl, "--user", login, "--mail-from", "a@lab.test", "--mail-rcpt", "b@lab.test",
                                             "-T", f"{self._folder}/mail.txt", f"smtp://{server}"]),
            ("ftp", 1, lambda choice: [*curl, "--user", login, f"ftp://{server}/report.bin"]),
            ("smb", 1, lambda choice: ["smbclient", f"//{server}/share", "-U", f"{USER}%{PASSWORD}", "-c", "get report.bin /dev/null"]),
            ("ssh", 1, lambda choice: ["ssh", *map(str, self._ssh_options), f"root@{server}", f"sleep {choice.randint(0, 5)}; uptime"]),
            ("copy", 1, copy),
            ("time", 0.5, lambda choice: ["chronyd", "-x", "-u", "root", "-Q", "-t", "8", f"server {server} iburst maxsamples 1"]),
            ("ping", 1, lambda choice: ["ping", "-n", "-c", choice.choice(("3", "5")), choice.choice((server, server6))]),
            ("call", 0.5, lambda choice: ["iperf3", "--client", server, "--udp", "--bidir", "--bitrate", "80K", "--length", "160",
                                          "--port", str(BANDWIDTH_PORT + number), "--time", str(choice.randint(5, 15))]),
        ]
