// SPDX-License-Identifier: Apache-2.0
//
// A program that somebody wants to start: the ELF reader, formats told by their magic, `#!` and
// loaders followed. The input is the program, and after it, by their paths, what it may lead to.
#include "elf.h"

#include <array>

#include "examine.h"
#include "file_format.h"
#include "fuzz.h"
#include "machine.h"
#include "pack/captured_bytes.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::array<std::string_view, 8> kPlatforms = {
    "linux/amd64",  "linux/amd64/v4", "linux/arm64",   "linux/arm/v7",
    "linux/arm/v6", "linux/riscv64",  "linux/ppc64le", "linux/s390x"};

const std::array<Machine, kPlatforms.size()>& machines() {
  static const std::array<Machine, kPlatforms.size()> all = [] {
    std::array<Machine, kPlatforms.size()> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      machine_of_platform(*parse_platform(kPlatforms[i]), made[i]);
    }
    return made;
  }();
  return all;
}

/// What pixelzx-pack keeps of a file in an image must tell the same as the whole file, as long as
/// that is short.
pack::CapturedBytes captured(std::string_view file) {
  constexpr std::size_t kPiece = 1000;
  pack::CapturedBytes kept(file.size());
  for (std::size_t at = 0; at < file.size(); at += kPiece) kept.feed(at, file.substr(at, kPiece));
  kept.finish();
  return kept;
}

void check_reader(std::string_view file) {
  StrictBytes strict(file);
  const std::optional<Elf> elf = parse_elf(strict, file.size());
  const std::optional<Elf> whole = parse_elf(file);
  require(elf.has_value() == whole.has_value());
  // Parts of a longer file are kept only.
  constexpr std::size_t kLonger = 3 * pack::CapturedBytes::kWindow;
  pack::CapturedBytes parts = captured(std::string(file) + std::string(kLonger, '\0'));
  (void)parse_elf(parts, file.size() + kLonger);
  pack::CapturedBytes kept = captured(file);
  const std::optional<Elf> short_of_it = parse_elf(kept, file.size());
  require(elf.has_value() == short_of_it.has_value());
  if (elf) {
    require(elf->e_machine == elf_machine(file));
    require(elf_platform(*elf) == elf_platform(*whole));
    require(elf->truncated == whole->truncated && elf->largest_page == whole->largest_page);
    require(elf->code_offset == whole->code_offset && elf->code_size == whole->code_size);
    require(elf->code_offset <= file.size() && elf->code_size <= file.size() - elf->code_offset);
    require(elf->x86_level == short_of_it->x86_level && elf->pie == short_of_it->pie);
    for (const std::string_view platform : kPlatforms) {
      (void)check_label(*elf, *parse_platform(platform));
    }
  }
  for (const std::string_view platform : kPlatforms) {
    require(is_showable(describe_contradiction(file, *parse_platform(platform)).view()));
  }
  require(is_showable(file_format(strict).name));
  (void)is_text(file.substr(0, 256));
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  const std::vector<fuzz::Part> parts = fuzz::parts_of(fuzz::text_of(data, size));
  fuzz::check_reader(parts.front().content);
  fuzz::PartsTree files(parts);
  for (const Machine& machine : fuzz::machines()) {
    const Examination seen = examine(files, "/program", machine, Language::kEnglish);
    fuzz::require(fuzz::is_showable(seen.found.view()));
    if (!seen.diagnosis) continue;
    for (const Language language : {Language::kEnglish, Language::kKorean}) {
      const auto message = format_diagnosis(*seen.diagnosis, "pixelzx", language, true);
      fuzz::require(fuzz::is_showable(message.view()));
    }
  }
  return 0;
}
