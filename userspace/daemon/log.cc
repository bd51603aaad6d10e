#include "daemon/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace weir {
namespace {

/// systemd.exec(5), $JOURNAL_STREAM: it is inherited by programs whose standard error is somewhere else by then.
bool is_journal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat about {};
  return stream != nullptr && fstat(descriptor, &about) == 0 &&
         stream == std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

std::string_view priority(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
    case spdlog::level::err:
      return SD_ERR;
    case spdlog::level::warn:
      return SD_WARNING;
    default:
      return SD_INFO;
  }
}

class PriorityFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view text = priority(message.level);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PriorityFlag>(); }
};

}  // namespace

bool logs_to_journal() { return is_journal(STDERR_FILENO); }

void log_to_stderr() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<PriorityFlag>('*').set_pattern(logs_to_journal() ? "%*weir: %l: %v" : "weir: %l: %v");
  auto logger = spdlog::stderr_logger_mt("weir");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(logger);
}

void complain(const Error& error) {
  std::fprintf(stderr, "%sweir: %s\n", logs_to_journal() ? SD_ERR : "", error.what.c_str());
}

}  // namespace weir
