#pragma once

#include "base/result.h"

namespace weir {

/// The log goes to standard error, alerts to standard output: one can be piped without the other. Where standard error is
/// the journal's, a line begins with its priority (sd-daemon(3)), which the journal takes off again.
void log_to_stderr();

/// Standard error is the journal's, systemd.exec(5).
bool logs_to_journal();

/// One line on standard error: "weir: what went wrong".
void complain(const Error& error);

}  // namespace weir
