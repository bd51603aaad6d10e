#include "config/name_interfaces.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/config_keys.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

std::string named(const std::string& text, const Names& names) {
  const auto edited = name_interfaces(text, "weir.yaml", names);
  return edited ? *edited : "error: " + edited.error().what;
}

TEST(NameInterfaces, ChangesOneLineOfTheFileOfAllDefaults) {
  const std::string defaults = render_config({});
  std::string wanted = defaults;
  const std::string line = "\ninterfaces: []\n";
  wanted.replace(wanted.find(line), line.size(), "\ninterfaces: [eth0, eth1]\n");
  EXPECT_EQ(named(defaults, {"eth0", "eth1"}), wanted);
}

TEST(NameInterfaces, LeavesAFileAloneThatNamesThemAlready) {
  for (const std::string text : {"interfaces:   [eth1,eth0]  # both sides\n",
                                 "interfaces: [{name: eth0, role: outside}, eth1]\n", "interfaces:\n- eth0\n\n- eth1"})
    EXPECT_EQ(named(text, {"eth0", "eth1"}), text);
}

TEST(NameInterfaces, AddsTheKeyWhereThereIsNone) {
  EXPECT_EQ(named("", {"eth0"}), "interfaces: [eth0]\n");
  EXPECT_EQ(named("# nothing yet", {"eth0"}), "# nothing yet\ninterfaces: [eth0]\n");
  EXPECT_EQ(named("# interfaces: [eth7]\n\n# many\nflows: 4096\n", {"eth*"}),
            "# interfaces: [eth7]\n\ninterfaces: [\"eth*\"]\n# many\nflows: 4096\n");
}

TEST(NameInterfaces, KeepsWhatStandsAroundTheValueInItsLine) {
  EXPECT_EQ(named("flows: 4096\ninterfaces :  eth7 # [old], the left one\nhttp: {port: 1}\n", {"eth0"}),
            "flows: 4096\ninterfaces :  [eth0] # [old], the left one\nhttp: {port: 1}\n");
  EXPECT_EQ(named("interfaces: ['eth]', \"x\"] # c\r\nflows: 4096\r\n", {"eth0"}),
            "interfaces: [eth0] # c\r\nflows: 4096\r\n");
}

TEST(NameInterfaces, KeepsRolesOfThoseThatAreNamedAgain) {
  EXPECT_EQ(named("interfaces: [{name: eth0, role: outside}, eth7]\n", {"eth0", "eth1"}),
            "interfaces: [{name: eth0, role: outside}, eth1]\n");
}

TEST(NameInterfaces, EditsAListWithDashesItemByItem) {
  const std::string text =
      "interfaces:\n"
      "  # the provider's\n"
      "  - name: eth0  # ä\n"
      "    role: outside\n"
      "  # inside\n"
      "  - eth7\n"
      "\n"
      "# tables\n"
      "flows: 4096\n";
  EXPECT_EQ(named(text, {"eth0", "eth1"}),
            "interfaces:\n"
            "  # the provider's\n"
            "  - name: eth0  # ä\n"
            "    role: outside\n"
            "  # inside\n"
            "  - eth1\n"
            "\n"
            "# tables\n"
            "flows: 4096\n");
  EXPECT_EQ(named("interfaces:\n- eth7", {"eth0"}), "interfaces:\n- eth0\n");
}

TEST(NameInterfaces, LeavesToAPersonWhatItCannotEditSafely) {
  for (const std::string text : {"{interfaces: [eth7], flows: 4096}\n", "interfaces: [eth7,  # left\n  eth8]\n",
                                 "interfaces: !!seq\n [eth7]\n", "interfaces:\n-\n  eth7\n"}) {
    const std::string said = named(text, {"eth0"});
    EXPECT_NE(said.find("by hand: interfaces: [eth0]"), said.npos) << text << said;
  }
}

TEST(NameInterfaces, RefusesAFileThatIsWrongAlready) {
  EXPECT_EQ(named("interface: eth0\n", {"eth0"}),
            "error: weir.yaml:1:1: unknown key 'interface'; did you mean 'interfaces'?");
}

TEST(NameInterfaces, RefusesNamesThatTheFileMayNotHold) {
  EXPECT_NE(named("", {"a name with blanks"}).find("found 'a name with blanks'"), std::string::npos);
  EXPECT_NE(named("", {"eth0", "eth0"}).find("twice"), std::string::npos);
}

}  // namespace
}  // namespace weir
