#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace weir::http_client {

struct Reply {
  int status = 0;  ///< 0 = the server closed the connection without an answer
  std::string head;
  std::string body;

  /// A header's value, "" without it.
  std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "";
    const auto start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

/// A connection on which bytes are sent as they are. Reads give up after five seconds, so that no test hangs.
class Client {
 public:
  explicit Client(std::uint16_t port, const char* from = nullptr) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    set_timeout();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (from != nullptr) {
      ::inet_pton(AF_INET, from, &address.sin_addr);
      ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  static Client over_v6(std::uint16_t port) {
    Client c;
    c.fd_ = UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    c.set_timeout();
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    c.is_connected_ = ::connect(c.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    return c;
  }

  bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Reads one answer, by its Content-Length; `has_body` is false for HEAD.
  Reply receive(bool has_body = true) {
    Reply reply;
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!receive_more()) return reply;
    reply.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    reply.status = std::atoi(reply.head.substr(9, 3).c_str());
    const auto size = has_body ? static_cast<std::size_t>(std::atol(reply.header("Content-Length").c_str())) : 0;
    while (received_.size() < size && receive_more()) {
    }
    reply.body = received_.substr(0, size);
    received_.erase(0, reply.body.size());
    return reply;
  }

  /// Whether the server has closed: waits until it does, or for the timeout.
  bool is_closed() { return !receive_more() && errno != EAGAIN; }

  /// Sends one request and reads the answer. `more` holds header lines, each ended by "\r\n".
  Reply request(const std::string& method, const std::string& path, const std::string& more = "") {
    send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
    return receive(method != "HEAD");
  }

 private:
  Client() = default;

  void set_timeout() const {
    const timeval limit{5, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  bool receive_more() {
    char part[4096];
    errno = 0;
    const ssize_t got = ::recv(fd_.get(), part, sizeof part, 0);
    if (got > 0) received_.append(part, static_cast<std::size_t>(got));
    return got > 0;
  }

  UniqueFd fd_;
  bool is_connected_ = false;
  std::string received_;
};

}  // namespace weir::http_client
