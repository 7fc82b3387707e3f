// SPDX-License-Identifier: Apache-2.0
//
// The kinds of official tests of Ethereum (github.com/ethereum/tests) that the node has to pass.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pixelzx::node {

using Json = nlohmann::json;

enum class Verdict { kPassed, kFailed, kExcluded };

/// Of a test, or of one of the cases in it.
struct TestOutcome {
  Verdict verdict = Verdict::kPassed;
  std::string which;  ///< case; empty: the whole test
  std::string why;    ///< it failed or is excluded
};

/// Why a test has failed; empty when it has passed.
using Failure = std::string;

/// Of its test's file and content. Throws std::exception when a test is not of the official form.
using RunTest = std::vector<TestOutcome> (*)(const std::filesystem::path& file, const Json& test);

std::vector<TestOutcome> run_rlp(const std::filesystem::path& file, const Json& test);
std::vector<TestOutcome> run_trie(const std::filesystem::path& file, const Json& test);
std::vector<TestOutcome> run_transaction(const std::filesystem::path& file, const Json& test);
std::vector<TestOutcome> run_keystore(const std::filesystem::path& file, const Json& test);
/// The posts of Cancun: each is one transaction, and what counts is the state's root and the logs'
/// hash after it. None when the test has no such post.
std::vector<TestOutcome> run_state(const std::filesystem::path& file, const Json& test);

}  // namespace pixelzx::node
