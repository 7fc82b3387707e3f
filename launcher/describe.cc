// SPDX-License-Identifier: Apache-2.0
//
// What a diagnosis says of the machine and the bundle.
#include "plan.h"

namespace pixelzx {

Platform plain_platform(const Host& host) {
  const bool variants_matter = host.platform.arch.view() == "arm";
  return variants_matter ? host.platform : linux_platform(host.platform.arch.view());
}

FixedString<511> offer_text(const Index& index) {
  FixedString<511> text;
  for (const Platform& platform : index.platforms()) {
    if (!text.empty()) text.append(", ");
    text.append(to_text(platform).view());
  }
  return text;
}

Diagnosis with_machine(Diagnosis diagnosis, const Host& host, const Bundle& bundle,
                       Language language) {
  return diagnosis.with(Evidence::kMachine, describe(host, language).view())
      .with(Evidence::kPlatform, to_text(plain_platform(host)).view())
      .with(Evidence::kBundle, bundle.path.view())
      .with(Evidence::kOffer, offer_text(bundle.index).view());
}

/// `linux/ppc64le, kernel 6.6, 64 KiB pages`
EvidenceText describe(const Host& host, Language language) {
  EvidenceText text(to_text(host.platform).view());
  const auto append = [&text, language](Text phrase, std::string_view value) {
    text.append(", ");
    append_filled(text, phrase.in(language), value);
  };
  append(messages::kKernel, host.kernel_release.view());
  append(messages::kPages, FixedString<20>().append_number(host.page_size >> 10).view());
  if (host.emulated) append(messages::kEmulating, to_text(host.launcher).view());
  return text;
}

}  // namespace pixelzx
