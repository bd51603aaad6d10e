#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <random>
#include <string>

#include "http_client.h"
#include "publish/http_server.h"

namespace weir {
namespace {

using http_client::Client;

class HttpHostile : public testing::Test {
 protected:
  HttpHostile() {
    HttpOptions options;
    options.port = 0;
    const auto ok = std::make_shared<const Page>(Page{"text/plain", "ok\n", 200});
    auto server = HttpServer::start(options, [ok](std::string_view path) { return path == "/healthz" ? ok : nullptr; });
    if (server) server_ = *std::move(server);
  }

  /// From an address that no test uses for its attack.
  bool is_healthy() const { return Client(server_->port()).request("GET", "/healthz").status == 200; }
  Client attacker(const char* from = "127.0.0.2") const { return Client(server_->port(), from); }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpHostile, OneAddressHoldsNoMoreThanItsShare) {
  std::list<Client> held;
  for (int i = 0; i < 60; ++i) held.push_back(attacker());
  for (Client& client : held) client.send("GET /healthz HTTP/1.1\r\nHost: local");
  EXPECT_TRUE(is_healthy());
  int answered = 0;
  for (Client& client : held) answered += client.send("host\r\n\r\n") && client.receive().status == 200;
  EXPECT_EQ(answered, 16);
}

TEST_F(HttpHostile, AConnectionClosedGivesItsPlaceBack) {
  for (int round = 0; round < 20; ++round) {
    std::list<Client> held;
    for (int i = 0; i < 10; ++i) held.push_back(attacker());
    for (Client& client : held) ASSERT_EQ(client.request("GET", "/healthz").status, 200) << round;
    for (Client& client : held) client.request("GET", "/healthz", "Connection: close\r\n");
    for (Client& client : held) ASSERT_TRUE(client.is_closed());
  }
}

TEST_F(HttpHostile, LongUrlsAndHeadersAreRefused) {
  for (const std::size_t size : {1000u, 20000u, 32768u, 40000u, 1000000u}) {
    Client url = attacker();
    url.send("GET /" + std::string(size, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const int status = url.receive().status;
    EXPECT_TRUE(size < 30000 ? status == 404 : status == 0 || status >= 400) << size << " " << status;
    Client header = attacker();
    header.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(size, 'a') + "\r\n\r\n");
    const int with_header = header.receive().status;
    EXPECT_TRUE(size < 30000 ? with_header == 200 : with_header == 0 || with_header >= 400) << size << " " << with_header;
  }
  EXPECT_TRUE(is_healthy());
}

TEST_F(HttpHostile, MalformedRequestsAreNeverServed) {
  for (const char* request :
       {"GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /healthz FTP/1.1\r\nHost: localhost\r\n\r\n", "GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz%2f HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /%zz%% HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"}) {
    Client client = attacker();
    client.send(request);
    const int status = client.receive().status;
    EXPECT_TRUE(status == 0 || status >= 400) << request << " -> " << status;
  }
  EXPECT_TRUE(is_healthy());
}

TEST_F(HttpHostile, GarbageDoesNoHarm) {
  std::mt19937 random(1);  // a fixed seed: the same garbage each time
  const std::string valid = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-API-Key: 0123456789\r\n\r\n";
  for (int i = 0; i < 1000; ++i) {
    const bool is_noise = i % 2 == 0;
    std::string bytes = is_noise ? std::string(1 + random() % 300, ' ') : valid;
    for (char& c : bytes)
      if (is_noise || random() % 32 == 0) c = static_cast<char>(random());
    Client client = attacker();
    client.send(bytes);
  }
  EXPECT_TRUE(is_healthy());
}

TEST_F(HttpHostile, ClientsThatLeaveInMidAnswerDoNoHarm) {
  for (int i = 0; i < 200; ++i) {
    Client client = attacker();
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_TRUE(is_healthy());
}

}  // namespace
}  // namespace weir
