// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <exception>
#include <istream>
#include <sstream>
#include <streambuf>

#include "node/base/deep_thread.h"
#include "node/base/files.h"
#include "node/chain/export.h"
#include "node/commands/commands.h"
#include "node/run/open_chain.h"
#include "node/run/signals.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

/// The number in `text`, or `otherwise` when that is empty; nothing when it is none up to `most`.
std::optional<std::uint64_t> block_number(const std::string& text, std::uint64_t otherwise,
                                          std::uint64_t most) {
  std::uint64_t number = otherwise;
  const char* end = text.data() + text.size();
  if (!text.empty()) {
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  }
  return number <= most ? std::optional(number) : std::nullopt;
}

/// Reads a file, which may be a pipe that nobody writes to, until a signal asks to stop.
class Input : public std::streambuf {
 public:
  explicit Input(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}

  [[nodiscard]] bool is_open() const { return file_.get() >= 0; }
  /// Once it is, it stays so.
  bool is_interrupted() { return is_interrupted_ = is_interrupted_ || Signals::is_pending(); }

 protected:
  int_type underflow() override {
    constexpr int kPause = 200;  // ms
    while (!is_interrupted()) {
      pollfd waiting{file_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kPause) == 0) continue;
      const ssize_t got = ::read(file_.get(), part_.data(), part_.size());
      if (got > 0) {
        setg(part_.data(), part_.data(), part_.data() + got);
        return traits_type::to_int_type(part_.front());
      }
      if (got == 0) break;
      // Makes the stream a bad one.
      if (errno != EINTR && errno != EAGAIN) throw std::system_error(last_error());
    }
    return traits_type::eof();
  }

 private:
  Descriptor file_;
  std::array<char, 65536> part_{};
  bool is_interrupted_ = false;
};

/// import_blocks() where there is room for what contracts do.
Imported import_deeply(Chain& chain, Input& input) {
  Imported imported;
  std::exception_ptr thrown;
  {
    const DeepThread thread([&] {
      try {
        std::istream in(&input);
        imported = import_blocks(
            chain, in, [&](const BlockPointer& /*block*/) { return !input.is_interrupted(); });
      } catch (...) {
        thrown = std::current_exception();
      }
    });
  }
  if (thrown) std::rethrow_exception(thrown);
  return imported;
}

/// The blocks `first` to `last` in a new file, or why there is none.
std::optional<Failure> export_to(const std::string& path, const Chain& chain, std::uint64_t first,
                                 std::uint64_t last, const std::string& data_dir) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return Failure{Phrase::kFileIsThere, {path}};
  Draft file(path);
  for (std::uint64_t number = first; !error && number <= last; ++number) {
    if (Signals::is_pending()) return Failure{Phrase::kCancelled, {}};
    std::ostringstream block;
    if (!export_blocks(chain, number, number, block)) {
      return Failure{Phrase::kChainDamaged,
                     {data_dir, "there is no block " + std::to_string(number)}};
    }
    error = file.write(block.view());
  }
  if (!error) error = file.keep(IfThere::kRefuse);
  if (error) return Failure{Phrase::kCannotExport, {path, error.message()}};
  return std::nullopt;
}

}  // namespace

CliResult run_export(const CommandLine& line) {
  const Signals signals;
  const auto opened = open_chain(line.settings, std::nullopt);
  if (const auto* failure = std::get_if<Failure>(&opened)) return failed(*failure, line.language);
  const Chain& chain = *std::get<std::unique_ptr<Chain>>(opened);
  const std::uint64_t head = chain.head()->block.header.number;
  const auto last = block_number(line.last, head, head);
  const auto first =
      block_number(line.first, std::min<std::uint64_t>(1, head), last.value_or(head));
  if (!first || !last) {
    return failed(
        {Phrase::kBadBlockNumber, {first ? line.last : line.first, "0", std::to_string(head)}},
        line.language);
  }
  if (const auto failure = export_to(line.file, chain, *first, *last, line.settings.data_dir)) {
    return failed(*failure, line.language);
  }
  return {kStatusOk,
          fill(Phrase::kExported, line.language,
               {std::to_string(*first), std::to_string(*last), escape_controls(line.file)}) +
              "\n",
          ""};
}

CliResult run_import(const CommandLine& line) {
  const Signals signals;
  const auto opened = open_chain(line.settings, std::nullopt);
  if (const auto* failure = std::get_if<Failure>(&opened)) return failed(*failure, line.language);
  Chain& chain = *std::get<std::unique_ptr<Chain>>(opened);
  Input input(line.file);
  if (!input.is_open()) {
    return failed({Phrase::kCannotImport, {line.file, last_error().message()}}, line.language);
  }
  const Imported imported = import_deeply(chain, input);
  if (input.is_interrupted()) {
    return failed({Phrase::kInterrupted, {std::to_string(imported.added)}}, line.language);
  }
  if (!imported.error.empty()) {
    return failed({Phrase::kImportEnded,
                   {std::to_string(imported.offset), line.file, imported.error,
                    std::to_string(imported.added)}},
                  line.language);
  }
  const BlockPointer head = chain.head();
  return {kStatusOk,
          fill(Phrase::kImported, line.language,
               {std::to_string(imported.added), std::to_string(imported.known),
                std::to_string(head->block.header.number), to_0x(head->hash)}) +
              "\n",
          ""};
}

}  // namespace pixelzx::node
