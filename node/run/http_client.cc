// SPDX-License-Identifier: Apache-2.0
#include "node/run/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <sstream>
#include <utility>

namespace pixelzx::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

/// A request and its answer, one step after the other, for as long as there is patience.
class Exchange {
 public:
  Exchange(asio::ip::tcp::endpoint server, std::chrono::milliseconds patience)
      : stream_(context_), server_(std::move(server)) {
    stream_.expires_after(patience);
  }

  void ask(const std::string& path, const std::string& body) {
    request_.method(body.empty() ? http::verb::get : http::verb::post);
    request_.target(path);
    request_.version(11);
    request_.keep_alive(false);
    // Addresses are served everywhere, names only where the settings say so.
    request_.set(http::field::host, (std::ostringstream() << server_).str());
    if (!body.empty()) request_.set(http::field::content_type, "application/json");
    request_.body() = body;
    request_.prepare_payload();
    stream_.async_connect(server_, [this](error_code error) {
      if (is_over(error)) return;
      http::async_write(stream_, request_, [this](error_code failure, std::size_t) {
        if (is_over(failure)) return;
        http::async_read(stream_, buffer_, response_,
                         [this](error_code end, std::size_t) { (void)is_over(end); });
      });
    });
    context_.run();
  }

  [[nodiscard]] const error_code& error() const { return error_; }
  [[nodiscard]] HttpAnswer answer() {
    return {response_.result_int(), std::move(response_.body())};
  }

 private:
  bool is_over(error_code error) {
    error_ = error;
    return error.failed();
  }

  asio::io_context context_;
  beast::tcp_stream stream_;
  asio::ip::tcp::endpoint server_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response<http::string_body> response_;
  error_code error_;
};

}  // namespace

std::variant<HttpAnswer, std::string> ask_http(const std::string& address, std::uint16_t port,
                                               const std::string& path, const std::string& body,
                                               std::chrono::milliseconds patience) {
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error.failed()) return error.message();
  // A server that listens on all addresses is asked on this machine's own.
  const asio::ip::address asked = !parsed.is_unspecified() ? parsed
                                  : parsed.is_v4()
                                      ? asio::ip::address(asio::ip::address_v4::loopback())
                                      : asio::ip::address(asio::ip::address_v6::loopback());
  Exchange exchange({asked, port}, patience);
  exchange.ask(path, body);
  if (exchange.error().failed()) return exchange.error().message();
  return exchange.answer();
}

}  // namespace pixelzx::node
