#include "daemon/verify_reading.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <thread>

#include "daemon/ask_daemon.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kTickPatience = 10s;

struct FreeAddresses {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

[[nodiscard]] Result<json> ask_status(const SensorAddress& sensor) {
  const auto body = ask_daemon(sensor.http, sensor.url, "/api/v1/status");
  if (!body) return tl::make_unexpected(body.error());
  json status = json::parse(*body, nullptr, false);
  if (!status.is_object() || !status.contains("ticks")) return tl::make_unexpected(not_weir());
  return status;
}

}  // namespace

std::map<std::string, DeviceCount> device_counts() {
  ifaddrs* list = nullptr;
  std::map<std::string, DeviceCount> out;
  if (getifaddrs(&list) != 0) return out;
  const std::unique_ptr<ifaddrs, FreeAddresses> all(list);
  for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_PACKET || i->ifa_data == nullptr) continue;
    const auto& counts = *static_cast<const rtnl_link_stats*>(i->ifa_data);
    out[i->ifa_name] = {counts.rx_packets, counts.tx_packets};
  }
  return out;
}

Result<Reading> first_reading(const SensorAddress& sensor) {
  auto status = ask_status(sensor);
  if (!status) return tl::make_unexpected(status.error());
  return Reading{std::move(*status), device_counts(), std::chrono::steady_clock::now()};
}

Result<Reading> later_reading(const SensorAddress& sensor) {
  Reading reading{{}, device_counts(), std::chrono::steady_clock::now()};
  auto status = ask_status(sensor);
  const auto ticks = status ? status->value("ticks", 0) : 0;
  for (const auto until = reading.at + kTickPatience; status && status->value("ticks", 0) < ticks + 2;) {
    if (std::chrono::steady_clock::now() > until) return fail(ETIMEDOUT, "it answers, but ticks no more");
    std::this_thread::sleep_for(100ms);
    status = ask_status(sensor);
  }
  if (!status) return tl::make_unexpected(status.error());
  reading.status = std::move(*status);
  return reading;
}

std::string why_not_ready(const SensorAddress& sensor) {
  const auto answer = call_daemon(sensor.http, sensor.url, "/readyz", "GET", true);
  if (!answer) return answer.error().what;
  if (answer->status == 200) return "";
  const json said = json::parse(answer->body, nullptr, false);
  return said.is_object() ? said.value("reason", "no reason told") : fmt::format("/readyz answers {}", answer->status);
}

}  // namespace weir
