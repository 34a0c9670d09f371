// SPDX-License-Identifier: Apache-2.0
//
// launch/new-model: what it writes and what it refuses.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kList = "# models\nfunction(bring_up name)\nendfunction()\nbring_up(a/b n150)\n";

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> headings(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) {
      lines.push_back(line);
    }
  }
  return lines;
}

class NewModel : public testing::Test {
 protected:
  void SetUp() override { tree_.write("models/CMakeLists.txt", kList); }

  CommandResult make(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), TTX_SOURCE_DIR "/launch/new-model");
    arguments.insert(arguments.end(), {"--tree", tree_.path().string()});
    return run({.arguments = std::move(arguments), .environment = {}, .folder = {}});
  }
  void refuses(const std::vector<std::string>& arguments, int code, const std::string& sentence) {
    const CommandResult result = make(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, AllOf(StartsWith("new-model: error: "), HasSubstr(sentence)));
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(text_of(tree_ / "models/CMakeLists.txt"), list_);
  }
  fs::path model(const std::string& file) const { return tree_ / ("models/acme/Fable-7B_v0.3/" + file); }

  TempDir tree_;
  std::string list_ = kList;
};

TEST_F(NewModel, WritesAModelOfOneSystem) {
  const CommandResult result = make({"acme/Fable-7B_v0.3", "n300", "--model_type", "fable"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, AllOf(HasSubstr("models/acme/Fable-7B_v0.3/n300/functional/MODEL_BRINGUP.md\n"),
                                HasSubstr("Registered bring_up(acme/Fable-7B_v0.3 n300)")));
  EXPECT_EQ(text_of(tree_ / "models/CMakeLists.txt"), kList + "bring_up(acme/Fable-7B_v0.3 n300)\n");
  EXPECT_THAT(text_of(model("model.hpp")), AllOf(HasSubstr("namespace ttx::acme_fable_7b_v0_3 {"),
                                                 HasSubstr("class Fable7BV03ForCausalLM final")));
  EXPECT_THAT(text_of(model("model.cpp")),
              AllOf(HasSubstr("#include \"models/acme/Fable-7B_v0.3/model.hpp\""),
                    HasSubstr(".model_type(\"fable\")")));
  EXPECT_THAT(
      text_of(model("n300/functional/model.cpp")),
      AllOf(HasSubstr(".mesh_shape = {1, 2}"), HasSubstr("ttx::acme_fable_7b_v0_3::Fable7BV03ForCausalLM>")));
  for (const char* const file :
       {"model.hpp", "model.cpp", "n300/functional/model.cpp", "n300/functional/MODEL_BRINGUP.md"}) {
    EXPECT_THAT(text_of(model(file)), Not(HasSubstr("@"))) << file;
  }
}

TEST_F(NewModel, NotesHaveTheHeadingsOfTheOthers) {
  ASSERT_EQ(make({"acme/Fable-7B_v0.3", "t3000"}).exit_code, 0);
  const fs::path notes = model("t3000/functional/MODEL_BRINGUP.md");
  EXPECT_EQ(headings(notes),
            headings(TTX_SOURCE_DIR "/models/Qwen/Qwen3-0.6B/t3000/functional/MODEL_BRINGUP.md"));
  EXPECT_GE(headings(notes).size(), 12U);
  EXPECT_THAT(
      text_of(notes),
      AllOf(HasSubstr("the mesh (2, 4)"), HasSubstr("tp = 8."),
            HasSubstr("    ttx-launch ttx-eval models/acme/Fable-7B_v0.3/t3000/functional/model.cpp")));
}

TEST_F(NewModel, ASecondSystemKeepsTheModel) {
  ASSERT_EQ(make({"acme/Fable-7B_v0.3", "n150"}).exit_code, 0);
  tree_.write("models/acme/Fable-7B_v0.3/model.hpp",
              "namespace ttx::fable {\n\nclass TaleForCausalLM final : public llama::LlamaForCausalLM {\n");
  const std::string before = text_of(model("model.hpp"));
  ASSERT_EQ(make({"acme/Fable-7B_v0.3", "p300", "--mesh", "4x8"}).exit_code, 0);
  EXPECT_EQ(text_of(model("model.hpp")), before);
  EXPECT_THAT(text_of(model("p300/functional/model.cpp")),
              AllOf(HasSubstr("{4, 8}"), HasSubstr("ttx::fable::TaleForCausalLM>")));
  EXPECT_EQ(text_of(tree_ / "models/CMakeLists.txt"),
            kList + "bring_up(acme/Fable-7B_v0.3 n150)\nbring_up(acme/Fable-7B_v0.3 p300)\n");
}

TEST_F(NewModel, RefusesWhatItCannotName) {
  refuses({}, 2, "got 0 names, expected two");
  refuses({"acme/Fable"}, 2, "got 1 names, expected two");
  refuses({"Fable", "n150"}, 2, "expected a Hugging Face id of two parts");
  refuses({"acme/fa/ble", "n150"}, 2, "expected a Hugging Face id of two parts");
  refuses({"../x", "n150"}, 2, "expected a Hugging Face id of two parts");
  refuses({"acme/Fable", "n 150"}, 2, "got system \"n 150\"");
  refuses({"acme/Fable", "../n150"}, 2, "got system \"../n150\"");
  refuses({"acme/Fable", "p150"}, 2, "p150: what mesh is it?");
  refuses({"acme/Fable", "n150", "--mesh", "2"}, 2, "--mesh: got \"2\", expected RxC");
  refuses({"acme/Fable", "n150", "--mesh", "9x9"}, 2, "81 devices, expected at most 64");
  refuses({"acme/Fable", "n150", "--model_type", "a|b"}, 2, "--model_type: got \"a|b\"");
  refuses({"acme/Fable", "n150", "--force"}, 2, "unknown flag --force");
  EXPECT_FALSE(fs::exists(tree_ / "models/acme"));
}

TEST_F(NewModel, RefusesToOverwrite) {
  ASSERT_EQ(make({"acme/Fable", "n150"}).exit_code, 0);
  list_ += "bring_up(acme/Fable n150)\n";
  refuses({"acme/Fable", "n150"}, 1, "/n150/functional is there already");
  fs::remove(tree_ / "models/acme/Fable/model.cpp");
  refuses({"acme/Fable", "n300"}, 1, "expected both or neither");
  tree_.write("models/acme/Fable/model.cpp", "");
  tree_.write("models/acme/Fable/model.hpp", "struct Fable {};\n");
  refuses({"acme/Fable", "n300"}, 1, "declares no class");
}

TEST_F(NewModel, RefusesATreeThatIsNone) {
  list_ = "# other\n";
  tree_.write("models/CMakeLists.txt", list_);
  refuses({"acme/Fable", "n150"}, 1, "has no function bring_up");
}

}  // namespace
}  // namespace ttx::test
