"""The office at work, with or without attacks, a sensor and a capture."""
import time

from labkit import network, office, sandbox
from labkit.attack import Running, places, write_lists
from labkit.office_services import OfficeServices
from labkit.office_traffic import OfficeTraffic
from labkit.recorder import Recorder
from labkit.sensor import Sensor
from labkit.shell import LabError

WINDOW_SECONDS = 10
REACTION_SECONDS = 2 * WINDOW_SECONDS + 3


class OfficeSession:
    """Everything is up within it. With `guests` each attack has an attacker and a target of its own, so that no alert hides
    another; without, `loud` attacks the server that everybody uses."""

    def __init__(self, mode, attacks, guests, weir=None, config=None, capture=None, seed=1):
        self._attacks, self._guests = attacks, guests
        for attack in attacks:
            if attack.attacker != "inside" and mode == "masquerade":
                raise LabError(f"{attack.name} comes from outside and finds no way in behind a masquerading gateway: --mode routed")
        self.folder = sandbox.directory() / mode
        self.folder.mkdir()
        talkers = office.build(mode, len(attacks) if guests else 0)
        self._services = OfficeServices(self.folder, talkers)
        self.sensor = weir and Sensor(weir, config and config.resolve(), self.folder)
        self._seed = seed
        self._capture, self._recorder, self._talkers, self._ordinary = capture, None, talkers, None
        self.running = []  # (attack under way or over, its places)
        self.captured = None

    def __enter__(self):
        try:
            self._services.start()
            self._ordinary = OfficeTraffic(self.folder, self._services, self._talkers, self._seed)
            write_lists(self.folder)
            if self.sensor:
                self.sensor.start()
            if self._capture:
                self._recorder = Recorder(self._capture, self.folder)
            self._ordinary.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        for running, _ in self.running:
            running.stop()
        if self.sensor:
            self.sensor.kill()
        if self._ordinary:
            self._ordinary.stop()
        self._services.stop()
        network.remove()

    def work(self, seconds):
        """Ordinary traffic alone."""
        self._wait(lambda now, end=time.time() + seconds: now >= end)

    def attack(self, is_enough):
        """All attacks at once; then until is_enough(the session), at the longest until the last one's end is judged."""
        for number, attack in enumerate(self._attacks):
            attacker = office.guest(number) if self._guests else "loud"
            where = places(self.folder, attacker, office.target_of_guest(number) if self._guests else None)
            if attack.attacker == "outside" or (attack.attacker == "forged" and not self._guests):
                where |= dict(zip(("attacker", "attacker6"), network.ADDRESSES[office.OUTSIDE]))
            namespace = attacker if attack.attacker == "inside" else office.OUTSIDE
            self.running.append((Running(attack, namespace, where, self.folder), where))
        over = lambda: all([run.is_over() for run, _ in self.running])
        self._wait(lambda now: over() or is_enough(self))
        end = time.time() + REACTION_SECONDS
        self._wait(lambda now: over() and (now >= end or is_enough(self)))

    def finish(self):
        """What ordinary traffic came to; the sensor and the capture end."""
        if self._recorder:
            self.captured = self._recorder.stop(self.running)
        return {"requests": self._ordinary.summary(), "sensor": self.sensor and self.sensor.stop(), "packets": self.captured}

    def _wait(self, is_over):
        while not is_over(time.time()):
            if self.sensor:
                self.sensor.poll()
            time.sleep(0.5)
