// SPDX-License-Identifier: Apache-2.0
//
// A client that can be rude: it sends what it is told, byte for byte.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace pixelzx::node::test {

struct HttpAnswer {
  unsigned status = 0;  ///< 0: the connection was closed instead
  std::string head;
  std::string body;

  [[nodiscard]] bool has(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

/// Connected to a port of 127.0.0.1, from `source`, in the host's order of bytes.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, in_addr_t source = INADDR_LOOPBACK)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // So that a test of a server that hangs ends.
    const timeval guard{.tv_sec = 120, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &guard, sizeof guard);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
    REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~HttpClient() { close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // closed: the answer tells
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// The next answer. That of HEAD has no body.
  HttpAnswer receive(bool with_body = true) {
    HttpAnswer answer;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more()) return answer;
    }
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9)));
    const std::size_t length = answer.head.find("Content-Length: ");
    if (!with_body || length == std::string::npos) return answer;
    const std::size_t size = std::stoul(answer.head.substr(length + 16));
    while (received_.size() < size && receive_more()) continue;
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
  }

  HttpAnswer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

  /// Waits for `size` bytes, of whatever there is, and forgets them. False when there are fewer.
  bool skip(std::size_t size) {
    while (received_.size() < size && receive_more()) continue;
    const bool all = received_.size() >= size;
    received_.erase(0, size);
    return all;
  }

  /// Waits until the server closes the connection; false when it sends something instead.
  bool is_closed() { return received_.empty() && !receive_more() && received_.empty(); }

  /// Closes the sending half.
  void finish() const { shutdown(socket_, SHUT_WR); }

 private:
  bool receive_more() {
    std::string bytes(65536, '\0');
    const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    received_.append(bytes, 0, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  std::string received_;
};

/// A POST of JSON to `/`. `more`: header lines, each with its end.
inline std::string post(std::string_view body, const std::string& more = {}) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace pixelzx::node::test
