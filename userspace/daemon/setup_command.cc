#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "config/name_interfaces.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/replace_file.h"
#include "daemon/settings.h"
#include "daemon/setup_interfaces.h"
#include "daemon/setup_service.h"
#include "file_bytes.h"

namespace weir {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;  // read_config takes no larger one

/// Asks on a terminal; elsewhere it only tells what to give. Empty: none was chosen.
std::vector<std::string> choose(const std::vector<Device>& devices, const std::string& command) {
  std::fputs(render_devices(devices).c_str(), stdout);
  const std::string proposed = propose_device(devices);
  if (proposed.empty())
    return std::puts("nothing to watch: no interface is up and has an address"), std::vector<std::string>();
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
    fmt::print("name those to watch: {} {}; of a gateway that forwards, both sides\n", command, proposed);
    return {};
  }
  fmt::print("Watch which, separated by blanks? [{}] ", proposed);
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return {};
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = line.find_first_not_of(" ,\t", at)) != std::string::npos;) {
    const std::size_t end = std::min(line.find_first_of(" ,\t", at), line.size());
    names.push_back(line.substr(at, end - at));
    at = end;
  }
  return names.empty() ? std::vector{proposed} : names;
}

/// Names them in the file, if what results is right as a whole. Returns whether it changed.
[[nodiscard]] Result<bool> write_names(const std::string& path, const std::vector<std::string>& names) {
  const auto bytes = read_file(path, kLargestFile);
  if (!bytes) return tl::make_unexpected(bytes.error());
  const std::string text(bytes->begin(), bytes->end());
  const auto edited = name_interfaces(text, path, names);
  if (!edited) return tl::make_unexpected(edited.error());
  const auto config = parse_config(*edited, path);
  if (!config) return tl::make_unexpected(config.error());
  if (const auto model = load_or_default_model(config->detect.model.file); !model) return tl::make_unexpected(model.error());
  if (*edited == text) return false;
  if (auto replaced = replace_file(path, *edited); !replaced) return tl::make_unexpected(replaced.error());
  return true;
}

int write_exit_code(const Error& error) {
  if (error.code == EACCES || error.code == EPERM) return kNoPermission;
  return error.code == ENOSPC || error.code == EROFS || error.code == EDQUOT || error.code == EIO ? kFailed : kBadConfig;
}

int write_failed(const Error& error) {
  const int code = write_exit_code(error);
  complain({error.code, error.what + (code == kNoPermission ? "; ask as root: sudo weir setup" : "") +
                            (error.code == ENOENT ? "; `sudo apt-get install --reinstall weir` brings it back" : "")});
  return code;
}

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// A file in conf.d is read later, so what it names goes before.
[[nodiscard]] Result<void> refuse_other_names(const std::string& path, const std::vector<std::string>& names) {
  const auto config = load_settings(path);
  if (!config) return tl::make_unexpected(config.error());
  std::vector<std::string> in_force;
  for (const InterfaceOptions& interface : config->sensor.interfaces) in_force.push_back(interface.name);
  if (std::ranges::is_permutation(in_force, names)) return {};  // the file keeps the order that it had
  return fail(EINVAL, path + ": named there, but a file in conf.d beside it names " + list(in_force) +
                          ", which goes before: change that one; `weir check-config` lists them");
}

/// systemd's unit knows one file.
bool is_of_service(const std::string& path) { return path == kDefaultConfig; }

int start(const std::string& path) {
  const auto config = load_settings(path);
  if (!config) return complain(config.error()), kBadConfig;
  const auto attached = start_service(config->publish.http);
  if (!attached) return complain(attached.error()), kFailed;
  fmt::print("{}; see `weir status`, check all with `sudo weir verify`, alerts: journalctl -u weir\n", *attached);
  return kOk;
}

}  // namespace

int setup_command(const SetupArguments& arguments) {
  const std::string path = arguments.config.empty() ? kDefaultConfig : arguments.config;
  const auto devices = list_devices();
  if (!devices) return complain(devices.error()), kFailed;
  const auto names = arguments.interfaces.empty() ? choose(*devices, "sudo weir setup") : arguments.interfaces;
  if (names.empty()) return kUsage;
  if (const auto ok = check_interfaces(names, *devices); !ok) return complain(ok.error()), start_exit_code(ok.error());
  const auto changed = write_names(path, names);
  if (!changed) return write_failed(changed.error());
  fmt::print("{}: interfaces: {}{}\n", path, list(names), *changed ? "" : " (as before)");
  if (const auto ok = refuse_other_names(path, names); !ok) return complain(ok.error()), kBadConfig;
  if (arguments.no_start) return kOk;
  std::fflush(stdout);
  if (!is_of_service(path)) return fmt::print("start it: sudo weir run -c {}\n", path), kOk;
  return start(path);
}

}  // namespace weir
