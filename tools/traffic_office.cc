#include "traffic_office.h"

#include <netinet/in.h>

#include <string>

#include "traffic_day.h"

namespace weir {
namespace {

/// Numbers machines through; addresses and MACs follow from the number. Outside addresses are documentation's (RFC 5737,
/// RFC 3849), so that no trained host is a real one.
class Registry {
 public:
  std::vector<Machine> take(std::uint32_t count, bool is_inside) {
    std::vector<Machine> machines;
    for (std::uint32_t i = 0; i < count; ++i) machines.push_back(next(is_inside));
    return machines;
  }

  Machine next(bool is_inside) {
    const std::uint32_t number = ++last_;
    Machine m;
    m.mac = {0x02, 0, 0, 0, static_cast<std::uint8_t>(is_inside), static_cast<std::uint8_t>(number)};
    m.four = IpAddress::v4(htonl((is_inside ? 0xC0A81400U : 0xC6336400U) + number));  // 192.168.20.0, 198.51.100.0
    std::array<std::uint8_t, 16> six = {0x20, 0x01, 0x0d, 0xb8};
    if (is_inside) six = {0xfd, 0x00, 0x00, 0x20};
    six[15] = static_cast<std::uint8_t>(number);
    m.six = IpAddress::v6(six.data());
    m.is_inside = is_inside;
    m.has_six = number % 2 == 0;
    return m;
  }

 private:
  std::uint32_t last_ = 0;
};

Machine make_group() {
  Machine m;
  m.mac = {0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb};
  m.four = IpAddress::v4(htonl(0xE00000FB));  // 224.0.0.251
  std::array<std::uint8_t, 16> six = {0xff, 0x02};
  six[15] = 0xfb;
  m.six = IpAddress::v6(six.data());
  m.is_inside = true;
  return m;
}

}  // namespace

Office::Office() {
  Registry registry;
  desks = registry.take(28, true);
  phones = registry.take(6, true);
  sensors = registry.take(4, true);
  cameras = registry.take(2, true);
  admins = registry.take(10, true);
  servers = registry.take(4, true);
  nobody = registry.next(true);
  sites = registry.take(14, false);
  mail = registry.take(1, false);
  remotes = registry.take(4, false);
  crowd = registry.take(3, false);
  resolvers = registry.take(3, false);
  group = make_group();
}

void live(const Office& office, TrafficPlan& plan, std::uint64_t seed, std::int64_t start_ns, double seconds) {
  std::uint64_t number = 0;
  const auto each = [&](const std::vector<Machine>& machines, void (Day::*habit)()) {
    for (const Machine& machine : machines) {
      Day day(office, machine, plan, Random(seed, number++), start_ns, seconds);
      (day.*habit)();
    }
  };
  each(office.desks, &Day::spend_at_desk);
  each(office.phones, &Day::spend_as_phone);
  each(office.sensors, &Day::spend_as_sensor);
  each(office.cameras, &Day::spend_as_camera);
  each(office.admins, &Day::spend_as_admin);
  each(office.servers, &Day::spend_as_server);
}

}  // namespace weir
