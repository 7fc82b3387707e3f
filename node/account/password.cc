// SPDX-License-Identifier: Apache-2.0
#include "node/account/password.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "node/account/address_text.h"
#include "node/base/files.h"
#include "node/run/signals.h"

namespace pixelzx::node {
namespace {

constexpr std::size_t kMostPasswordFile = 65536;
constexpr char kControlC = 3;

std::variant<std::string, Failure> first_line(const std::string& path) {
  auto read = read_file(path, kMostPasswordFile);
  if (const auto* error = std::get_if<std::error_code>(&read)) {
    return Failure{Phrase::kPasswordUnreadable, {path, error->message()}};
  }
  std::string line = std::move(std::get<std::string>(read));
  line.resize(std::min(line.find_first_of("\r\n"), line.size()));
  if (line.empty()) return Failure{Phrase::kNoPassword, {}};
  return line;
}

/// The terminal of this process, without echo as long as this lives.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || ::tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    // Control-C ends the line, so that no signal leaves the terminal without echo.
    quiet.c_cc[VEOL] = kControlC;
    is_quiet_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (is_quiet_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) ::close(fd_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  [[nodiscard]] std::variant<std::string, Failure> ask(const std::string& prompt,
                                                       int cancel) const {
    if (!is_quiet_) return Failure{Phrase::kNoTerminal, {}};
    write(prompt);
    std::string line;
    while (line.find_first_of("\n\x03") == std::string::npos) {
      std::array<pollfd, 2> waiting{{{fd_, POLLIN, 0}, {cancel, POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
      if (waiting[1].revents != 0) break;
      if (waiting[0].revents == 0) continue;
      std::array<char, 1024> typed{};
      const ssize_t got = ::read(fd_, typed.data(), typed.size());
      if (got == 0 || (got < 0 && errno != EINTR)) break;
      if (got > 0) line.append(typed.data(), static_cast<std::size_t>(got));
    }
    write("\n");
    if (!line.ends_with('\n')) return Failure{Phrase::kCancelled, {}};
    line.pop_back();
    if (line.empty()) return Failure{Phrase::kNoPassword, {}};
    return line;
  }

 private:
  void write(std::string_view text) const {
    // If that fails, nothing can be typed either.
    (void)!::write(fd_, text.data(), text.size());
  }

  int fd_;
  termios before_{};
  bool is_quiet_ = false;
};

}  // namespace

std::variant<std::string, Failure> new_password(const std::string& file, Language language) {
  if (!file.empty()) return first_line(file);
  const Signals signals;
  const QuietTerminal terminal;
  auto first = terminal.ask(std::string(text(Phrase::kAskNewPassword, language)), signals.fd());
  if (std::holds_alternative<Failure>(first)) return first;
  auto second = terminal.ask(std::string(text(Phrase::kAskPasswordAgain, language)), signals.fd());
  if (std::holds_alternative<Failure>(second)) return second;
  if (std::get<std::string>(first) != std::get<std::string>(second))
    return Failure{Phrase::kPasswordsDiffer, {}};
  return first;
}

std::variant<std::string, Failure> password_for(const Address& address, const std::string& file,
                                                Language language, int cancel) {
  if (!file.empty()) return first_line(file);
  return QuietTerminal().ask(fill(Phrase::kAskPassword, language, {checksummed(address)}), cancel);
}

}  // namespace pixelzx::node
