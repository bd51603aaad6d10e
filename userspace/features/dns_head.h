#pragma once

#include "features/payload_signs.h"

namespace weir {

/// The question of a DNS message, in a query to port 53 or an answer from it; none if it is no message with exactly one.
std::optional<PayloadSigns::Dns> read_dns_head(std::uint16_t source_port, std::uint16_t destination_port,
                                               std::span<const std::uint8_t> head);

}  // namespace weir
