// SPDX-License-Identifier: Apache-2.0
//
// The commands that have a file of their own, cli_<command>.cc, and what they share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "diagnosis.h"

namespace pixelzx::pack {

/// Each adds its command to `app`, which runs it when it was given.
/// `status`: where it leaves its exit status.
void add_fleet_command(CLI::App& app, Language language, int& status);
void add_image_command(CLI::App& app, Language language);
void add_import_command(CLI::App& app, Language language);
void add_run_command(CLI::App& app, Language language);
void add_tarball_command(CLI::App& app, Language language);
void add_verify_command(CLI::App& app, Language language);
/// keygen and sign.
void add_sign_commands(CLI::App& app);

/// Says what was made, on standard error; `text` is whole lines.
void print_summary(std::string text);

/// SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch), or 0. Throws
/// kBadDate.
std::int64_t source_date();

/// The pairs in words `left=right`. Throws kNotAPair, which tells their `form` and an `example`.
std::vector<std::pair<std::string, std::string>> split_pairs(const std::vector<std::string>& words,
                                                             const std::string& form,
                                                             const std::string& example);

}  // namespace pixelzx::pack
