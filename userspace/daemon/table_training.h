#pragma once

#include "base/result.h"
#include "daemon/commands.h"
#include "trainer.h"

namespace weir {

/// `weir train` on a CSV file. A table that has all features of the sensor gives a model of the sensor: its rows are
/// windows, with the optional columns `host` (a text) and `time` (s, start of the window); without, all are of one host, and
/// a host's follow one another. Any other table, or one whose columns were chosen, gives a forest over its columns. Memory
/// is bounded by arguments.rows: a longer table is sampled. Writes the model, and says on standard error what it is.
[[nodiscard]] Result<void> train_on_table(const TrainArguments& arguments, const TrainOptions& options);

}  // namespace weir
