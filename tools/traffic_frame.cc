#include "traffic_frame.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <string_view>

#include "random.h"

namespace weir {
namespace {

constexpr std::size_t kHeadBytes = 80;  // more than the sensor samples
constexpr std::size_t kUdpHeader = 8, kIcmpHeader = 8, kTcpHeader = 20;
constexpr std::uint16_t kWindow = 501;

constexpr std::string_view kText =
    "GET /style/main.css?v=3 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,de;q=0.5\r\nConnection: keep-alive\r\n\r\n"
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 11342\r\n\r\n"
    "<!doctype html><html lang=\"en\"><head><title>Minutes of the meeting</title></head><body><p>The harbour office "
    "asked for the figures of the third quarter; they are in the table below, together with last year's.</p>"
    "<table><tr><td>17</td><td>2,408</td></tr><tr><td>18</td><td>2,391</td></tr></table></body></html>\n";

bool is_synchronising(const PlannedFrame& frame) { return (frame.tcp_flags & TH_SYN) != 0; }
bool is_reset(const PlannedFrame& frame) { return (frame.tcp_flags & TH_RST) != 0; }

/// Options as Linux sends them: MSS, SACK, timestamps and window scale in a SYN, timestamps after it.
std::size_t tcp_option_bytes(const PlannedFrame& frame) {
  if (is_reset(frame)) return 0;
  return is_synchronising(frame) ? 20 : 12;
}

std::size_t transport_header(const PlannedFrame& frame, std::uint8_t protocol) {
  if (protocol == IPPROTO_TCP) return kTcpHeader + tcp_option_bytes(frame);
  return protocol == IPPROTO_UDP ? kUdpHeader : kIcmpHeader;
}

}  // namespace

void FrameWriter::put16(unsigned value) {
  put8(value >> 8);
  put8(value & 0xff);
}

void FrameWriter::put32(std::uint32_t value) {
  put16(value >> 16);
  put16(value & 0xffff);
}

void FrameWriter::put_ethernet(const MacAddress& to, const MacAddress& from, bool is_v4) {
  put(to);
  put(from);
  put16(is_v4 ? 0x0800 : 0x86dd);
}

void FrameWriter::put_ip4(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, std::size_t length) {
  const std::size_t start = size_;
  put16(0x4500);
  put16(static_cast<unsigned>(20 + length));
  put16(written_ & 0xffff);
  put16(0x4000);  // do not fragment
  put8(64);
  put8(protocol);
  put16(0);
  put(std::span(from.bytes()).last<4>());
  put(std::span(to.bytes()).last<4>());
  unsigned sum = 0;
  for (std::size_t i = start; i < size_; i += 2) sum += static_cast<unsigned>(buffer_[i] << 8 | buffer_[i + 1]);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~(sum + (sum >> 16)) & 0xffff;
  buffer_[start + 10] = static_cast<std::uint8_t>(sum >> 8);
  buffer_[start + 11] = static_cast<std::uint8_t>(sum);
}

void FrameWriter::put_ip6(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, std::size_t length) {
  put32(0x60000000);
  put16(static_cast<unsigned>(length));
  put8(protocol);
  put8(64);
  put(from.bytes());
  put(to.bytes());
}

void FrameWriter::put_tcp(const PlannedFrame& frame, std::uint16_t from, std::uint16_t to) {
  const std::size_t options = tcp_option_bytes(frame);
  put16(from);
  put16(to);
  put32(frame.conversation * 2654435761U + static_cast<std::uint32_t>(frame.time_ns >> 10));
  put32((frame.tcp_flags & TH_ACK) != 0 ? frame.conversation * 2246822519U + written_ : 0);
  put8(static_cast<unsigned>((kTcpHeader + options) / 4 << 4));
  put8(frame.tcp_flags);
  put16(kWindow);
  put32(0);  // checksum, urgent pointer
  if (is_synchronising(frame)) {
    put32(0x020405b4);  // MSS 1460
    put16(0x0402);      // SACK permitted
  } else if (options != 0) {
    put16(0x0101);
  }
  if (options != 0) {
    put16(0x080a);
    put32(static_cast<std::uint32_t>(frame.time_ns / kMillisecond_ns));
    put32(written_);
  }
  if (is_synchronising(frame)) put32(0x01030307);  // window scale 7
}

void FrameWriter::put_udp(const PlannedFrame& frame, std::uint16_t from, std::uint16_t to) {
  put16(from);
  put16(to);
  put16(static_cast<unsigned>(kUdpHeader + frame.payload_bytes));
  put16(0);
}

void FrameWriter::put_icmp(const PlannedFrame& frame, const Conversation& conversation) {
  const bool is_v4 = conversation.client.is_v4();
  const unsigned request = is_v4 ? 8 : 128, reply = is_v4 ? 0 : 129;
  put8(frame.from_server ? reply : request);
  put8(0);
  put16(0);
  put16(conversation.client_port);  // identifier
  put16(written_ & 0xffff);
}

void FrameWriter::put_payload(Payload kind, std::size_t bytes) {
  Random random(written_);
  const std::size_t begin = size_;
  const std::size_t text = random.below(kText.size());
  const auto byte = [&](std::size_t i) -> unsigned {
    switch (kind) {
      case Payload::kText:
        return static_cast<unsigned char>(kText[(text + i) % kText.size()]);
      case Payload::kPing:
        return i < 8 ? random.below(256) : static_cast<unsigned>(i);
      case Payload::kDns:  // a header with few bits set, then names
        return i < 2 ? random.below(256) : i < 12 ? (i % 4 == 1) : 'a' + random.below(26);
      case Payload::kBinary:  // counters and small numbers
        return random.below(2) == 0 ? 0 : random.below(64);
      case Payload::kTls:
      case Payload::kRandom:
        break;
    }
    return random.below(256);
  };
  for (std::size_t i = 0; i < std::min(bytes, kHeadBytes); ++i) put8(byte(i));
  if (kind == Payload::kTls && bytes >= 5) {  // application data, TLS 1.2 on the outside
    std::ranges::copy(std::array<std::uint8_t, 3>{0x17, 0x03, 0x03}, buffer_.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

std::span<const std::uint8_t> FrameWriter::write(const PlannedFrame& frame, const Conversation& conversation,
                                                 std::uint32_t& wire_bytes) {
  size_ = 0;
  ++written_;
  const bool back = frame.from_server;
  const bool is_v4 = conversation.client.is_v4();
  const IpAddress& from = back ? conversation.server : conversation.client;
  const IpAddress& to = back ? conversation.client : conversation.server;
  const std::uint16_t from_port = back ? conversation.server_port : conversation.client_port;
  const std::uint16_t to_port = back ? conversation.client_port : conversation.server_port;
  const std::size_t length = transport_header(frame, conversation.protocol) + frame.payload_bytes;

  put_ethernet(back ? conversation.client_mac : conversation.server_mac,
               back ? conversation.server_mac : conversation.client_mac, is_v4);
  if (is_v4)
    put_ip4(from, to, conversation.protocol, length);
  else
    put_ip6(from, to, conversation.protocol, length);
  wire_bytes = static_cast<std::uint32_t>(size_ + length);
  if (conversation.protocol == IPPROTO_TCP)
    put_tcp(frame, from_port, to_port);
  else if (conversation.protocol == IPPROTO_UDP)
    put_udp(frame, from_port, to_port);
  else
    put_icmp(frame, conversation);
  put_payload(conversation.payload, frame.payload_bytes);
  return std::span(buffer_).first(size_);
}

}  // namespace weir
