#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <iostream>

#include "bpf/meter_fixture.h"
#include "sensor/table_size.h"

namespace weir::test {
namespace {

// The verifier's own limit is 1,000,000. Newer kernels do not always count less than older ones, so there is room for both.
constexpr std::uint32_t kMost = 150'000;

std::uint32_t verified_instructions(int program) {
  bpf_prog_info info{};
  __u32 size = sizeof info;
  EXPECT_EQ(bpf_obj_get_info_by_fd(program, &info, &size), 0);
  return info.verified_insns;
}

class Verifier : public MeterTest {
 protected:
  /// As shipped: sampling on.
  void expect_little_to_do(const std::string& suffix);
};

void Verifier::expect_little_to_do(const std::string& suffix) {
  choose_program("");
  load(size_tables(65536), 2000);
  for (const auto& [name, program] :
       {std::pair{"weir_plain", meter().plain_program()}, std::pair{"weir_frags", meter().frags_program()},
        std::pair{"weir_ingress", meter().ingress_program()}, std::pair{"weir_egress", meter().egress_program()}}) {
    const std::uint32_t count = verified_instructions(program);
    std::cout << name << suffix << ": " << count << " instructions verified\n";
    RecordProperty(name + suffix, static_cast<int>(count));
    EXPECT_GT(count, 0u);
    EXPECT_LE(count, kMost) << name;
  }
}

TEST_F(Verifier, HasLittleToDo) { expect_little_to_do(""); }

TEST_F(Verifier, HasLittleToDoForAllTunnels) {
  choose_tunnels(kAllTunnels);
  expect_little_to_do("_all_tunnels");
}

}  // namespace
}  // namespace weir::test
