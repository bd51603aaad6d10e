#pragma once

namespace weir {

/// Keys of an ONNX file's metadata_props: what a column forest has beside its trees.
inline constexpr const char* kOnnxFeatures = "weir.features";
inline constexpr const char* kOnnxOffset = "weir.offset";
inline constexpr const char* kOnnxVersion = "weir.version";
inline constexpr const char* kOnnxTrainingData = "weir.training_data";
inline constexpr const char* kOnnxTrainingRows = "weir.training_rows";
inline constexpr const char* kOnnxSeed = "weir.seed";

}  // namespace weir
