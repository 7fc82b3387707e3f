// SPDX-License-Identifier: Apache-2.0
#include "pack/create.h"

#include <algorithm>

#include "pack/bundle_file.h"
#include "pack/bundle_writer.h"
#include "pack/extract.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/text_table.h"
#include "sha256.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

std::vector<Program>::iterator find_program(std::vector<Program>& programs,
                                            const Platform& platform) {
  return std::find_if(programs.begin(), programs.end(),
                      [&platform](const Program& program) { return program.platform == platform; });
}

std::string argument_of(const std::string& label, const std::string& path) {
  return label + "=" + path;
}

std::vector<Program> read_programs(const CreateOptions& options) {
  if (options.programs.size() > kMaxSlices) {
    throw PackError(Problem::kTooManySlices,
                    {std::to_string(options.programs.size()), std::to_string(kMaxSlices)});
  }
  std::vector<Program> programs;
  for (const auto& [label, path] : options.programs) {
    const Platform platform = parse_slice_platform(label);
    Program program{.platform = platform, .name = path, .content = read_file(path), .prefix = {}};
    if (const auto other = find_program(programs, platform); other != programs.end()) {
      // Programs are in the order of the arguments.
      const auto& [other_label, other_path] =
          options.programs[static_cast<std::size_t>(other - programs.begin())];
      throw PackError(
          Problem::kPlatformTwice,
          {text_of(platform), argument_of(other_label, other_path), argument_of(label, path)});
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
    shares.push_back({name, std::string(sha256(content).view()), std::move(content)});
  }
  return shares;
}

/// Moves the programs that `old` has as well to the slices of `content`, as they are packed there;
/// but none with a prefix, or that is one.
void reuse_slices(const BundleFile& old, std::vector<Program>& programs, BundleContent& content) {
  const Bundle& bundle = old.bundle;
  const std::string label(bundle.path.view());
  std::vector<Program> changed;
  for (const Program& program : programs) {
    const Slice* slice = bundle.index.find(program.platform);
    if (slice == nullptr || slice->prefix || is_bound(program, programs) ||
        slice->sha256 != sha256(program.content).view()) {
      changed.push_back(program);
      continue;
    }
    if (const auto problem = verify_slice(bundle, *slice)) throw PackError(label, *problem);
    content.slices.push_back(packed_slice(bundle, *slice, label));
  }
  if (std::ranges::any_of(content.slices, &PackedSlice::uses_common)) {
    content.common = packed_slice(bundle, bundle.index.common, label);
  }
  programs = std::move(changed);
}

}  // namespace

Effort create_bundle(const CreateOptions& options) {
  check_identity(options.program, options.version);
  std::vector<Program> programs = read_programs(options);
  set_prefixes(options, programs);
  BundleContent content{.program = options.program,
                        .version = options.version,
                        .doctor = options.doctor,
                        .own_name = options.own_name,
                        .common = {},
                        .slices = {},
                        .shares = read_shares(options)};
  if (!options.reuse.empty()) reuse_slices(open_whole_bundle(options.reuse), programs, content);
  const Effort effort =
      compress_programs(std::move(programs), options.level, options.show_progress, content);
  write_bundle(content, options.output, options.mtime);
  return effort;
}

}  // namespace pixelzx::pack
