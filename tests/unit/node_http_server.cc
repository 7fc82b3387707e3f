// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/http_server.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "node/rpc/rate_limiter.h"
#include "tests/unit/node_http_client.h"

namespace pixelzx::node {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpClient;
using test::post;

/// Of POST: the body, twice.
HttpReply twice(std::string_view body) {
  return {.body = std::string(body) + std::string(body)};
}

std::unique_ptr<HttpServer> serve(const HttpOptions& options,
                                  std::function<HttpReply(std::string_view)> answer = twice) {
  HttpHandlers handlers{.post = std::move(answer),
                        .pages = {{"/health", [] { return HttpReply{.body = "well"}; }}}};
  auto server = HttpServer::start(options, std::move(handlers));
  REQUIRE(std::holds_alternative<std::unique_ptr<HttpServer>>(server));
  return std::move(std::get<std::unique_ptr<HttpServer>>(server));
}

HttpAnswer ask(const HttpServer& server, std::string_view request) {
  return HttpClient(server.port()).ask(request);
}

std::string get(std::string_view path, std::string_view host = "localhost") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

/// What the workers wait for.
class Gate {
 public:
  void open() { opened_.set_value(); }
  void wait() const { open_.wait(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> open_ = opened_.get_future().share();
};

TEST_CASE("what is posted waits for its turn", "[node][rpc]") {
  Gate asked;
  Gate gate;
  const auto slow = [&] {
    asked.open();
    gate.wait();
    return HttpReply{};
  };
  auto started = HttpServer::start({}, {.post = {}, .pages = {{"/slow", slow}}});
  auto& server = *std::get<std::unique_ptr<HttpServer>>(started);
  HttpClient client(server.port());
  client.send(get("/slow"));
  asked.wait();
  std::promise<void> called;
  server.post([&called] { called.set_value(); });
  const std::future<void> turn = called.get_future();
  CHECK(turn.wait_for(50ms) == std::future_status::timeout);
  gate.open();
  CHECK(turn.wait_for(2min) == std::future_status::ready);
  CHECK(client.receive().status == 200);
}

TEST_CASE("a connection is kept for one request after the other", "[node][rpc]") {
  const auto server = serve({});
  HttpClient client(server->port());
  for (const std::string body : {"1", "[2]", "\"three\""}) {
    const HttpAnswer answer = client.ask(post(body));
    CHECK(answer.status == 200);
    CHECK(answer.body == body + body);
    CHECK(answer.has("Content-Type: application/json"));
  }
  CHECK(client.ask(get("/health")).body == "well");
  // Two at once are answered in turn.
  client.send(post("a") + post("b"));
  CHECK(client.receive().body == "aa");
  CHECK(client.receive().body == "bb");
  // Until one says that it is the last.
  CHECK(client.ask(post("c", "Connection: close\r\n")).body == "cc");
  CHECK(client.is_closed());
}

TEST_CASE("requests of HTTP/1.0, in chunks, and byte by byte", "[node][rpc]") {
  const auto server = serve({});
  HttpClient old(server->port());
  CHECK(old.ask("GET /health HTTP/1.0\r\n\r\n").body == "well");
  CHECK(old.is_closed());

  HttpClient chunks(server->port());
  CHECK(chunks
            .ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
            .body == "abcabc");

  HttpClient slow(server->port());
  for (const char c : post("slow")) slow.send({&c, 1});
  CHECK(slow.receive().body == "slowslow");
}

TEST_CASE("HEAD has the head of GET and no body", "[node][rpc]") {
  const auto server = serve({});
  HttpClient client(server->port());
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const HttpAnswer answer = client.receive(false);
  CHECK(answer.status == 200);
  CHECK(answer.has("Content-Length: 4"));
  CHECK(client.ask(get("/health")).body == "well");
}

TEST_CASE("what is refused, and how", "[node][rpc]") {
  HttpOptions options;
  options.max_body = 1000;
  const auto server = serve(options);
  const std::string json = "Content-Type: application/json\r\n";
  const std::string host = "Host: localhost\r\n";
  const std::vector<std::pair<std::string, unsigned>> requests = {
      {"hello\r\n\r\n", 400},
      {"GET /health HTTP/9\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + json + "Content-Length: x\r\n\r\n", 400},
      {get("/"), 405},
      {get("/nothing"), 404},
      {"PUT / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"DELETE /health HTTP/1.1\r\n" + host + "\r\n", 405},
      {"POST /nothing HTTP/1.1\r\n" + host + json + "Content-Length: 1\r\n\r\n1", 404},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n1", 415},
      {"POST / HTTP/1.1\r\n" + host + "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\n1",
       415},
      {post(std::string(1001, '1')), 413},
      {"POST / HTTP/1.1\r\n" + host + json + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, '1') + "\r\n0\r\n\r\n",
       413},
      {post("1", "Expect: a wonder\r\n"), 417},
      {"GET /health HTTP/1.1\r\n\r\n", 400},
      {"GET /health HTTP/1.1\r\n" + host + host + "\r\n", 400},
      {"GET /health HTTP/1.0\r\n" + host + host + "\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + json + "Transfer-Encoding: gzip\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + json + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + json + "Transfer-Encoding: chunked\r\n\r\n1;" +
           std::string(200'000, 'x'),
       400},
      {"GET /health HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n", 413},
      {"HEAD /health HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n", 413},
      {"GET /health HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", 413},
      {"OPTIONS / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n", 413},
      {"GET /health HTTP/1.1\r\n" + host + "Big: " + std::string(10000, 'x') + "\r\n\r\n", 431},
  };
  for (const auto& [request, status] : requests) {
    INFO(request.substr(0, 200));
    HttpClient client(server->port());
    client.send(request);
    const bool with_body = !request.starts_with("HEAD");
    const HttpAnswer answer = client.receive(with_body);
    CHECK(answer.status == status);
    CHECK(answer.has("Content-Type: text/plain; charset=utf-8"));
    if (with_body) CHECK(answer.body.ends_with('\n'));
    // What comes then may be anything.
    if (status == 400 || status == 413) CHECK(client.is_closed());
  }
  CHECK(ask(*server, get("/")).has("Allow: POST, OPTIONS"));
  CHECK(ask(*server, "POST /health HTTP/1.1\r\n" + host + "\r\n").has("Allow: GET, HEAD"));
  CHECK(ask(*server, post(std::string(1000, '1'))).status == 200);
  CHECK(ask(*server, post("1", "Content-Type: Application/JSON ; charset=utf-8\r\n")).status ==
        200);
}

TEST_CASE("what is thrown is an answer too", "[node][rpc]") {
  const auto fail = []() -> HttpReply { throw std::runtime_error("on purpose"); };
  auto started = HttpServer::start(
      {}, {.post = [&fail](std::string_view) { return fail(); }, .pages = {{"/page", fail}}});
  const auto& server = std::get<std::unique_ptr<HttpServer>>(started);
  HttpClient client(server->port());
  for (const std::string& request : {post("1"), get("/page"), post("1")}) {
    const HttpAnswer answer = client.ask(request);
    CHECK(answer.status == 500);
    CHECK(answer.body == "internal error\n");
  }
}

TEST_CASE("the refusal of a large body reaches a client that sends it all first", "[node][rpc]") {
  const auto server = serve({});
  HttpClient client(server->port());
  const HttpAnswer answer = client.ask(post(std::string(std::size_t{16} << 20U, ' ')));
  CHECK(answer.status == 413);
  CHECK(answer.has("Connection: close"));
}

TEST_CASE("a client that asks before it sends a body is told to go on, or not", "[node][rpc]") {
  const auto server = serve({});
  const std::string head =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: ";
  HttpClient small(server->port());
  CHECK(small.ask(head + "2\r\n\r\n").status == 100);
  CHECK(small.ask("ab").body == "abab");
  HttpClient large(server->port());
  CHECK(large.ask(head + "99999999\r\n\r\n").status == 413);
}

TEST_CASE("host names are those that were allowed", "[node][rpc]") {
  HttpOptions options;
  options.virtual_hosts = {"localhost", "node.example"};
  const auto server = serve(options);
  for (const std::string_view host : {"localhost", "LOCALHOST:8545", "node.example:80",
                                      "127.0.0.1:1", "10.1.2.3", "[::1]:8545", ""}) {
    INFO(host);
    CHECK(ask(*server, get("/health", host)).status == 200);
  }
  for (const std::string_view host : {"attacker.example", "localhost.attacker.example", "*"}) {
    INFO(host);
    CHECK(ask(*server, get("/health", host)).status == 403);
  }
  options.virtual_hosts = {"*"};
  CHECK(ask(*serve(options), get("/health", "any.example")).status == 200);
}

TEST_CASE("pages of the web may call from the origins that were allowed", "[node][rpc]") {
  HttpOptions options;
  options.cors_origins = {"https://wallet.example"};
  const auto server = serve(options);
  const std::string allowed = "Access-Control-Allow-Origin: https://wallet.example";
  const auto preflight = [](std::string_view origin) {
    return "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: " + std::string(origin) +
           "\r\nAccess-Control-Request-Method: POST\r\n"
           "Access-Control-Request-Headers: content-type\r\n\r\n";
  };
  const HttpAnswer answer = ask(*server, preflight("https://wallet.example"));
  CHECK(answer.status == 204);
  CHECK(answer.has(allowed));
  CHECK(answer.has("Access-Control-Allow-Methods: POST, GET"));
  CHECK(answer.has("Access-Control-Allow-Headers: Content-Type"));
  CHECK(ask(*server, post("1", "Origin: https://wallet.example\r\n")).has(allowed));
  CHECK(ask(*server, post("1", "Origin: https://wallet.example\r\n")).has("Vary: Origin"));

  for (const std::string origin : {"https://wallet.example.org", "http://wallet.example", "null"}) {
    INFO(origin);
    CHECK(ask(*server, preflight(origin)).head.find("Access-Control") == std::string::npos);
    const HttpAnswer refused = ask(*server, post("1", "Origin: " + origin + "\r\n"));
    CHECK(refused.head.find("Access-Control") == std::string::npos);
  }
  CHECK(ask(*serve({}), preflight("https://wallet.example")).head.find("Access-Control") ==
        std::string::npos);
  options.cors_origins = {"*"};
  CHECK(ask(*serve(options), post("1", "Origin: https://a.example\r\n"))
            .has("Access-Control-Allow-Origin: https://a.example"));
}

TEST_CASE("pages are served while all workers are at work", "[node][rpc]") {
  Gate gate;
  HttpOptions options;
  options.workers = 2;
  const auto server = serve(options, [&gate](std::string_view body) {
    gate.wait();
    return twice(body);
  });
  std::deque<HttpClient> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(server->port()).send(post("1"));
  CHECK(ask(*server, get("/health")).body == "well");
  gate.open();
  for (HttpClient& client : clients) CHECK(client.receive().body == "11");
}

/// Two connections from here are the most; `meanwhile` is called while both are there.
void check_most_is_two(
    HttpServer& server, const std::function<void()>& meanwhile = [] {}) {
  std::optional<HttpClient> first(server.port());
  HttpClient second(server.port());
  CHECK(first->ask(post("1")).status == 200);
  CHECK(second.ask(post("1")).status == 200);
  CHECK(ask(server, post("1")).status == 0);
  CHECK(second.ask(post("1")).status == 200);
  meanwhile();
  // One that ends makes room. When the server sees that is not known.
  first.reset();
  while (ask(server, post("1")).status != 200) std::this_thread::yield();
}

TEST_CASE("connections beyond the most are closed", "[node][rpc]") {
  HttpOptions options;
  options.max_connections = 2;
  check_most_is_two(*serve(options));
}

TEST_CASE("one client leaves connections to the others", "[node][rpc]") {
  HttpOptions options;
  options.max_per_client = 2;
  const auto server = serve(options);
  check_most_is_two(*server, [&server] {
    constexpr in_addr_t kOther = INADDR_LOOPBACK + 1;
    CHECK(HttpClient(server->port(), kOther).ask(post("1")).status == 200);
  });
}

TEST_CASE("bodies and answers of all clients together are bounded", "[node][rpc]") {
  HttpOptions options;
  options.max_held = 1000;
  options.workers = 1;
  Gate gate;
  std::promise<void> begun;
  const auto server = serve(options, [&](std::string_view body) {
    if (body.size() == 600) begun.set_value();
    gate.wait();
    return HttpReply{.body = std::string(body.size() == 2 ? 1001 : 10, 'x')};
  });
  HttpClient client(server->port());
  client.send(post(std::string(600, '1')));
  begun.get_future().wait();
  CHECK(ask(*server, post(std::string(401, '1'))).status == 503);
  gate.open();
  CHECK(client.receive().status == 200);
  CHECK(client.ask(post("12")).status == 503);
  CHECK(client.ask(post(std::string(1000, '1'))).status == 200);
  // The answer that was refused is not held while its client is waited for.
  HttpClient last(server->port());
  CHECK(last.ask(post("12", "Connection: close\r\n")).status == 503);
  CHECK(client.ask(post(std::string(900, '1'))).status == 200);
}

TEST_CASE("bodies count as they arrive, not as they are announced", "[node][rpc]") {
  HttpOptions options;
  options.max_held = 1000;
  options.max_body = 900;
  const auto server = serve(options, [](std::string_view body) {
    return HttpReply{.body = std::string(body.substr(0, 1)) + "1"};
  });
  const std::string large = post(std::string(900, '1'));
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  // Told to go on, they have been read so far.
  const auto head = [](std::string_view request) {
    return std::string(request.substr(0, request.find("\r\n\r\n"))) +
           "\r\nExpect: 100-continue\r\n\r\n";
  };
  std::deque<HttpClient> slow;
  for (int i = 0; i < 10; ++i) {
    CHECK(slow.emplace_back(server->port()).ask(head(large)).status == 100);
    CHECK(slow.emplace_back(server->port()).ask(head(chunked)).status == 100);
  }
  CHECK(ask(*server, post(std::string(400, '1'))).status == 200);
  slow.back().send("1\r\n1\r\n0\r\n\r\n");
  CHECK(slow.back().receive().body == "11");
  // Of two that have sent most of theirs, the one whose bytes came last is refused.
  std::promise<void> refused;
  const auto receive = [&refused](HttpClient& client) {
    const unsigned status = client.receive().status;
    if (status == 503) refused.set_value();
    return status;
  };
  for (const std::size_t i : {0U, 2U}) slow[i].send(std::string(800, '1'));
  auto first = std::async(std::launch::async, receive, std::ref(slow[0]));
  auto second = std::async(std::launch::async, receive, std::ref(slow[2]));
  CHECK(refused.get_future().wait_for(120s) == std::future_status::ready);
  for (const std::size_t i : {0U, 2U}) slow[i].send(std::string(100, '1'));
  CHECK(std::set{first.get(), second.get()} == std::set{200U, 503U});
}

TEST_CASE("a client that reads slowly gets all of a large answer", "[node][rpc]") {
  constexpr std::size_t kSize = std::size_t{64} << 20U;  // more than sockets hold
  const auto is_whole = [](std::chrono::milliseconds timeout) {
    HttpOptions options;
    options.write_timeout = timeout;
    const auto server =
        serve(options, [](std::string_view) { return HttpReply{.body = std::string(kSize, 'x')}; });
    HttpClient client(server->port());
    client.send(post("1"));
    // All takes longer than the timeout, and no part does.
    for (int i = 0; i < 3; ++i) {
      if (!client.skip(kSize / 4)) return false;
      std::this_thread::sleep_for(timeout / 2);
    }
    return client.skip(kSize / 4);
  };
  // On a machine that is busy elsewhere, the last are long enough.
  CHECK((is_whole(500ms) || is_whole(4s) || is_whole(32s)));
}

TEST_CASE("clients that say nothing, or too little, are dropped", "[node][rpc]") {
  HttpOptions options;
  options.idle_timeout = 50ms;
  options.body_timeout = 50ms;
  const auto server = serve(options);
  HttpClient silent(server->port());
  CHECK(silent.is_closed());
  HttpClient half_a_head(server->port());
  half_a_head.send("POST / HTTP/1.1\r\nHost: loc");
  CHECK(half_a_head.is_closed());
  HttpClient half_a_body(server->port());
  half_a_body.send(post("123456").substr(0, post("123456").size() - 3));
  CHECK(half_a_body.is_closed());
}

TEST_CASE("a client that closes before the end of its request is forgotten", "[node][rpc]") {
  const auto server = serve({});
  HttpClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHo");
  client.finish();
  CHECK(client.is_closed());
  CHECK(ask(*server, post("1")).status == 200);
}

TEST_CASE("what was asked is answered when the server stops", "[node][rpc]") {
  Gate gate;
  std::promise<void> begun;
  const auto server = serve({}, [&](std::string_view body) {
    begun.set_value();
    gate.wait();
    return twice(body);
  });
  HttpClient client(server->port());
  HttpClient idle(server->port());
  CHECK(idle.ask(get("/health")).status == 200);
  client.send(post("1"));
  begun.get_future().wait();
  std::thread stopping([&] { server->stop(120s); });
  CHECK(idle.is_closed());
  gate.open();
  const HttpAnswer answer = client.receive();
  CHECK(answer.body == "11");
  CHECK(answer.has("Connection: close"));
  client.finish();
  stopping.join();
}

TEST_CASE("a client that does not read does not keep the server from stopping", "[node][rpc]") {
  const auto server = serve({}, [](std::string_view) {
    return HttpReply{.body = std::string(std::size_t{64} << 20U, 'x')};
  });
  HttpClient client(server->port());
  client.send(post("1"));
  CHECK(ask(*server, get("/health")).status == 200);
  server->stop(10ms);
}

TEST_CASE("a port that is taken, and an address that is none", "[node][rpc]") {
  const auto server = serve({});
  HttpOptions options;
  options.port = server->port();
  const auto taken = HttpServer::start(options, {});
  CHECK(std::get<std::string>(taken) == "Address already in use");
  options.address = "localhost";
  CHECK(std::get<std::string>(HttpServer::start(options, {})) == "'localhost' is not an address");
}

TEST_CASE("clients get as many requests a second as was said", "[node][rpc]") {
  const RateLimiter::Time begin;
  RateLimiter limiter(10);
  for (int i = 0; i < 20; ++i) CHECK(limiter.take("a", begin) == 0s);
  CHECK(limiter.take("a", begin) == 1s);
  CHECK(limiter.take("b", begin) == 0s);
  CHECK(limiter.take("a", begin + 100ms) == 0s);
  CHECK(limiter.take("a", begin + 100ms) == 1s);
  // It does not grow beyond what is allowed at once.
  for (int i = 0; i < 20; ++i) CHECK(limiter.take("a", begin + 1h) == 0s);
  CHECK(limiter.take("a", begin + 1h) == 1s);
  // What a batch has taken too much is missing later.
  limiter.charge("a", 10, begin + 1h);
  CHECK(limiter.take("a", begin + 1h) == 2s);
  CHECK(limiter.take("a", begin + 1h + 1s) == 1s);
  CHECK(limiter.take("a", begin + 1h + 1100ms) == 0s);
  // Though not for ever: 1000, and the one that is asked for.
  for (int i = 0; i < 20; ++i) limiter.charge("a", 1000, begin + 2h);
  CHECK(limiter.take("a", begin + 2h) == 101s);
  CHECK(limiter.take("a", begin + 2h + 101s) == 0s);
  RateLimiter fast(1000);
  for (int i = 0; i < 1000; ++i) fast.charge("a", 1000, begin);
  CHECK(fast.take("a", begin) == 61s);

  RateLimiter none(0);
  for (int i = 0; i < 1000; ++i) CHECK(none.take("a", begin) == 0s);
}

TEST_CASE("a client that asks too often is told so, and can ask for its health", "[node][rpc]") {
  HttpOptions options;
  options.requests_per_second = 2;
  const auto server = serve(
      options, [](std::string_view) { return HttpReply{.body = "a batch", .requests = 1000}; });
  CHECK(ask(*server, post("1")).status == 200);
  const HttpAnswer answer = ask(*server, post("1"));
  CHECK(answer.status == 429);
  // 997 are missing, but for the time since then.
  const std::size_t wait = answer.head.find("Retry-After: ");
  REQUIRE(wait != std::string::npos);
  CHECK(std::stoi(answer.head.substr(wait + 13)) <= 499);
  CHECK(std::stoi(answer.head.substr(wait + 13)) > 1);
  CHECK(ask(*server, get("/health")).status == 200);
}

}  // namespace
}  // namespace pixelzx::node
