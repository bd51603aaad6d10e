#pragma once

#include <string>
#include <utility>
#include <vector>

#include "detect/detector.h"
#include "support/flow_records.h"

namespace weir::test {

/// A window of a source that did something ordinary, a little differently by host and time.
inline HostWindow ordinary_window(const std::string& host, int window) {
  HostWindow w;
  w.host = ip(host);
  w.start_ns = kStart + window * kWindow_ns;
  w.end_ns = w.start_ns + kWindow_ns;
  w.packets = 20 + static_cast<std::uint64_t>(window * 7 + w.host.bytes()[15] * 3) % 20;
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    w.features[i] = static_cast<double>((static_cast<std::size_t>(window) * (i + 3) + w.host.bytes()[15] * 5U) % 17);
  return w;
}

inline ClosedWindow closed_window(int window, std::vector<HostWindow> hosts) {
  ClosedWindow w;
  w.start_ns = kStart + window * kWindow_ns;
  w.end_ns = w.decided_ns = w.start_ns + kWindow_ns;
  w.hosts = std::move(hosts);
  return w;
}

/// Nobody has anything against any of them.
inline Judgement no_finding(const ClosedWindow& window) {
  Judgement judgement;
  judgement.verdicts.resize(window.hosts.size());
  return judgement;
}

}  // namespace weir::test
