#include "sensor/capture.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cerrno>

#include "support/pcap_writer.h"

namespace weir::test {
namespace {

constexpr std::int64_t kTime_ns = 1'700'000'000'123'456'789;

Bytes frame() { return PacketBuilder().ip4().udp(1, 2).payload(30).build(); }
/// The frame without its Ethernet header.
Bytes ip_packet(const Bytes& whole) { return {whole.begin() + 14, whole.end()}; }

class CaptureTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Capture>> open(const Bytes& file) {
    save_file(path_, file);
    return Capture::open(path_);
  }
  /// The only packet of a file.
  Packet read(const PcapWriter& file) {
    auto opened = open(file.bytes());
    EXPECT_TRUE(opened) << opened.error().what;
    if (!opened) return {};
    capture_ = std::move(*opened);
    Packet packet;
    const auto more = capture_->next(packet);
    EXPECT_TRUE(more && *more);
    return packet;
  }
  static Bytes bytes_of(const Packet& packet) { return {packet.data.begin(), packet.data.end()}; }

  std::string path_ = scratch_folder() + "/file.pcap";

 private:
  std::unique_ptr<Capture> capture_;  // the packet's bytes lie in it
};

TEST_F(CaptureTest, ReadsEthernetWithNanoseconds) {
  const Packet packet = read(PcapWriter().add(kTime_ns, frame()));
  EXPECT_EQ(packet.time_ns, kTime_ns);
  EXPECT_EQ(bytes_of(packet), frame());
  EXPECT_EQ(packet.wire_bytes, frame().size());
}

TEST_F(CaptureTest, ReadsMicroseconds) {
  EXPECT_EQ(read(PcapWriter(PcapWriter::kEthernet, false).add(kTime_ns, frame())).time_ns, kTime_ns / 1000 * 1000);
}

TEST_F(CaptureTest, KeepsTheWireLengthOfACutFrame) {
  Bytes cut = frame();
  cut.resize(40);
  const Packet packet = read(PcapWriter().add(kTime_ns, cut, 1514));
  EXPECT_EQ(packet.data.size(), 40u);
  EXPECT_EQ(packet.wire_bytes, 1514u);
}

TEST_F(CaptureTest, BelievesNoWireLengthBelowWhatWasCaptured) {
  EXPECT_EQ(read(PcapWriter().add(kTime_ns, frame(), 10)).wire_bytes, frame().size());
}

TEST_F(CaptureTest, ReadsGzip) {
  const Bytes file = PcapWriter().add(kTime_ns, frame()).add(kTime_ns + 5, frame()).bytes();
  gzFile gz = gzopen(path_.c_str(), "wb");
  ASSERT_EQ(gzwrite(gz, file.data(), static_cast<unsigned>(file.size())), static_cast<int>(file.size()));
  ASSERT_EQ(gzclose(gz), Z_OK);
  auto capture = Capture::open(path_);
  ASSERT_TRUE(capture) << capture.error().what;
  Packet packet;
  EXPECT_TRUE((*capture)->next(packet).value());
  EXPECT_TRUE((*capture)->next(packet).value());
  EXPECT_EQ(packet.time_ns, kTime_ns + 5);
  EXPECT_FALSE((*capture)->next(packet).value());
}

TEST_F(CaptureTest, GivesRawIpAnEthernetHeader) {
  for (const Bytes& whole : {frame(), PacketBuilder().ip6().udp(1, 2).payload(9).build()}) {
    const Packet packet = read(PcapWriter(PcapWriter::kRaw).add(kTime_ns, ip_packet(whole)));
    EXPECT_EQ(packet.wire_bytes, whole.size());
    ASSERT_EQ(packet.data.size(), whole.size());
    EXPECT_TRUE(std::equal(whole.begin() + 12, whole.end(), packet.data.begin() + 12));
  }
}

TEST_F(CaptureTest, ReplacesTheHeadersOfLoopbackAndLinuxCooked) {
  struct Link {
    std::uint32_t type;
    std::size_t header, ethertype_at;
  };
  for (const Link& link :
       {Link{PcapWriter::kNull, 4, 99}, Link{PcapWriter::kCooked, 16, 14}, Link{PcapWriter::kCooked2, 20, 0}}) {
    Bytes with_header(link.header, 0);
    if (link.ethertype_at < link.header) with_header[link.ethertype_at] = 0x08;
    const Bytes ip = ip_packet(frame());
    with_header.insert(with_header.end(), ip.begin(), ip.end());
    const Packet packet = read(PcapWriter(link.type).add(kTime_ns, with_header));
    ASSERT_EQ(packet.data.size(), frame().size()) << link.type;
    EXPECT_TRUE(std::equal(packet.data.begin() + 12, packet.data.end(), frame().begin() + 12)) << link.type;
    EXPECT_EQ(packet.wire_bytes, frame().size());
  }
}

TEST_F(CaptureTest, SurvivesPacketsShorterThanTheirLinkHeader) {
  for (const std::uint32_t type : {PcapWriter::kNull, PcapWriter::kRaw, PcapWriter::kCooked, PcapWriter::kCooked2})
    for (std::size_t size = 0; size < 22; ++size) {
      const Packet packet = read(PcapWriter(type).add(kTime_ns, Bytes(size, 0x45)));
      EXPECT_GE(packet.wire_bytes, packet.data.size()) << type << ", " << size;
    }
}

TEST_F(CaptureTest, NamesAFileThatIsNotThere) {
  const auto capture = Capture::open(path_ + ".nosuch");
  ASSERT_FALSE(capture);
  EXPECT_EQ(capture.error().code, ENOENT);
  EXPECT_NE(capture.error().what.find(".nosuch"), std::string::npos);
}

TEST_F(CaptureTest, RefusesWhatIsNoCapture) {
  for (const Bytes& file : {Bytes{}, Bytes(100, 'x')}) {
    const auto capture = open(file);
    ASSERT_FALSE(capture);
    EXPECT_EQ(capture.error().code, EINVAL);
    EXPECT_NE(capture.error().what.find(path_ + ": no capture"), std::string::npos) << capture.error().what;
  }
}

TEST_F(CaptureTest, RefusesALinkTypeThatItDoesNotKnow) {
  const auto capture = open(PcapWriter(105).bytes());  // 802.11
  ASSERT_FALSE(capture);
  EXPECT_NE(capture.error().what.find("IEEE802_11"), std::string::npos) << capture.error().what;
}

TEST_F(CaptureTest, SaysWhereAFileWasCutOff) {
  Bytes file = PcapWriter().add(kTime_ns, frame()).add(kTime_ns, frame()).bytes();
  file.resize(file.size() - 5);
  auto capture = open(file);
  ASSERT_TRUE(capture);
  Packet packet;
  EXPECT_TRUE((*capture)->next(packet).value());
  const auto cut = (*capture)->next(packet);
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().what.find("damaged after 1 packet"), std::string::npos) << cut.error().what;
}

TEST_F(CaptureTest, OfNoPacketEndsAtOnce) {
  auto capture = open(PcapWriter().bytes());
  ASSERT_TRUE(capture);
  Packet packet;
  EXPECT_FALSE((*capture)->next(packet).value());
}

}  // namespace
}  // namespace weir::test
