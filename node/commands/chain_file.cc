// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fstream>

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

std::string last_error() {
  return std::error_code(errno, std::generic_category()).message();
}

}  // namespace

CliResult run_export(const CommandLine& line) {
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
  std::error_code error;
  if (std::filesystem::exists(line.file, error)) {
    return failed({Phrase::kFileIsThere, {line.file}}, line.language);
  }
  // What is not whole does not get the name.
  const std::string draft = line.file + ".part";
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  bool is_whole = file.is_open() && export_blocks(chain, *first, *last, file);
  file.close();
  is_whole = is_whole && file.good() && ::rename(draft.c_str(), line.file.c_str()) == 0;
  if (!is_whole) {
    const std::string why = last_error();
    (void)std::remove(draft.c_str());
    return failed({Phrase::kCannotExport, {line.file, why}}, line.language);
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
  std::ifstream file(line.file, std::ios::binary);
  if (!file.is_open()) {
    return failed({Phrase::kCannotImport, {line.file, last_error()}}, line.language);
  }
  bool is_interrupted = false;
  const Imported imported = import_blocks(chain, file, [&](const BlockPointer& /*block*/) {
    is_interrupted = Signals::is_pending();
    return !is_interrupted;
  });
  if (is_interrupted) {
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
