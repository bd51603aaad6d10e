#include "publish/http_server.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"

namespace weir {
namespace {

using http_client::Client;
using http_client::Reply;

std::shared_ptr<const Page> page_at(std::string_view path) {
  if (path == "/healthz") return std::make_shared<const Page>(Page{"text/plain", "ok\n", 200});
  if (path == "/readyz") return std::make_shared<const Page>(Page{"text/plain", "not attached\n", 503});
  if (path == "/large") return std::make_shared<const Page>(Page{"text/plain", std::string(4 << 20, 'x'), 200});
  if (path == "/empty") return std::make_shared<const Page>(Page{"text/plain", "", 200});
  return nullptr;
}

std::unique_ptr<HttpServer> started(const std::string& address = "127.0.0.1", std::vector<std::string> allowed_hosts = {}) {
  HttpOptions options;
  options.address = address;
  options.port = 0;
  options.allowed_hosts = std::move(allowed_hosts);
  auto server = HttpServer::start(options, page_at);
  EXPECT_TRUE(server) << server.error().what;
  return server ? *std::move(server) : nullptr;
}

bool is_json_error(const Reply& reply) {
  return reply.header("Content-Type") == "application/json" && reply.body.rfind("{\"error\":\"", 0) == 0 &&
         reply.header("Connection") != "";
}

TEST(HttpServer, ServesAPageWithItsTypeAndStatus) {
  const auto server = started();
  Client client(server->port());
  const Reply ok = client.request("GET", "/healthz");
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.body, "ok\n");
  EXPECT_EQ(ok.header("Content-Type"), "text/plain");
  const Reply not_ready = client.request("GET", "/readyz");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_EQ(not_ready.body, "not attached\n");
  EXPECT_EQ(client.request("GET", "/empty").status, 200);
}

TEST(HttpServer, EveryAnswerCarriesTheSecurityHeaders) {
  const auto server = started();
  for (const char* path : {"/healthz", "/nothing"}) {
    const Reply reply = Client(server->port()).request("GET", path, "Origin: http://other.example\r\n");
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.header("Cache-Control"), "no-store");
    EXPECT_EQ(reply.header("Content-Security-Policy"), "default-src 'none'");
    EXPECT_EQ(reply.head.find("Access-Control"), std::string::npos);
  }
}

TEST(HttpServer, TheQueryIsNoPartOfThePath) {
  const auto server = started();
  EXPECT_EQ(Client(server->port()).request("GET", "/healthz?verbose=1").status, 200);
}

TEST(HttpServer, UnknownPathIs404AndKeepsTheConnection) {
  const auto server = started();
  Client client(server->port());
  const Reply missing = client.request("GET", "/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "{\"error\":\"no such path\"}\n");
  EXPECT_EQ(client.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, HeadIsGetWithoutBody) {
  const auto server = started();
  Client client(server->port());
  const Reply head = client.request("HEAD", "/large");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "4194304");
  EXPECT_EQ(client.request("HEAD", "/nothing").status, 404);
  EXPECT_EQ(client.request("GET", "/healthz").body, "ok\n") << "a byte of a HEAD's body would stand before it";
}

TEST(HttpServer, ManyRequestsOnOneConnection) {
  const auto server = started();
  Client client(server->port());
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
  const auto server = started();
  Client client(server->port());
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 503);
}

TEST(HttpServer, LargePageArrivesWhole) {
  const auto server = started();
  EXPECT_EQ(Client(server->port()).request("GET", "/large").body, std::string(4 << 20, 'x'));
}

TEST(HttpServer, APageReplacedWhileItIsSentStaysAlive) {
  auto page = std::make_shared<const Page>(Page{"text/plain", std::string(8 << 20, 'a'), 200});
  const std::weak_ptr<const Page> watched = page;
  HttpOptions options;
  options.port = 0;
  auto server = HttpServer::start(options, [&page](std::string_view) { return std::exchange(page, nullptr); });
  ASSERT_TRUE(server);
  Client client((*server)->port());
  EXPECT_EQ(client.request("GET", "/").body, std::string(8 << 20, 'a'));
  server->reset();
  EXPECT_TRUE(watched.expired()) << "the answer's share was not given back";
}

TEST(HttpServer, OtherMethodsAre405) {
  const auto server = started();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "BREW"}) {
    const Reply reply = Client(server->port()).request(method, "/healthz");
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.header("Allow"), "GET, HEAD");
    EXPECT_TRUE(is_json_error(reply)) << method;
  }
}

TEST(HttpServer, BodiesAreRefusedUnread) {
  const auto server = started();
  EXPECT_EQ(Client(server->port()).request("POST", "/healthz", "Content-Length: 1000000000\r\n").status, 405);
  EXPECT_EQ(Client(server->port()).request("POST", "/healthz", "Content-Length: 5\r\nExpect: 100-continue\r\n").status, 405);
  EXPECT_EQ(Client(server->port()).request("GET", "/healthz", "Content-Length: 0\r\n").status, 200);
  for (const char* body : {"Content-Length: 5\r\n", "Content-Length: 99999999\r\n", "Transfer-Encoding: chunked\r\n"}) {
    const Reply reply = Client(server->port()).request("GET", "/healthz", body);
    EXPECT_EQ(reply.status, 413) << body;
    EXPECT_TRUE(is_json_error(reply));
  }
}

TEST(HttpServer, HostNamesThatAreOurs) {
  const auto server = started("127.0.0.1", {"gw.lan", "10.1.2.3"});
  for (const char* host : {"localhost", "LOCALHOST:9477", "127.0.0.1", "127.0.0.1:1", "[::1]:9477", "127.9.9.9", "gw.lan",
                           "Gw.Lan:8080", "10.1.2.3"}) {
    Client client(server->port());
    client.send("GET /healthz HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200) << host;
  }
}

TEST(HttpServer, HostNamesThatAreNotOursAre421) {
  const auto server = started("127.0.0.1", {"gw.lan"});
  for (const char* host : {"evil.example", "localhost.evil.example", "gw.lan.evil.example", "127.0.0.1.evil.example",
                           "10.0.0.1", "", ":80", "[", "[]", "[::1", "x@localhost"}) {
    Client client(server->port());
    client.send("GET /healthz HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(client.receive().status, 421) << host;
  }
}

TEST(HttpServer, AHostIsRequiredSinceHttp11) {
  const auto server = started();
  Client modern(server->port());
  modern.send("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_EQ(modern.receive().status, 400);
  Client old(server->port());
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().status, 200);
  EXPECT_TRUE(old.is_closed());
}

TEST(HttpServer, PortInUse) {
  const auto first = started();
  HttpOptions options;
  options.port = first->port();
  const auto second = HttpServer::start(options, page_at);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_EQ(second.error().what,
            "http 127.0.0.1:" + std::to_string(options.port) + ": address already in use: another weir? set http.port");
}

TEST(HttpServer, APortIsFreeAgainAfterTheServer) {
  auto server = started();
  HttpOptions options;
  options.port = server->port();
  ASSERT_EQ(Client(options.port).request("GET", "/healthz").status, 200);
  server.reset();
  EXPECT_TRUE(HttpServer::start(options, page_at)) << "a connection in TIME_WAIT must not hold the port";
}

TEST(HttpServer, AddressesThatCannotBe) {
  HttpOptions options;
  options.address = "localhost";
  EXPECT_EQ(HttpServer::start(options, page_at).error().what, "http.address localhost: neither an IPv4 nor an IPv6 address");
  ::setenv("WEIR_API_KEY", "0123456789abcdef", 1);
  options.address = "192.0.2.1";  // TEST-NET-1, RFC 5737: nobody's
  const auto server = HttpServer::start(options, page_at);
  ::unsetenv("WEIR_API_KEY");
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, EADDRNOTAVAIL);
  EXPECT_EQ(server.error().what, "http 192.0.2.1:9477: not an address of this machine: set http.address");
}

bool has_ipv6_loopback() {
  const UniqueFd fd(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  return fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
}

TEST(HttpServer, Ipv6Loopback) {
  if (!has_ipv6_loopback()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  const auto server = started("::1");
  auto client = Client::over_v6(server->port());
  ASSERT_TRUE(client.is_connected());
  client.send("GET /healthz HTTP/1.1\r\nHost: [::1]:9477\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_FALSE(Client(server->port()).is_connected()) << "::1 is not 127.0.0.1";
}

class HttpServerOffLoopback : public testing::Test {
 protected:
  HttpServerOffLoopback() { ::setenv("WEIR_API_KEY", "0123456789abcdef", 1); }
  ~HttpServerOffLoopback() override { ::unsetenv("WEIR_API_KEY"); }
};

TEST_F(HttpServerOffLoopback, DoesNotStartWithoutAKey) {
  ::unsetenv("WEIR_API_KEY");
  for (const char* address : {"0.0.0.0", "::"}) {
    HttpOptions options;
    options.address = address;
    const auto server = HttpServer::start(options, page_at);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().what,
              "http.address " + std::string(address) + " is not loopback: set WEIR_API_KEY or http.key_file");
  }
}

TEST_F(HttpServerOffLoopback, HealthNeedsNoKey) {
  const auto server = started("0.0.0.0");
  EXPECT_EQ(Client(server->port()).request("GET", "/healthz").status, 200);
}

TEST_F(HttpServerOffLoopback, EverythingElseNeedsTheKey) {
  const auto server = started("0.0.0.0");
  for (const char* more : {"", "X-API-Key: 0123456789abcdeX\r\n", "X-API-Key:\r\n", "Authorization: 0123456789abcdef\r\n",
                           "Authorization: Basic 0123456789abcdef\r\n", "Authorization: Bearer\r\n",
                           "Authorization: Bearer 0123456789abcdef0\r\n", "Cookie: X-API-Key=0123456789abcdef\r\n"})
    for (const char* path : {"/readyz", "/nothing", "/", "/healthz/", "//healthz"}) {
      const Reply reply = Client(server->port()).request("GET", path, more);
      EXPECT_EQ(reply.status, 401) << path << " " << more;
      EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer realm=\"weir\"");
      EXPECT_TRUE(is_json_error(reply));
    }
}

TEST_F(HttpServerOffLoopback, EitherHeaderCarriesTheKey) {
  const auto server = started("0.0.0.0");
  for (const char* more :
       {"X-API-Key: 0123456789abcdef\r\n", "x-api-key: 0123456789abcdef\r\n", "Authorization: Bearer 0123456789abcdef\r\n",
        "Authorization: bearer 0123456789abcdef\r\n", "X-API-Key: wrong\r\nAuthorization: Bearer 0123456789abcdef\r\n"}) {
    Client client(server->port());
    EXPECT_EQ(client.request("GET", "/readyz", more).status, 503) << more;
    EXPECT_EQ(client.request("GET", "/nothing", more).status, 404) << more;
  }
}

TEST_F(HttpServerOffLoopback, AllIpv6AddressesMeansIpv4Too) {
  if (!has_ipv6_loopback()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  const auto server = started("::");
  EXPECT_EQ(Client(server->port()).request("GET", "/healthz").status, 200);
  EXPECT_EQ(Client(server->port()).request("GET", "/readyz").status, 401);
  EXPECT_EQ(Client::over_v6(server->port()).request("GET", "/healthz").status, 200);
}

TEST(HttpServer, OnLoopbackReadsAreOpenEvenWithAKey) {
  ::setenv("WEIR_API_KEY", "0123456789abcdef", 1);
  const auto server = started();
  ::unsetenv("WEIR_API_KEY");
  EXPECT_EQ(Client(server->port()).request("GET", "/readyz").status, 503);
}

TEST(HttpServer, ABrokenKeyFileIsRefusedOnLoopbackToo) {
  HttpOptions options;
  options.key_file = "/nonexistent";
  const auto server = HttpServer::start(options, page_at);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().what, "http.key_file /nonexistent: No such file or directory");
}

TEST(HttpServer, StopsWhileClientsAreConnected) {
  auto server = started();
  const auto port = server->port();
  Client idle(port), half(port), reading(port), served(port);
  half.send("GET /healthz HTTP/1.1\r\nHost: loc");
  reading.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(served.request("GET", "/healthz").status, 200);
  server.reset();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(half.is_closed());
  EXPECT_TRUE(served.is_closed());
  EXPECT_FALSE(Client(port).is_connected());
}

TEST(HttpServer, StartsAndStopsManyTimes) {
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 50; ++i) ports.insert(started()->port());
  EXPECT_EQ(ports.count(0), 0u);
}

TEST(HttpServer, PagesAreLookedUpOnOneThreadThatIsNotOurs) {
  std::set<std::thread::id> threads;
  HttpOptions options;
  options.port = 0;
  auto server = HttpServer::start(options, [&threads](std::string_view path) {
    threads.insert(std::this_thread::get_id());
    return page_at(path);
  });
  ASSERT_TRUE(server);
  for (int i = 0; i < 20; ++i) Client((*server)->port()).request("GET", "/healthz");
  server->reset();
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0u);
}

}  // namespace
}  // namespace weir
