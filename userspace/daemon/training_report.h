#pragma once

#include <string>

#include "detect/lessons.h"
#include "trainer.h"

namespace weir {

/// What a person should know before the model is used. `hours`: that the lessons come from.
std::string render_training_report(const Lessons& lessons, const Trained& trained, double hours, double alarms_per_day);

}  // namespace weir
