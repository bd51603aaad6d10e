#include "model_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "forests.h"
#include "model_container.h"
#include "model_seal.h"
#include "safetensors.h"
#include "trainer.h"

namespace weir {
namespace {

using Bytes = std::vector<std::uint8_t>;

Model small_model() {
  return {Forest(two_trees()),
          0.1 + 0.2,  // a number that 15 digits do not tell from its neighbour
          {{"packets_per_second", 1.0 / 3, 1e300}, {"half_open_syn", 0, 5e-324}},
          {"test \"1\" \xC3\xA9", std::string(64, 'a'), 1234567890123, 18446744073709551615U, 2, 4}};
}

Bytes small_file() { return model_to_bytes(small_model()).value(); }

/// With all detectors.
const Model& whole_model() {
  static const Model model = train(ordinary_rows(1000, 50, 1), {20, 64, 1, 24, "whole-1"}).value();
  return model;
}

/// A file with other content, its hash in order.
Bytes changed(const std::function<void(Safetensors&)>& change, const Model& model = small_model()) {
  Safetensors content = parse_safetensors(model_to_bytes(model).value()).value();
  change(content);
  Bytes file = write_safetensors(content).value();
  seal(file);
  return file;
}

void expect_refused(const Bytes& file, const std::string& message) {
  const auto model = model_from_bytes(file);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().what.find(message), std::string::npos) << model.error().what;
}

template <class T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

TEST(ModelFile, RoundTripKeepsEveryBit) {
  const Model before = small_model();
  const auto after = model_from_bytes(small_file());
  ASSERT_TRUE(after) << after.error().what;
  const ForestView& a = before.forest().view();
  const ForestView& b = after->forest().view();
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_TRUE(same_bits(a.root, b.root) && same_bits(a.feature, b.feature) && same_bits(a.threshold, b.threshold));
  EXPECT_TRUE(same_bits(a.left, b.left) && same_bits(a.right, b.right) && same_bits(a.rows, b.rows));
  EXPECT_TRUE(same_bits(a.value, b.value));
  EXPECT_EQ(after->threshold(), before.threshold());
  ASSERT_EQ(after->normal().size(), 2U);
  EXPECT_EQ(after->normal()[0].name, "packets_per_second");
  EXPECT_EQ(after->normal()[0].p50, 1.0 / 3);
  EXPECT_EQ(after->normal()[1].p99, 5e-324);
  EXPECT_EQ(after->provenance().version, before.provenance().version);
  EXPECT_EQ(after->provenance().training_data, before.provenance().training_data);
  EXPECT_EQ(after->provenance().rows, before.provenance().rows);
  EXPECT_EQ(after->provenance().seed, before.provenance().seed);
  EXPECT_EQ(after->provenance().trees, 2U);
  EXPECT_EQ(model_to_bytes(*after).value(), small_file());
}

TEST(ModelFile, KeepsTheOtherDetectors) {
  const Model& before = whole_model();
  const Bytes file = model_to_bytes(before).value();
  const auto after = model_from_bytes(file);
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->own_threshold(), before.own_threshold());
  EXPECT_EQ(model_to_bytes(*after).value(), file);
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    FeatureVector features{};
    for (double& x : features) x = std::exp(3 * static_cast<double>(normal_draw(random)));
    const ModelScore a = before.score(features), b = after->score(features);
    EXPECT_EQ(a.score, b.score);
    EXPECT_TRUE(a.surprise->forest == b.surprise->forest && a.surprise->tail == b.surprise->tail &&
                a.surprise->pca == b.surprise->pca);
  }
}

TEST(ModelFile, DamageInTheOtherDetectorsIsRefusedByName) {
  const auto put = [](const char* name, std::vector<double> values) {
    return [name, values](Safetensors& c) { c.put<double>(name, values); };
  };
  const auto change = [](const char* name, auto edit) {
    return [name, edit](Safetensors& c) {
      auto values = c.get<double>(name).value();
      edit(values);
      c.put<double>(name, values);
    };
  };
  const double nan = std::nan("");
  const std::pair<std::function<void(Safetensors&)>, const char*> cases[] = {
      {[](Safetensors& c) { c.metadata["scale_rows"] = "0"; }, "scale_rows"},
      {[](Safetensors& c) { c.metadata["scale_rows"] = "4294967295"; }, "scale_rows"},
      {[](Safetensors& c) { c.metadata["scale_rows"] = "999999"; }, "tail_knots"},
      {[](Safetensors& c) { c.metadata.erase("scale_rows"); }, "score_threshold"},
      {[](Safetensors& c) { c.metadata["surprise_threshold"] = "0"; }, "surprise_threshold"},
      {[](Safetensors& c) { c.metadata["surprise_threshold"] = "inf"; }, "surprise_threshold"},
      {[](Safetensors& c) { c.metadata.erase("surprise_threshold"); }, "surprise_threshold"},
      {[](Safetensors& c) { c.arrays.erase("tail_column"); }, "tail_column"},
      {[](Safetensors& c) {
         c.put<std::uint16_t>("tail_column", std::vector<std::uint16_t>{0, 1, 18});
       },
       "tail_column"},
      {[](Safetensors& c) { c.put<std::uint16_t>("tail_column", std::vector<std::uint16_t>{}); }, "tail_column"},
      {[](Safetensors& c) {
         c.put<std::uint8_t>("tail_family", std::vector<std::uint8_t>{0, 1, 16});
       },
       "tail_family"},
      {[](Safetensors& c) {
         c.put<std::uint8_t>("tail_family", std::vector<std::uint8_t>{0, 1});
       },
       "tail_family"},
      {put("tail_knots", {1, 2, 3}), "tail_knots"},
      {change("tail_knots", [nan](auto& v) { v[5] = nan; }), "tail_knots"},
      {change("tail_knots", [](auto& v) { v[5] = v[4] + 1; }), "tail_knots: not falling"},
      {change("scale_knots", [](auto& v) { v.pop_back(); }), "scale_knots"},
      {change("scale_tails", [](auto& v) { v[2] = 0; }), "scale_tails"},
      {change("scale_tails", [](auto& v) { v[4] = -1; }), "scale_tails"},
      {change("scale_tails", [nan](auto& v) { v[0] = nan; }), "scale_tails"},
      {put("scale_tails", {1, 2}), "scale_tails"},
      {change("pca_center", [](auto& v) { v.pop_back(); }), "pca_center"},
      {change("pca_spread", [](auto& v) { v[3] = 0; }), "pca_spread"},
      {change("pca_axes", [nan](auto& v) { v[3] = nan; }), "pca_axes"},
  };
  for (const auto& [damage, field] : cases) {
    SCOPED_TRACE(field);
    expect_refused(changed(damage, whole_model()), field);
  }
}

TEST(ModelFile, TruncationIsRefusedAtEveryLength) {
  const Bytes whole = small_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto model = model_from_bytes(std::span(whole).first(size));
    ASSERT_FALSE(model) << size;
    EXPECT_FALSE(model.error().what.empty());
  }
}

TEST(ModelFile, AFlippedBitInAnyByteIsRefused) {
  Bytes file = small_file();
  for (std::size_t byte = 0; byte < file.size(); ++byte) {
    const auto mask = static_cast<std::uint8_t>(1 << byte % 8);
    file[byte] ^= mask;
    ASSERT_FALSE(model_from_bytes(file)) << byte;
    file[byte] ^= mask;
  }
  EXPECT_TRUE(model_from_bytes(file));
}

TEST(ModelFile, BytesBehindTheEndAreRefused) {
  Bytes file = small_file();
  file.push_back(0);
  expect_refused(file, "1 bytes behind the last array");
}

TEST(ModelFile, AnotherSchemaIsRefusedWithBothIds) {
  char needed[24];
  std::snprintf(needed, sizeof needed, "0x%016llx", static_cast<unsigned long long>(schema_id()));
  const Bytes file = changed([](auto& c) { c.metadata["schema_id"] = "0x00000000deadbeef"; });
  expect_refused(file, "\" was trained on schema 0x00000000deadbeef, this weir needs " + std::string(needed) +
                           ": train it again with this version");
  expect_refused(changed([](auto& c) { c.metadata["features"] = "packets_per_second"; }), "features: ");
}

TEST(ModelFile, DamageInTheForestIsRefusedByName) {
  const auto put = [](const char* name, std::size_t place, auto value) {
    return changed([=](Safetensors& content) {
      std::memcpy(content.arrays.at(name).bytes.data() + place * sizeof value, &value, sizeof value);
    });
  };
  expect_refused(put("left", 2, std::uint32_t{2}), "left[2]: child 2 is not after its parent");
  expect_refused(put("right", 2, std::uint32_t{77}), "right[2]: child 77 is outside of its tree");
  expect_refused(put("value", 1, std::numeric_limits<double>::quiet_NaN()), "value[1]");
  expect_refused(put("threshold", 0, std::numeric_limits<float>::infinity()), "threshold[0]");
  expect_refused(put("feature", 0, static_cast<std::uint16_t>(kFeatureCount)), "feature[0]");
  expect_refused(put("rows", 4, std::uint32_t{9}), "rows[2]");
  expect_refused(put("root", 1, std::uint32_t{6}), "root[1]");
  expect_refused(put("normal_p99", 1, std::numeric_limits<double>::infinity()), "normal: half_open_syn");
}

TEST(ModelFile, KeepsKnownBeacons) {
  Model model = small_model();
  model.set_known_beacons({"10.0.0.1 203.0.113.9 443", "2001:db8::1 2001:db8::2 80"});
  const auto after = model_from_bytes(model_to_bytes(model).value());
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->known_beacons(), model.known_beacons());
}

TEST(ModelFile, MissingOrMistypedFieldsAreRefusedByName) {
  for (const char* name : {"root", "feature", "threshold", "left", "right", "rows", "value", "normal_p50", "normal_p99"}) {
    expect_refused(changed([&](auto& c) { c.arrays.erase(name); }), std::string(name) + ": no such array");
    expect_refused(changed([&](auto& c) {
                     auto& array = c.arrays.at(name);
                     array.type = array.type == "U16" ? "F32" : "U16";
                     array.bytes.resize(array.bytes.size() / 4 * 4);
                   }),
                   std::string(name) + ": elements are ");
  }
  for (const char* name : {"format", "schema_id", "features", "version", "training_data", "training_rows", "seed", "samples",
                           "score_threshold", "normal"})
    expect_refused(changed([&](auto& c) { c.metadata.erase(name); }), std::string(name) + ": ");
  expect_refused(changed([](auto& c) { c.metadata.erase("sha256"); }), "sha256: ");
}

TEST(ModelFile, NonsenseInTheHeaderIsRefusedByName) {
  const auto with = [](const char* name, const char* text) { return changed([=](auto& c) { c.metadata[name] = text; }); };
  for (const char* text : {"0", "1", "-0.5", "nan", "inf", "", "0.5x"})
    expect_refused(with("score_threshold", text), "score_threshold: ");
  expect_refused(with("samples", "-4"), "samples: ");
  expect_refused(with("samples", "4294967300"), "samples: ");
  expect_refused(with("samples", "5"), "rows[0]");
  expect_refused(with("seed", "18446744073709551616"), "seed: ");
  expect_refused(with("format", "weir-model-2"), "format: ");
  expect_refused(with("version", "\x1b[2J"), "version: control characters");
  expect_refused(with("version", std::string(2000, 'x').c_str()), "version: ");
  expect_refused(with("normal", "packets_per_second"), "normal, normal_p50, normal_p99: ");
  expect_refused(with("normal", "packets_per_second,<b>"), "normal: a name");
  expect_refused(with("known_beacons", "10.0.0.1 203.0.113.9 443,<b>"), "known_beacons: ");
}

Bytes container(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t size = header.size();
  Bytes file(8 + header.size() + data_bytes);
  std::memcpy(file.data(), &size, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

TEST(Safetensors, MalformedContainersAreRefused) {
  const auto expect_error = [](const Bytes& file, const std::string& message) {
    const auto content = parse_safetensors(file);
    ASSERT_FALSE(content) << message;
    EXPECT_NE(content.error().what.find(message), std::string::npos) << content.error().what;
  };
  expect_error({}, "shorter than 8 bytes");
  expect_error(Bytes(8, 0xff), "is too large");
  expect_error({9, 0, 0, 0, 0, 0, 0, 0, '{', '}'}, "longer than the file");
  expect_error(container("[]", 0), "not a JSON object");
  expect_error(container(std::string(100'000, '['), 0), "not a JSON object");
  expect_error(container("{\"__metadata__\":[]}", 0), "not an object");
  expect_error(container("{\"__metadata__\":{\"a\":1}}", 0), "not a text");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4), "a: expected dtype");
  expect_error(container("{\"a\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4), "a: dtype is none of");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4),
               "a: data_offsets do not fit");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4),
               "a: data_offsets do not fit");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4), "a: expected");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8), "a: does not follow");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4), "a: reaches beyond");
  expect_error(container("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],"
                         "\"data_offsets\":[0,4]}}",
                         4),
               "a: data_offsets do not fit");  // 4 * shape wraps to 4
}

class ModelFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "weir-model-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
};

TEST_F(ModelFolder, SavesAndLoads) {
  ASSERT_TRUE(save_model(small_model(), path("a.model")));
  ASSERT_TRUE(save_model(small_model(), path("a.model")));  // over the old one
  const auto model = load_model(path("a.model"));
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->threshold(), small_model().threshold());
  EXPECT_EQ(files(), 1U);
}

TEST_F(ModelFolder, ErrorsNameTheFile) {
  const auto missing = load_model(path("none"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().what, path("none") + ": open: No such file or directory");

  std::ofstream(path("text")) << "this is no model, only a few words in a file";
  const auto text = load_model(path("text"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().what.rfind(path("text") + ": header: ", 0), 0U) << text.error().what;

  ASSERT_FALSE(load_model(folder_.string()));
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  const auto fifo = load_model(path("fifo"));  // must not wait for a writer
  ASSERT_FALSE(fifo);
  EXPECT_EQ(fifo.error().what, path("fifo") + ": not a regular file");
}

TEST_F(ModelFolder, AnEnormousFileIsRefusedUnread) {
  std::ofstream(path("big")).close();
  std::filesystem::resize_file(path("big"), kMaxModelBytes + 1);
  const auto model = load_model(path("big"));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().what, path("big") + ": larger than 64 MiB");
}

TEST_F(ModelFolder, AFailedSaveLeavesNothingBehind) {
  std::filesystem::create_directory(path("taken"));
  const auto result = save_model(small_model(), path("taken"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what.rfind(path("taken") + ": rename: ", 0), 0U) << result.error().what;
  EXPECT_EQ(files(), 1U);
  EXPECT_FALSE(save_model(small_model(), path("no/such/folder/a.model")));
}

TEST(ModelFile, WhatCouldNotBeReadIsNotWritten) {
  const Model with_line_break(Forest(two_trees()), 0.5, {}, {"line\nbreak", "", 0, 0, 2, 4});
  EXPECT_FALSE(model_to_bytes(with_line_break));
  const Model not_utf8(Forest(two_trees()), 0.5, {}, {"\xff\xfe", "", 0, 0, 2, 4});
  EXPECT_FALSE(model_to_bytes(not_utf8));
}

}  // namespace
}  // namespace weir
