// The sums of depths over all trees, by each path that this processor has, for a test in another language to compare:
//   depth_sums MODEL ROWS OUT   ROWS: float32 after float32, row after row; writes OUT.walk, OUT.portable, ...: float64
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "column_forest.h"

namespace weir {
namespace {

std::vector<float> read_rows(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> rows(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(float)));
  return rows;
}

int write_sums(const std::string& model, const std::string& rows_path, const std::string& out) {
  const auto loaded = ColumnForest::load(model);
  if (!loaded) return std::fprintf(stderr, "%s\n", loaded.error().what.c_str()), 1;
  const std::vector<float> rows = read_rows(rows_path);
  std::vector<double> sums(rows.size() / loaded->columns().size());
  const DepthEngine& engine = loaded->forest().engine();
  for (const DepthPath path : {DepthPath::kWalk, DepthPath::kPortable, DepthPath::kAvx2, DepthPath::kAvx512}) {
    if (!engine.is_available(path)) continue;
    engine.sum(rows, sums, path);
    std::ofstream(out + "." + std::string(path_name(path)), std::ios::binary)
        .write(reinterpret_cast<const char*>(sums.data()), static_cast<std::streamsize>(sums.size() * sizeof(double)));
  }
  return 0;
}

}  // namespace
}  // namespace weir

int main(int count, char** arguments) {
  if (count == 4) return weir::write_sums(arguments[1], arguments[2], arguments[3]);
  std::fputs("usage: depth_sums MODEL ROWS OUT\n", stderr);
  return 2;
}
