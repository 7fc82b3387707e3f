// SPDX-License-Identifier: Apache-2.0
//
//   ethereum_tests FOLDER|FILE...
//
// Runs official tests of Ethereum (github.com/ethereum/tests) of any kind that suites.h knows, told
// by their content, wherever they are. Prints a line for each folder; by name, what failed and why,
// what is excluded and why, and the files that hold something else. Exit status: 0 all right,
// 1 something failed, 2 nothing to run or unreadable.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "suites.h"

namespace pixelzx::node {
namespace {

namespace fs = std::filesystem;

/// Tests of a kind have these members.
struct Suite {
  std::vector<std::string_view> members;
  RunTest run;
};

const std::vector<Suite>& suites() {
  static const std::vector<Suite> kSuites{{{"in", "out"}, run_rlp},
                                          {{"in", "root"}, run_trie},
                                          {{"txbytes", "result"}, run_transaction},
                                          {{"json", "password", "priv"}, run_keystore},
                                          {{"env", "pre", "transaction", "post"}, run_state}};
  return kSuites;
}

const Suite* suite_of(const Json& test) {
  const auto suite = std::ranges::find_if(suites(), [&test](const Suite& candidate) {
    return std::ranges::all_of(candidate.members, [&test](std::string_view member) {
      return test.contains(std::string(member));
    });
  });
  return suite == suites().end() ? nullptr : &*suite;
}

std::vector<TestOutcome> run_test(const Suite& suite, const fs::path& file, const Json& test) {
  try {
    return suite.run(file, test);
  } catch (const std::exception& error) {
    return {{Verdict::kFailed, "", error.what()}};
  }
}

/// How many passed, failed and are excluded: by Verdict.
using Counts = std::array<std::size_t, 3>;

struct Report {
  std::map<std::string, Counts> folders;
  std::vector<std::string> lines;
};

void run_file(const fs::path& file, Report& report) {
  Json tests;
  try {
    tests = Json::parse(std::ifstream(file));
  } catch (const Json::parse_error& error) {
    throw std::runtime_error(file.string() + ": " + error.what());
  }
  for (const auto& [name, test] : tests.items()) {
    const Suite* suite = suite_of(test);
    if (suite == nullptr) {
      report.lines.push_back("no test for the node: " + file.string());
      return;
    }
    for (const TestOutcome& outcome : run_test(*suite, file, test)) {
      Counts& counts = report.folders[file.parent_path().filename().string()];
      ++counts.at(static_cast<std::size_t>(outcome.verdict));
      if (outcome.verdict == Verdict::kPassed) continue;
      std::string line = outcome.verdict == Verdict::kFailed ? "FAILED " : "excluded ";
      line.append(file.string()).append(" ").append(name);
      if (!outcome.which.empty()) line.append(" ").append(outcome.which);
      report.lines.push_back(line.append(": ").append(outcome.why));
    }
  }
}

void print_row(const std::string& name, const Counts& counts) {
  std::printf("%-40s %8zu %8zu %8zu\n", name.c_str(), counts[0], counts[1], counts[2]);
}

int run(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      files.emplace_back(argument);
      continue;
    }
    for (const auto& item : fs::recursive_directory_iterator(argument)) {
      if (item.path().extension() == ".json") files.push_back(item.path());
    }
  }
  std::ranges::sort(files);
  Report report;
  for (const auto& file : files) run_file(file, report);

  Counts all{};
  std::printf("%-40s %8s %8s %8s\n", "folder", "passed", "failed", "excluded");
  for (const auto& [name, counts] : report.folders) {
    print_row(name, counts);
    for (std::size_t i = 0; i < all.size(); ++i) all.at(i) += counts.at(i);
  }
  print_row("all", all);
  for (const std::string& line : report.lines) std::puts(line.c_str());
  const auto [passed, failed, excluded] = all;
  if (failed != 0) return 1;
  if (passed == 0) {
    std::cerr << "ethereum_tests: nothing to run in what was given\n";
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace pixelzx::node

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: ethereum_tests FOLDER|FILE...\n";
    return 2;
  }
  try {
    return pixelzx::node::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "ethereum_tests: " << error.what() << "\n";
    return 2;
  }
}
