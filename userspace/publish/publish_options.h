#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct HttpOptions {
  bool enabled = true;
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6; off loopback an API key is required
  std::uint16_t port = 9477;
  std::vector<std::string> allowed_hosts;  ///< Host headers accepted besides the loopback names and `address`
  std::string key_file;                    ///< the API key, first line; else WEIR_API_KEY or AIOPS_API_KEY
};

struct AlertOptions {
  std::string file;     ///< JSON lines are appended here; empty = standard output
  bool journal = true;  ///< to journald too, where it runs
};

struct PublishOptions {
  HttpOptions http;
  AlertOptions alerts;
};

}  // namespace weir
