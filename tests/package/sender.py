"""Frames of UDP from one end of a cable: how many were sent is known, nobody answers them, and they differ in flow and length."""
import contextlib
import socket
import struct
import threading

ETHERNET_HEADER = 14
FLOWS = 500
BURST, PAUSE_SECONDS = 16, 0.002  # a veth's ring holds 256


class Sender:
    def __init__(self, interface, hardware_address):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.bind((interface, 0))
        ethernet = bytes.fromhex(hardware_address.replace(":", "")) + b"\x02\0\0\0\0\1" + b"\x08\0"
        self._frames = [ethernet + _ip_packet(flow) for flow in range(FLOWS)]
        self._stop = threading.Event()
        self.packets = self.bytes = 0

    @contextlib.contextmanager
    def sending(self):
        """Without a break, from before the body until after it."""
        self._stop.clear()
        thread = threading.Thread(target=self._send)
        before = self.packets
        thread.start()
        try:
            while self.packets == before and thread.is_alive():
                self._stop.wait(PAUSE_SECONDS)
            yield
        finally:
            self._stop.set()
            thread.join()

    def close(self):
        self._socket.close()

    def _send(self):
        while not self._stop.wait(PAUSE_SECONDS):
            for _ in range(BURST):
                frame = self._frames[self.packets % FLOWS]
                self._socket.send(frame)
                self.packets += 1
                self.bytes += len(frame)


def _ip_packet(flow):
    """To a neighbour of the receiver's, which therefore stays silent."""
    payload = bytes(18 + 2 * flow)
    udp = struct.pack("!HHHH", 20_000 + flow, 9, 8 + len(payload), 0) + payload
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), flow, 0, 64, socket.IPPROTO_UDP, 0,
                         socket.inet_aton("10.88.0.2"), socket.inet_aton("10.88.0.9"))
    return header + udp
