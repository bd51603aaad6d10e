// make_seeds FOLDER: inputs to start the fuzzers from, so that even a short run gets past the headers.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "model_container.h"
#include "support/pcap_writer.h"
#include "support/random_frames.h"
#include "unit/model/random_forest.h"

namespace weir::test {
namespace {

constexpr int kFiles = 200, kFrames = 6;

/// Many short frames fill the smallest tables.
Bytes packet_input(RandomFrames& frames, int count, std::size_t most_bytes) {
  constexpr std::size_t kAllTunnels = 31;
  const std::size_t opened = frames.pick(2) == 0 ? kAllTunnels : frames.pick(kAllTunnels + 1);
  Bytes out = {static_cast<std::uint8_t>(opened), static_cast<std::uint8_t>(frames.pick(256))};
  for (int i = 0; i < count; ++i) {
    Bytes frame = frames.next();
    frame.resize(std::min<std::size_t>(frame.size(), most_bytes));
    const Bytes head = {static_cast<std::uint8_t>(frame.size()),
                        static_cast<std::uint8_t>(frame.size() >> 8 | (frames.pick(8) == 0 ? 0x80u : 0u)),
                        static_cast<std::uint8_t>(frames.pick(4)), static_cast<std::uint8_t>(frames.pick(256))};
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

Bytes capture_input(RandomFrames& frames) {
  constexpr std::uint32_t kLinks[] = {PcapWriter::kEthernet, PcapWriter::kNull, PcapWriter::kRaw, PcapWriter::kCooked,
                                      PcapWriter::kCooked2};
  PcapWriter file(kLinks[frames.pick(std::size(kLinks))], frames.pick(2) == 0);
  for (int i = 0; i < kFrames; ++i) file.add(1'700'000'000'000'000'000 + i * 400'000'000LL, frames.next());
  return file.bytes();
}

/// A forest of another library; the fuzzer puts the hash right.
Bytes model_input(unsigned number) {
  const Shape shape{.columns = 1 + number % 20,
                    .trees = 1 + number % 4,
                    .depth = 1 + number % 5,
                    .values = 50,
                    .has_missing = number % 2 == 0};
  Safetensors content;
  content.metadata = {{"format", kModelFormat}, {"sha256", std::string(64, '0')}};
  for (unsigned i = 0; i < shape.columns; ++i) content.metadata["features"] += (i == 0 ? "f" : ",f") + std::to_string(i);
  put_forest(RandomForest(shape, number).arrays().view(), content);
  return write_safetensors(content).value();
}

Bytes table_input(unsigned number) {
  constexpr std::string_view kTables[] = {"a,b\n1,2\n3,4\n", "b,c,a\r\n1,x,nan\r\n", "\"a\",\"b\"\n\"1\",\"-inf\"\n",
                                          "\xEF\xBB\xBF"
                                          "a, b\n1e999,2e-999\n,\n"};
  const std::string_view table = kTables[number % std::size(kTables)];
  return {table.begin(), table.end()};
}

void write_all(const std::string& folder) {
  RandomFrames frames(5);
  for (const char* name : {"packet_fuzz", "capture_fuzz", "model_file_fuzz", "csv_fuzz"})
    std::filesystem::create_directories(folder + "/" + name);
  for (int i = 0; i < kFiles; ++i) {
    save_file(folder + "/packet_fuzz/" + std::to_string(i),
              i % 2 == 0 ? packet_input(frames, kFrames, 500) : packet_input(frames, 8 * kFrames, 140));
    save_file(folder + "/capture_fuzz/" + std::to_string(i), capture_input(frames));
  }
  for (unsigned i = 0; i < 40; ++i) save_file(folder + "/model_file_fuzz/" + std::to_string(i), model_input(i));
  for (unsigned i = 0; i < 4; ++i) save_file(folder + "/csv_fuzz/" + std::to_string(i), table_input(i));
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  if (count != 2) return 2;
  weir::test::write_all(arguments[1]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "make_seeds: %s\n", error.what());
  return 1;
}
