// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "node/build_info.h"
#include "node/cli.h"
#include "node/config/settings.h"
#include "node/messages.h"

namespace pixelzx::node {

/// What the command line has said.
struct CommandLine {
  Settings settings;
  Language language = Language::kEnglish;
  const BuildInfo& info;

  std::string file;                 ///< account import, export, import
  std::string first;                ///< export; empty: not given
  std::string last;                 ///< export; empty: not given
  std::string genesis;              ///< init; empty: not given
  std::vector<std::string> allocs;  ///< init
  bool is_dev = false;              ///< start
  bool as_json = false;             ///< admin status
};

// Each carries out the command of its name, in a file of its name.
CliResult run_init(const CommandLine& line);
CliResult run_start(const CommandLine& line);
CliResult run_account_new(const CommandLine& line);
CliResult run_account_list(const CommandLine& line);
CliResult run_account_import(const CommandLine& line);
CliResult run_config_show(const CommandLine& line);
CliResult run_config_validate(const CommandLine& line);
CliResult run_export(const CommandLine& line);
CliResult run_import(const CommandLine& line);
CliResult run_health(const CommandLine& line);
CliResult run_admin_status(const CommandLine& line);
CliResult run_doctor_exporter(const CommandLine& line);

/// `pixelzx: ` and the failure's text.
CliResult failed(const Failure& failure, Language language, int status = kStatusFailed);

}  // namespace pixelzx::node
