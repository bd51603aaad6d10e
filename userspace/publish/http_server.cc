#include "publish/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include "base/ip_address.h"
#include "base/unique_fd.h"
#include "publish/api_key.h"

namespace weir {
namespace {

constexpr unsigned kConnections = 64;
constexpr unsigned kConnectionsPerAddress = 16;
constexpr unsigned kTimeoutS = 10;
constexpr std::size_t kConnectionBytes = 32768;
constexpr std::string_view kOpenPath = "/healthz";

using PagePtr = std::shared_ptr<const Page>;

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
};
struct DestroyResponse {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};

/// A socket address of either family, as the calls want it.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

SocketAddress socket_address(const IpAddress& ip, std::uint16_t port) {
  SocketAddress a = {};
  if (ip.is_v4()) {
    a.v4.sin_family = AF_INET;
    a.v4.sin_port = htons(port);
    std::memcpy(&a.v4.sin_addr, ip.bytes().data() + 12, 4);
  } else {
    a.v6.sin6_family = AF_INET6;
    a.v6.sin6_port = htons(port);
    std::memcpy(&a.v6.sin6_addr, ip.bytes().data(), 16);
  }
  return a;
}

/// The local end of a socket.
SocketAddress local_end(int fd) {
  SocketAddress a = {};
  socklen_t size = sizeof a;
  ::getsockname(fd, &a.any, &size);
  return a;
}

IpAddress ip_of(const SocketAddress& a) {
  return a.any.sa_family == AF_INET ? IpAddress::v4(a.v4.sin_addr.s_addr) : IpAddress::v6(&a.v6.sin6_addr);
}

std::uint16_t port_of(const SocketAddress& a) { return ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port); }

bool is_loopback(const IpAddress& ip) { return ip.is_v4() ? ip.bytes()[12] == 127 : ip == *IpAddress::parse("::1"); }

std::string shown(const IpAddress& ip, std::uint16_t port) {
  return (ip.is_v4() ? ip.to_string() : "[" + ip.to_string() + "]") + ":" + std::to_string(port);
}

[[nodiscard]] tl::unexpected<Error> listen_failed(const IpAddress& ip, std::uint16_t port, int code) {
  std::string why = std::strerror(code);
  if (code == EADDRINUSE) why = "address already in use: another weir? set http.port";
  if (code == EADDRNOTAVAIL) why = "not an address of this machine: set http.address";
  return fail(code, "http " + shown(ip, port) + ": " + why);
}

/// The socket is made here because libmicrohttpd does not say why it could not.
[[nodiscard]] Result<UniqueFd> listen_on(const IpAddress& ip, std::uint16_t port) {
  const SocketAddress address = socket_address(ip, port);
  UniqueFd fd(::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const int v6_only = ip == IpAddress() ? 0 : 1;  // "::" means every address of this machine, IPv4 too
  const bool is_listening =
      fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      (ip.is_v4() || ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) == 0) &&
      ::bind(fd.get(), &address.any, ip.is_v4() ? sizeof address.v4 : sizeof address.v6) == 0 &&
      ::listen(fd.get(), kConnections) == 0;
  if (!is_listening) return listen_failed(ip, port, errno);
  return fd;
}

PagePtr error_page(int status, const std::string& what) {
  return std::make_shared<const Page>(Page{"application/json", "{\"error\":\"" + what + "\"}\n", status});
}

/// "gw.lan:9477" -> "gw.lan", "[::1]:9477" -> "::1". The port says nothing: an SSH tunnel changes it.
std::string_view without_port(std::string_view host) {
  if (const auto end = host.find(']'); end != std::string_view::npos && host.front() == '[') return host.substr(1, end - 1);
  return host.substr(0, host.find(':'));
}

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

const char* header(MHD_Connection* connection, const char* name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

bool has_body(MHD_Connection* connection) {
  const char* length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  return header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != nullptr ||
         (length != nullptr && std::string_view(length) != "0");
}

/// Answers with `page`, whose bytes stay where they are; libmicrohttpd holds a share of it until they are sent.
MHD_Result send(MHD_Connection* connection, const PagePtr& page, bool keep_alive) {
  const auto drop = [](void* share) { delete static_cast<PagePtr*>(share); };
  auto share = std::make_unique<PagePtr>(page);
  void* body = const_cast<char*>(page->body.data());  // the C interface has no const; it only reads
  const std::unique_ptr<MHD_Response, DestroyResponse> response(
      MHD_create_response_from_buffer_with_free_callback_cls(page->body.size(), body, drop, share.get()));
  if (!response) return MHD_NO;
  (void)share.release();  // the response's now
  const auto add = [&](const char* name, const char* text) { MHD_add_response_header(response.get(), name, text); };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, page->content_type.c_str());
  add(MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  add("X-Content-Type-Options", "nosniff");
  add("Content-Security-Policy", "default-src 'none'");
  if (page->status == MHD_HTTP_UNAUTHORIZED) add(MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"weir\"");
  if (page->status == MHD_HTTP_METHOD_NOT_ALLOWED) add(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  if (!keep_alive) add(MHD_HTTP_HEADER_CONNECTION, "close");
  return MHD_queue_response(connection, static_cast<unsigned>(page->status), response.get());
}

/// Signals are the daemon's main thread's to take: a thread started while this lives has them all blocked.
class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

struct HttpServer::Access {
  std::vector<std::string> allowed_hosts;
  std::optional<ApiKey> key;
};

struct HttpServer::State {
  IpAddress address;
  std::atomic<std::shared_ptr<const Access>> access;
  PageLookup pages;
  std::uint16_t port = 0;
  std::unique_ptr<MHD_Daemon, StopDaemon> daemon;  // last: its thread uses the members above

  bool is_allowed_host(MHD_Connection* connection, std::string_view host) const;
  bool has_key(MHD_Connection* connection) const;
  PagePtr refuse(MHD_Connection* connection, std::string_view path, std::string_view method, std::string_view version) const;
  static MHD_Result answer(void* state, MHD_Connection* connection, const char* path, const char* method,
                           const char* version, const char* body, std::size_t* body_size, void** seen) noexcept;
};

bool HttpServer::State::is_allowed_host(MHD_Connection* connection, std::string_view host) const {
  const std::string_view name = without_port(host);
  const std::shared_ptr<const Access> now = access.load();
  const std::vector<std::string>& allowed_hosts = now->allowed_hosts;
  const auto is_name = [name](const std::string& allowed) { return is_same_name(allowed, name); };
  if (is_same_name(name, "localhost") || std::any_of(allowed_hosts.begin(), allowed_hosts.end(), is_name)) return true;
  const auto ip = IpAddress::parse(name);
  if (!ip) return false;
  if (is_loopback(*ip) || *ip == address) return true;
  const auto* client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return client != nullptr && *ip == ip_of(local_end(client->connect_fd));  // bound to all addresses: the one called
}

bool HttpServer::State::has_key(MHD_Connection* connection) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::shared_ptr<const Access> now = access.load();
  const std::optional<ApiKey>& key = now->key;
  if (const char* offered = header(connection, "X-API-Key"); offered != nullptr && key->matches(offered)) return true;
  const char* authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
  if (authorization == nullptr) return false;
  const std::string_view text(authorization);
  return is_same_name(text.substr(0, kBearer.size()), kBearer) && key->matches(text.substr(kBearer.size()));
}

/// What is wrong with a request, nullptr if nothing is.
PagePtr HttpServer::State::refuse(MHD_Connection* connection, std::string_view path, std::string_view method,
                                  std::string_view version) const {
  const char* host = header(connection, MHD_HTTP_HEADER_HOST);
  if (host == nullptr && version != MHD_HTTP_VERSION_1_0) return error_page(MHD_HTTP_BAD_REQUEST, "no Host header");
  if (host != nullptr && !is_allowed_host(connection, host))
    return error_page(MHD_HTTP_MISDIRECTED_REQUEST, "this Host is not served here; see http.allowed_hosts");
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD)
    return error_page(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are allowed");
  if (has_body(connection)) return error_page(MHD_HTTP_CONTENT_TOO_LARGE, "no request takes a body");
  if (!is_loopback(address) && path != kOpenPath && !has_key(connection))
    return error_page(MHD_HTTP_UNAUTHORIZED, "send the API key as X-API-Key or Authorization: Bearer");
  return nullptr;
}

/// libmicrohttpd calls twice: after the headers, where a body can still be refused unread, and when the request is whole.
MHD_Result HttpServer::State::answer(void* state, MHD_Connection* connection, const char* path, const char* method,
                                     const char* version, const char* /*body*/, std::size_t* body_size,
                                     void** seen) noexcept {
  const auto& self = *static_cast<const State*>(state);
  if (*seen == nullptr) {
    *seen = state;
    const PagePtr refusal = self.refuse(connection, path, method, version);
    return refusal ? send(connection, refusal, false) : MHD_YES;
  }
  *body_size = 0;
  const PagePtr page = self.pages(path);
  return send(connection, page ? page : error_page(MHD_HTTP_NOT_FOUND, "no such path"), true);
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return state_->port; }

Result<std::shared_ptr<const HttpServer::Access>> HttpServer::read_access(const HttpOptions& options) {
  const auto ip = IpAddress::parse(options.address);
  if (!ip) return fail(EINVAL, "http.address " + options.address + ": neither an IPv4 nor an IPv6 address");
  auto key = ApiKey::read(options.key_file);
  if (!key) return tl::make_unexpected(key.error());
  if (!is_loopback(*ip) && !*key)
    return fail(0, "http.address " + options.address + " is not loopback: set WEIR_API_KEY or http.key_file");
  return std::make_shared<const Access>(Access{options.allowed_hosts, *std::move(key)});
}

void HttpServer::use(std::shared_ptr<const Access> access) { state_->access = std::move(access); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, PageLookup pages) {
  auto access = read_access(options);
  if (!access) return tl::make_unexpected(access.error());
  const auto ip = IpAddress::parse(options.address);
  auto listener = listen_on(*ip, options.port);
  if (!listener) return tl::make_unexpected(listener.error());

  auto state = std::make_unique<State>();
  state->address = *ip;
  state->access = *std::move(access);
  state->pages = std::move(pages);
  state->port = port_of(local_end(listener->get()));
  // A descriptor of the daemon's own: it closes it when it stops, and on some ways to fail.
  const int daemons_listener = ::fcntl(listener->get(), F_DUPFD_CLOEXEC, 0);
  if (daemons_listener < 0) return listen_failed(*ip, options.port, errno);
  const BlockSignals blocked;
  state->daemon.reset(MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, &State::answer,
                                       state.get(), MHD_OPTION_LISTEN_SOCKET, daemons_listener, MHD_OPTION_CONNECTION_LIMIT,
                                       kConnections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, kConnectionsPerAddress,
                                       MHD_OPTION_CONNECTION_TIMEOUT, kTimeoutS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                       kConnectionBytes, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END));
  if (!state->daemon) return fail(errno, "http " + shown(*ip, state->port) + ": cannot start the server's thread");
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

}  // namespace weir
