// SPDX-License-Identifier: Apache-2.0
#include "pack/bundle_writer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <iterator>
#include <thread>

#include "branch_filter.h"
#include "elf.h"
#include "pack/common_content.h"
#include "pack/compress.h"
#include "pack/extract.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/progress.h"
#include "pack/tar_writer.h"
#include "pack/text_table.h"
#include "pack/verify.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

/// Those that stand alone come first, as the index parser wants it of a prefix.
void sort_slices(std::vector<PackedSlice>& slices) {
  std::sort(slices.begin(), slices.end(), [](const PackedSlice& a, const PackedSlice& b) {
    return std::pair(a.prefix.has_value(), to_text(a.platform).view()) <
           std::pair(b.prefix.has_value(), to_text(b.platform).view());
  });
}

/// See compress_programs().
class Compressor {
 public:
  Compressor(std::vector<Program> programs, int level, bool show_progress, BundleContent& content)
      : level_(level),
        content_(content),
        programs_(std::move(programs)),
        progress_(size_of(programs_), show_progress) {
    effort_.bytes = size_of(programs_);
    for (Program& program : programs_) {
      PackedSlice slice{.platform = program.platform,
                        .prefix = program.prefix,
                        .uses_common = false,
                        .code = {},
                        .size = program.content.size(),
                        .sha256 = std::string(sha256(program.content).view()),
                        .frame = {}};
      const std::optional<Elf> elf = parse_elf(program.content);
      if (elf && BranchFilter::knows(slice.platform)) {
        slice.code = {.offset = elf->code_offset, .size = elf->code_size};
      }
      BranchFilter(slice.platform, slice.code, BranchFilter::Direction::kApply)
          .convert(program.content.data(), program.content.size());
      slices_.push_back(std::move(slice));
    }
  }

  Effort run() {
    const auto begin = std::chrono::steady_clock::now();
    compress_common();
    compress_slices();
    effort_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::ranges::move(slices_, std::back_inserter(content_.slices));
    return effort_;
  }

 private:
  static std::uint64_t size_of(const std::vector<Program>& programs) {
    std::uint64_t size = 0;
    for (const Program& program : programs) size += program.content.size();
    return size;
  }

  void compress_common() {
    PackedSlice& common = content_.common;
    if (!common.frame.empty()) {
      common_ = frame_content(common.frame, common.size);
    } else {
      std::vector<std::string_view> contents;
      for (const Program& program : programs_) {
        if (!is_bound(program, programs_)) contents.emplace_back(program.content);
      }
      common_ = common_content(contents);
      if (common_.empty()) return;
      common.size = common_.size();
      common.sha256 = sha256(common_).view();
      common.frame = compress(common_, {}, level_, [](std::size_t) {});
    }
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      slices_[i].uses_common = !is_bound(programs_[i], programs_);
    }
  }

  void compress_slices() {
    // Some 100 MiB for each thread at the highest levels.
    constexpr std::size_t kMostThreads = 16;
    const std::size_t processors = std::max(std::thread::hardware_concurrency(), 1U);
    effort_.threads = std::min({processors, programs_.size(), kMostThreads});
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> errors(effort_.threads);
    {
      std::vector<std::jthread> threads;
      for (std::size_t thread = 0; thread < effort_.threads; ++thread) {
        threads.emplace_back([this, &next, &error = errors[thread]] {
          try {
            for (std::size_t i = next++; i < programs_.size(); i = next++) compress_slice(i);
          } catch (...) {
            error = std::current_exception();
          }
        });
      }
    }
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  }

  void compress_slice(std::size_t number) {
    const Program& program = programs_[number];
    progress_.set_task(text_of(program.platform));
    std::string_view prefix;
    if (slices_[number].uses_common) prefix = common_;
    if (program.prefix) {
      prefix = std::ranges::find(programs_, *program.prefix, &Program::platform)->content;
    }
    std::string frame = compress(program.content, prefix, level_,
                                 [this](std::size_t bytes) { progress_.advance(bytes); });
    if (frame.size() > kMaxSliceSize) throw PackError(Problem::kTooLarge, {program.name});
    slices_[number].frame = std::move(frame);
  }

  int level_;
  BundleContent& content_;
  std::vector<Program> programs_;  // machine code as it is compressed
  Progress progress_;
  Effort effort_;
  std::vector<PackedSlice> slices_;
  std::string common_;
};

void write_tar(const BundleContent& content, const OutputFile& file, const std::string& output,
               std::int64_t mtime) {
  TarWriter tar(file.fd(), output, mtime);
  const std::string index = index_text(content);
  tar.add({.name = std::string(kIndexName), .content = index});
  if (!content.common.frame.empty()) {
    tar.add({.name = std::string(kCommonMember), .content = content.common.frame});
  }
  for (const PackedSlice& slice : content.slices) {
    tar.add({.name = slice_member(slice.platform, content.program), .content = slice.frame});
  }
  for (const SharedFile& share : content.shares) {
    tar.add({.name = share_member(share.name), .content = share.content});
  }
  tar.close();
}

}  // namespace

void check_identity(const std::string& program, const std::string& version) {
  if (!is_program_name(program)) throw PackError(Problem::kBadProgramName, {program});
  if (!index_takes_version(version)) throw PackError(Problem::kBadVersion, {version});
}

bool is_bound(const Program& program, const std::vector<Program>& programs) {
  return program.prefix || std::ranges::any_of(programs, [&program](const Program& other) {
           return other.prefix == program.platform;
         });
}

Effort compress_programs(std::vector<Program> programs, int level, bool show_progress,
                         BundleContent& content) {
  std::ranges::sort(programs, {}, [](const Program& a) { return text_of(a.platform); });
  return Compressor(std::move(programs), level, show_progress, content).run();
}

void write_bundle(BundleContent& content, const std::string& output, std::int64_t mtime) {
  sort_slices(content.slices);
  OutputFile file(output, 0644);
  write_tar(content, file, output, mtime);
  publish_verified(file, output);
}

}  // namespace pixelzx::pack
