// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include <spdlog/spdlog.h>

#include "node/base/deep_thread.h"
#include "node/rpc/rate_limiter.h"

namespace pixelzx::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// Grows with what arrives. http::string_body makes room for all that a head promises.
using RequestBody = http::basic_dynamic_body<beast::flat_buffer>;
using Request = http::request<RequestBody>;
using Response = http::response<http::string_body>;
using Parser = http::request_parser<RequestBody>;
using Serializer = http::response_serializer<http::string_body>;

constexpr std::string_view kText = "text/plain; charset=utf-8";
/// What a client that was refused may go on sending until it has read why.
constexpr std::size_t kMaxDrained = std::size_t{32} << 20U;
constexpr std::chrono::seconds kDrainTimeout{5};
/// Bytes that were read and not understood yet. Beast itself bounds heads, but neither the
/// extensions of a chunk nor what comes after the last one.
constexpr std::size_t kMaxBuffered = std::size_t{128} << 10U;
/// Of an answer, bytes for which a client has the write_timeout. With less, one that reads next to
/// nothing could keep a large answer in memory for hours.
constexpr std::size_t kWriteStep = std::size_t{1} << 20U;
/// When there are no descriptors for another connection.
constexpr std::chrono::milliseconds kAcceptPause{100};

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}
beast::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::any_of(list, [word](const std::string& entry) {
    return entry == "*" || beast::iequals(entry, view(word));
  });
}

/// `host` or `host:port` (RFC 9110, section 7.2) without the port and an IPv6 address's brackets.
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  error_code error;
  asio::ip::make_address(std::string(host), error);
  return !error;
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::array<std::string_view, 3> kTypes = {"application/json", "application/json-rpc",
                                                      "application/jsonrequest"};
  return std::ranges::any_of(
      kTypes, [type](std::string_view known) { return beast::iequals(view(known), view(type)); });
}

HttpReply refusal(http::status status, std::string_view why) {
  return {.status = static_cast<unsigned>(status), .type = kText, .body = std::string(why) + "\n"};
}

/// What is said of bytes that are no request; 0: nothing, since nobody listens any more.
HttpReply refusal(error_code error) {
  if (error == http::error::body_limit) {
    return refusal(http::status::payload_too_large, "the body is too large");
  }
  if (error == http::error::header_limit) {
    return refusal(http::status::request_header_fields_too_large, "the header is too large");
  }
  const bool malformed =
      error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message;
  if (malformed) return refusal(http::status::bad_request, "this is not HTTP: " + error.message());
  return {.status = 0};
}

/// What `handler` answers; 500 when it throws.
HttpReply reply_of(const auto& handler) {
  try {
    return handler();
  } catch (const std::exception& fault) {
    spdlog::error("an HTTP request: {}", fault.what());
    return refusal(http::status::internal_server_error, "internal error");
  }
}

/// Calls `begin` and runs all that `context` has to do. What throws, for want of memory, takes only
/// the connection with it that it was for; then the same again.
void run_all(asio::io_context& context, const std::function<void()>& begin = {}) {
  for (;;) {
    try {
      if (begin) begin();
      context.run();
      return;
    } catch (const std::exception& fault) {
      spdlog::error("HTTP: {}", fault.what());
    }
  }
}

class Connection;

/// Functions for the workers. One that takes long delays only what comes after it.
class Workers {
 public:
  explicit Workers(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this] { run_all(context_); });
    }
  }
  /// Waits for what was begun, and forgets the rest.
  ~Workers() { context_.stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  template <typename Function>
  void add(Function function) {
    asio::post(context_, std::move(function));
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::deque<DeepThread> threads_;  // last: they are joined first
};

/// What all connections share. But for the workers, all is used in one thread.
struct Shared {
  Shared(HttpOptions server_options, HttpHandlers server_handlers)
      : options(std::move(server_options)), handlers(std::move(server_handlers)) {}

  HttpOptions options;
  HttpHandlers handlers;
  RateLimiter limiter{options.requests_per_second};
  std::unordered_set<Connection*> connections;
  std::size_t held = 0;  // bytes of bodies and answers
  bool stopping = false;
  asio::io_context context{1};
  Workers workers{handlers.post ? options.workers : 0};
};

/// One client's: a request is read, answered, and so on. It lives as long as something is awaited.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, tcp::socket socket, std::string client)
      : shared_(shared), stream_(std::move(socket)), client_(std::move(client)) {
    shared_.connections.insert(this);
  }
  ~Connection() {
    hold(0);
    shared_.connections.erase(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read_head() {
    busy_ = false;
    serializer_.reset();
    response_.emplace();  // assigned to, it would keep the last answer's memory
    hold(0);
    parser_.emplace();
    parser_->body_limit(shared_.options.max_body);
    stream_.expires_after(shared_.options.idle_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              self->busy_ = true;
                              if (error) return self->give_up(error);
                              self->got_head();
                            });
  }

  /// Ends it, unless there is something to answer.
  void finish() {
    if (!busy_) stream_.close();
  }

  [[nodiscard]] const std::string& client() const { return client_; }

 private:
  /// What speaks against the request whose head is there; in the order in which a server may tell.
  std::optional<HttpReply> why_refused() {
    const Request& request = parser_->get();
    const std::size_t hosts = request.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && request.version() >= 11)) {
      return malformed("there must be one Host");
    }
    // Beast takes what is encoded otherwise for a request without a body, and that for the next.
    if (request.count(http::field::transfer_encoding) != 0 &&
        !beast::iequals(request[http::field::transfer_encoding], "chunked")) {
      return malformed("the only transfer encoding is chunked");
    }
    const std::string_view host = host_name(view(request[http::field::host]));
    if (!host.empty() && !is_address(host) && !contains(shared_.options.virtual_hosts, host)) {
      return refusal(http::status::forbidden, "this host name is not served here");
    }
    if (request.method() == http::verb::options) return why_body_refused();
    const std::string_view target = path();
    const bool page = shared_.handlers.pages.contains(target);
    const bool post = shared_.handlers.post && target == "/";
    if (!page && !post) return refusal(http::status::not_found, "there is nothing at this path");
    if (page) {
      if (request.method() == http::verb::get || request.method() == http::verb::head) {
        return why_body_refused();
      }
      return not_allowed("GET, HEAD");
    }
    if (request.method() != http::verb::post) return not_allowed("POST, OPTIONS");
    if (!is_json(view(request[http::field::content_type]))) {
      return refusal(http::status::unsupported_media_type,
                     "the content type must be application/json");
    }
    const std::chrono::seconds wait =
        shared_.limiter.take(client_, std::chrono::steady_clock::now());
    if (wait.count() != 0) {
      response_->set(http::field::retry_after, std::to_string(wait.count()));
      return refusal(http::status::too_many_requests, "too many requests");
    }
    return std::nullopt;
  }

  /// Only POSTs, which are limited, have a body.
  std::optional<HttpReply> why_body_refused() {
    if (parser_->is_done()) return std::nullopt;
    return refusal(http::status::payload_too_large, "there must be no body");
  }

  /// Nobody knows where the next request begins.
  HttpReply malformed(std::string_view why) {
    keep_ = false;
    return refusal(http::status::bad_request, why);
  }

  static HttpReply busy() {
    return refusal(http::status::service_unavailable, "too much is asked for at once");
  }

  /// The bytes that are kept for this connection, in place of those before.
  void hold(std::size_t bytes) {
    shared_.held += bytes - held_;
    held_ = bytes;
  }

  [[nodiscard]] bool is_too_much() const { return shared_.held > shared_.options.max_held; }

  HttpReply not_allowed(std::string_view allowed) {
    response_->set(http::field::allow, view(allowed));
    return refusal(http::status::method_not_allowed, "this method is not served here");
  }

  [[nodiscard]] std::string_view path() const {
    const std::string_view target = view(parser_->get().target());
    return target.substr(0, target.find('?'));
  }

  void got_head() {
    if (std::optional<HttpReply> reply = why_refused()) {
      // What else comes may be no request.
      if (!parser_->is_done()) keep_ = false;
      return send(std::move(*reply));
    }
    const beast::string_view expected = parser_->get()[http::field::expect];
    if (expected.empty() || parser_->is_done()) return read_body();
    if (!beast::iequals(expected, "100-continue")) {
      keep_ = false;
      return send(refusal(http::status::expectation_failed, "only 100-continue can be expected"));
    }
    stream_.expires_after(shared_.options.write_timeout);
    asio::async_write(stream_, asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->give_up(error);
                        self->read_body();
                      });
  }

  void read_body() {
    if (parser_->is_done()) return answer();
    parser_->eager(true);
    stream_.expires_after(shared_.options.body_timeout);
    read_some();
  }

  void read_some() {
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (error) return self->give_up(error);
                            self->got_some();
                          });
  }

  void got_some() {
    hold(parser_->get().body().size());
    if (is_too_much()) {
      keep_ = false;
      return send(busy());
    }
    if (parser_->is_done()) return answer();
    read_some();
  }

  void answer() {
    stream_.expires_never();
    const Request& request = parser_->get();
    if (request.method() == http::verb::options) return send({.status = 204, .type = {}});
    if (const auto page = shared_.handlers.pages.find(path());
        page != shared_.handlers.pages.end()) {
      return send(reply_of(page->second));
    }
    // The work keeps the thread of the connections from ending.
    shared_.workers.add([self = shared_from_this(),
                         work = asio::make_work_guard(shared_.context)]() mutable {
      HttpReply reply = reply_of([&self] {
        const auto body = self->parser_->get().body().cdata();
        return self->shared_.handlers.post({static_cast<const char*>(body.data()), body.size()});
      });
      asio::io_context& context = self->shared_.context;
      // No reference must be left here: the connection ends in its thread.
      asio::post(context, [self = std::move(self), reply = std::move(reply)]() mutable {
        self->shared_.limiter.charge(self->client_, std::max<std::size_t>(reply.requests, 1) - 1,
                                     std::chrono::steady_clock::now());
        self->hold(reply.body.size());
        self->send(self->is_too_much() ? busy() : std::move(reply));
      });
    });
  }

  /// CORS: https://fetch.spec.whatwg.org/#http-cors-protocol
  void allow_origin() {
    const Request& request = parser_->get();
    const beast::string_view origin = request[http::field::origin];
    if (shared_.options.cors_origins.empty()) return;
    response_->set(http::field::vary, "Origin");
    if (origin.empty() || !contains(shared_.options.cors_origins, view(origin))) return;
    response_->set(http::field::access_control_allow_origin, origin);
    if (request.method() != http::verb::options) return;
    response_->set(http::field::access_control_allow_methods, "POST, GET");
    response_->set(http::field::access_control_allow_headers, "Content-Type");
    response_->set(http::field::access_control_max_age, "600");
  }

  void send(HttpReply reply) {
    // From now on the answer is held in place of the body.
    parser_->get().body() = RequestBody::value_type();
    hold(reply.body.size());
    const Request& request = parser_->get();
    response_->version(request.version());
    response_->result(reply.status);
    if (!reply.type.empty()) response_->set(http::field::content_type, view(reply.type));
    response_->set("X-Content-Type-Options", "nosniff");
    allow_origin();
    if (reply.status != 204) response_->content_length(reply.body.size());
    if (request.method() != http::verb::head) response_->body() = std::move(reply.body);
    keep_ = keep_ && request.keep_alive() && !shared_.stopping;
    response_->keep_alive(keep_);
    serializer_.emplace(*response_);
    write_step();
  }

  void write_step() {
    step_ = 0;
    stream_.expires_after(shared_.options.write_timeout);
    write_some();
  }

  void write_some() {
    http::async_write_some(stream_, *serializer_,
                           [self = shared_from_this()](error_code error, std::size_t size) {
                             if (error) return;
                             self->wrote_some(size);
                           });
  }

  void wrote_some(std::size_t size) {
    step_ += size;
    if (!serializer_->is_done()) return step_ < kWriteStep ? write_some() : write_step();
    if (keep_ && !shared_.stopping) return read_head();
    stop_sending();
  }

  void give_up(error_code error) {
    HttpReply reply = refusal(error);
    if (reply.status == 0) return;
    keep_ = false;
    send(std::move(reply));
  }

  /// A client that is still sending when its socket is closed may lose the answer.
  void stop_sending() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    busy_ = false;
    serializer_.reset();
    response_.reset();
    hold(0);
    buffer_.clear();
    stream_.expires_after(kDrainTimeout);
    drain();
  }

  void drain() {
    stream_.async_read_some(buffer_.prepare(65536),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              self->drained_ += size;
                              if (!error && self->drained_ < kMaxDrained) self->drain();
                            });
  }

  Shared& shared_;
  beast::tcp_stream stream_;
  std::string client_;  // as the limiter knows it
  beast::flat_buffer buffer_{kMaxBuffered};
  std::optional<Parser> parser_;
  std::optional<Response> response_;
  std::optional<Serializer> serializer_;
  std::size_t step_ = 0;  // bytes written since the deadline was set
  bool busy_ = false;     // from a request's head to the end of its answer
  bool keep_ = true;
  std::size_t drained_ = 0;
  std::size_t held_ = 0;
};

std::string client_of(const tcp::socket& socket) {
  error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  // Who has an IPv6 address has all of its network.
  if (!error && address.is_v6() && !address.to_v6().is_v4_mapped()) {
    const auto bytes = address.to_v6().to_bytes();
    return {bytes.begin(), bytes.begin() + 8};
  }
  return address.to_string();
}

}  // namespace

struct HttpServer::Parts {
  Parts(const HttpOptions& options, HttpHandlers handlers) : shared(options, std::move(handlers)) {}

  Shared shared;
  tcp::acceptor acceptor{shared.context};
  asio::steady_timer pause{shared.context};
  std::uint16_t port = 0;
  bool accepting = false;  // or pausing before it
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread thread;

  /// Empty, or why not.
  std::string listen() {
    error_code error;
    const auto address = asio::ip::make_address(shared.options.address, error);
    if (error) return "'" + shared.options.address + "' is not an address";
    const tcp::endpoint endpoint(address, shared.options.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return error.message();
    port = acceptor.local_endpoint(error).port();
    return {};
  }

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      accepting = false;
      if (shared.stopping) return;
      if (error) return wait_and_accept();
      begin(std::move(socket));
      accept();
    });
    accepting = true;
  }

  void wait_and_accept() {
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](error_code) {
      accepting = false;
      if (!shared.stopping) accept();
    });
    accepting = true;
  }

  void begin(tcp::socket socket) {
    if (shared.connections.size() >= shared.options.max_connections) return;
    std::string client = client_of(socket);
    const auto its = std::ranges::count(shared.connections, client, &Connection::client);
    if (static_cast<std::size_t>(its) >= shared.options.max_per_client) return;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::make_shared<Connection>(shared, std::move(socket), std::move(client))->read_head();
  }

  void run() {
    thread = std::thread([this] {
      run_all(shared.context, [this] {
        if (!accepting && !shared.stopping) accept();
      });
      ended.set_value();
    });
  }

  void stop(std::chrono::milliseconds patience) {
    if (!thread.joinable()) return;
    asio::post(shared.context, [this] {
      shared.stopping = true;
      error_code ignored;
      acceptor.close(ignored);
      pause.cancel();
      for (Connection* connection : shared.connections) connection->finish();
    });
    if (end.wait_for(patience) != std::future_status::ready) shared.context.stop();
    thread.join();
  }
};

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

std::variant<std::unique_ptr<HttpServer>, std::string> HttpServer::start(const HttpOptions& options,
                                                                         HttpHandlers handlers) {
  auto parts = std::make_unique<Parts>(options, std::move(handlers));
  if (std::string why = parts->listen(); !why.empty()) return why;
  parts->run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const {
  return parts_->port;
}

void HttpServer::post(std::function<void()> function) {
  asio::post(parts_->shared.context, std::move(function));
}

void HttpServer::stop(std::chrono::milliseconds patience) {
  parts_->stop(patience);
}

}  // namespace pixelzx::node
