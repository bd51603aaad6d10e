#include "config/config_keys.h"
#include "daemon/generated_texts.h"
#include "daemon/roff.h"

namespace weir {
namespace {

/// "rules" of "rules.syn_flood.threshold"; empty at the top level.
std::string outermost_section(const ConfigKey& key) {
  const auto dot = key.path.find('.');
  return dot == std::string::npos ? "" : key.path.substr(0, dot);
}

std::string describe(const ConfigKey& key) {
  const std::string preset = key.write({});
  return ".TP\n" + roff_bold(key.path) + "\n" + roff(key.help) + "\n.br\nTakes " + roff(key.allowed) + ".\n.br\n" +
         (preset.empty() ? "Not set by default.\n" : "Default: " + roff(preset) + "\n");
}

}  // namespace

std::string config_manual() {
  std::string text, previous = "none yet";
  for (const ConfigKey& key : config_keys()) {
    const std::string section = outermost_section(key);
    if (section != previous) text += ".SS " + (section.empty() ? "Outside of sections" : roff(section)) + "\n";
    text += describe(key);
    previous = section;
  }
  return text;
}

}  // namespace weir
