// SPDX-License-Identifier: Apache-2.0
#include "pack/create.h"

#include <algorithm>

#include "pack/file_io.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/progress.h"
#include "pack/tar_writer.h"
#include "pack/text_table.h"
#include "pack/verify.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

std::string argument_of(const std::string& label, const std::string& path) {
  return label + "=" + path;
}

std::string digest_of(std::string_view content) {
  return std::string(sha256(content).view());
}

/// A program to pack.
struct Program {
  Platform platform;
  std::string argument;  // as it was written
  std::string path;
  std::string content;
  std::optional<Platform> prefix;
};

std::vector<Program>::iterator find_program(std::vector<Program>& programs,
                                            const Platform& platform) {
  return std::find_if(programs.begin(), programs.end(),
                      [&platform](const Program& program) { return program.platform == platform; });
}

std::vector<Program> read_programs(const CreateOptions& options) {
  if (options.programs.size() > kMaxSlices) {
    throw PackError(Problem::kTooManySlices,
                    {std::to_string(options.programs.size()), std::to_string(kMaxSlices)});
  }
  std::vector<Program> programs;
  for (const auto& [label, path] : options.programs) {
    Program program{.platform = parse_slice_platform(label),
                    .argument = argument_of(label, path),
                    .path = path,
                    .content = read_file(path),
                    .prefix = {}};
    if (const auto other = find_program(programs, program.platform); other != programs.end()) {
      throw PackError(Problem::kPlatformTwice,
                      {text_of(program.platform), other->argument, program.argument});
    }
    check_program(program.content, path, program.platform, options.allow_dynamic);
    programs.push_back(std::move(program));
  }
  return programs;
}

void set_prefixes(const CreateOptions& options, std::vector<Program>& programs) {
  for (const auto& [label, base] : options.prefixes) {
    const Platform platform = parse_slice_platform(label);
    const auto program = find_program(programs, platform);
    if (program == programs.end()) throw PackError(Problem::kPrefixAbsent, {text_of(platform)});
    if (program->prefix) throw PackError(Problem::kPrefixTwice, {text_of(platform)});
    program->prefix = parse_slice_platform(base);
  }
  for (const Program& program : programs) {
    if (!program.prefix) continue;
    const auto base = find_program(programs, *program.prefix);
    if (base == programs.end()) throw PackError(Problem::kPrefixAbsent, {text_of(*program.prefix)});
    if (base->prefix) {
      throw PackError(Problem::kPrefixNotAlone,
                      {text_of(program.platform), text_of(base->platform)});
    }
  }
}

/// Those that stand alone come first, as the index parser wants it of a prefix.
void sort_programs(std::vector<Program>& programs) {
  std::sort(programs.begin(), programs.end(), [](const Program& a, const Program& b) {
    return std::pair(a.prefix.has_value(), to_text(a.platform).view()) <
           std::pair(b.prefix.has_value(), to_text(b.platform).view());
  });
}

std::vector<SharedFile> read_shares(const CreateOptions& options) {
  if (options.shares.size() > kMaxShares) {
    throw PackError(Problem::kTooManyShares,
                    {std::to_string(options.shares.size()), std::to_string(kMaxShares)});
  }
  std::vector<std::string> paths = options.shares;
  std::sort(paths.begin(), paths.end(),
            [](const auto& a, const auto& b) { return base_name(a) < base_name(b); });
  std::vector<SharedFile> shares;
  for (const std::string& path : paths) {
    const std::string name(base_name(path));
    if (!shares.empty() && shares.back().name == name) {
      throw PackError(Problem::kShareTwice, {name, paths[shares.size() - 1], path});
    }
    std::string content = read_file(path, true);
    if (!index_takes_share(name)) throw PackError(Problem::kBadShareName, {path});
    shares.push_back({name, digest_of(content), std::move(content)});
  }
  return shares;
}

std::vector<PackedSlice> compress_programs(std::vector<Program>& programs,
                                           const CreateOptions& options) {
  std::uint64_t total = 0;
  for (const Program& program : programs) total += program.content.size();
  Progress progress(total, options.show_progress);
  std::vector<PackedSlice> slices;
  for (const Program& program : programs) {
    progress.set_task(text_of(program.platform));
    const std::string_view prefix =
        program.prefix ? find_program(programs, *program.prefix)->content : std::string_view();
    std::string frame = compress(program.content, prefix, options.level,
                                 [&progress](std::size_t bytes) { progress.advance(bytes); });
    if (frame.size() > kMaxSliceSize) throw PackError(Problem::kTooLarge, {program.path});
    slices.push_back({program.platform, program.prefix, program.content.size(),
                      digest_of(program.content), std::move(frame)});
  }
  return slices;
}

void write_bundle(const BundleContent& content, const CreateOptions& options, int fd) {
  TarWriter tar(fd, options.output, options.mtime);
  tar.add(std::string(kIndexName), index_text(content));
  for (const PackedSlice& slice : content.slices) {
    tar.add(slice_member(slice.platform, content.program), slice.frame);
  }
  for (const SharedFile& share : content.shares) tar.add(share_member(share.name), share.content);
  tar.close();
}

}  // namespace

void create_bundle(const CreateOptions& options) {
  if (!is_program_name(options.program)) {
    throw PackError(Problem::kBadProgramName, {options.program});
  }
  if (!index_takes_version(options.version)) {
    throw PackError(Problem::kBadVersion, {options.version});
  }
  std::vector<Program> programs = read_programs(options);
  set_prefixes(options, programs);
  sort_programs(programs);
  BundleContent content{.program = options.program,
                        .version = options.version,
                        .doctor = options.doctor,
                        .own_name = options.own_name,
                        .slices = {},
                        .shares = read_shares(options)};
  content.slices = compress_programs(programs, options);

  OutputFile file(options.output, 0644);
  write_bundle(content, options, file.fd());
  try {
    verify_bundle(file.temporary_path(), [](std::string_view) {});
  } catch (const PackError& error) {
    throw PackError(Problem::kSelfCheck, {options.output, error.what()});
  }
  file.publish();
}

}  // namespace pixelzx::pack
