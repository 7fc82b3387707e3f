// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pixelzx::node {

struct HttpOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6, in digits
  std::uint16_t port = 0;             ///< 0: one that is free
  /// What pages of the web may call: `https://wallet.example`, or `*` for all.
  std::vector<std::string> cors_origins{};
  /// Host names under which the server may be addressed, or `*` for all; addresses always are. It
  /// keeps away pages whose own name was made to lead here (DNS rebinding).
  std::vector<std::string> virtual_hosts = {"localhost"};
  std::size_t max_body = std::size_t{5} << 20U;
  std::size_t max_connections = 512;
  /// Of one client, or an IPv6 network of 64 bits. Half of all, and on this machine too: a reverse
  /// proxy is one client for all that are behind it, and has many more than workers can answer.
  std::size_t max_per_client = 256;
  /// Of bodies, as far as they have arrived, and answers, of all connections together. With more,
  /// POSTs are refused.
  std::size_t max_held = std::size_t{256} << 20U;
  /// POSTs that a client, or an IPv6 network of 64 bits, may send; 0: any number.
  double requests_per_second = 0;
  unsigned workers = 2;  ///< threads that answer POSTs
  /// For the head of a request to arrive, whether the connection is new or kept alive.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  /// For each MiB of an answer.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
};

struct HttpReply {
  unsigned status = 200;
  std::string_view type = "application/json";
  std::string body{};
  /// How many requests it was for requests_per_second.
  std::size_t requests = 1;
};

struct HttpHandlers {
  /// Answers the body, in JSON, of a POST to `/`; in any of the workers. None: nothing is posted.
  /// What it or a page throws is answered with 500.
  std::function<HttpReply(std::string_view body)> post;
  /// What GET finds under a path. Called in the one thread that serves all connections.
  std::map<std::string_view, std::function<HttpReply()>> pages;
};

/// HTTP/1.1 (RFC 9112) and 1.0, connections being kept alive. Refuses with 400, 403 (Host), 404,
/// 405, 413, 415, 417, 429, 431, 500 or 503, and a line of text. However long workers take, pages
/// are served.
class HttpServer {
 public:
  /// Listens and serves; or why it cannot, such as `Address already in use`.
  static std::variant<std::unique_ptr<HttpServer>, std::string> start(const HttpOptions& options,
                                                                      HttpHandlers handlers);
  /// Stops without patience.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// Has `function` called by the one thread that serves all connections, when its turn comes.
  void post(std::function<void()> function);

  /// Takes no more connections and requests. Answers those that were read, and closes what is open,
  /// at the latest after `patience`; a handler that was called is waited for in any case.
  void stop(std::chrono::milliseconds patience);

 private:
  struct Parts;
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace pixelzx::node
