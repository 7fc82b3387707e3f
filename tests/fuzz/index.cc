// SPDX-License-Identifier: Apache-2.0
//
// The index of a bundle, behind its digest: the input is the text without the `end` line.
#include "index.h"

#include "fuzz.h"
#include "pack/layout.h"
#include "sha256.h"

namespace pixelzx::fuzz {
namespace {

struct Extent {
  std::uint64_t begin;
  std::uint64_t size;
};

/// What docs/ARCHITECTURE.md promises of an index that was taken.
void check_promises(const Index& index) {
  require(is_program_name(index.program) && is_showable(index.version));
  require(!index.slices().empty() && index.slices().size() <= kMaxSlices);
  require(index.shares().size() <= kMaxShares);
  std::vector<Extent> extents = {{index.common.offset, index.common.packed}};
  for (const Slice& slice : index.slices()) {
    require(index.find(slice.platform) == &slice);
    require(parse_platform(to_text(slice.platform).view()) == slice.platform);
    require(slice.size > 0 && slice.size <= kMaxSliceSize && slice.packed <= kMaxSliceSize);
    require(slice.code.offset <= slice.size && slice.code.size <= slice.size - slice.code.offset);
    require(is_sha256_text(slice.sha256));
    if (slice.uses_common) require(index.common.packed != 0 && index.common.size <= kMaxCommonSize);
    if (slice.prefix) {
      const Slice* base = index.find(*slice.prefix);
      require(base != nullptr && base < &slice && !base->prefix && !base->uses_common);
    }
    extents.push_back({slice.offset, slice.packed});
  }
  for (const Share& share : index.shares()) {
    require(!share.name.starts_with('/') && !share.name.starts_with("../") &&
            share.name.find("/../") == std::string_view::npos && !share.name.ends_with("/.."));
    extents.push_back({share.offset, share.size});
  }
  for (std::size_t i = 0; i < extents.size(); ++i) {
    require(extents[i].begin % 512 == 0 && extents[i].begin + extents[i].size <= index.end);
    for (std::size_t j = 0; j < i; ++j) {
      require(extents[i].begin + extents[i].size <= extents[j].begin ||
              extents[j].begin + extents[j].size <= extents[i].begin);
    }
  }
}

/// What pixelzx-pack writes of it for an installed bundle says the same.
void check_installed(const Index& index) {
  std::vector<const Slice*> kept;
  for (const Slice& slice : index.slices()) kept.push_back(&slice);
  const std::string text = pack::installed_index_text(index, kept);
  const Result<Index> again = parse_index(text);
  require(static_cast<bool>(again));
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  std::string text(fuzz::text_of(data, size));
  (void)parse_index(text);
  text += index_end_line(text).view();
  Result<Index> index = parse_index(text);
  if (!index) {
    const auto message = format_diagnosis(index.diagnosis(), "pixelzx", Language::kEnglish, true);
    fuzz::require(fuzz::is_showable(message.view()));
    return 0;
  }
  fuzz::check_promises(*index);
  fuzz::require(fuzz::is_showable(offer_text(*index).view()));
  (void)fuzz::survives([&] { fuzz::check_installed(*index); });
  return 0;
}
