// SPDX-License-Identifier: Apache-2.0
//
// launch/new-model: what it writes and what it refuses.
#include <algorithm>
#include <cstdlib>
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

  CommandResult make_anywhere(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TTX_SOURCE_DIR "/launch/new-model");
    return run({.arguments = std::move(arguments),
                .environment = {"PATH=" TTX_BINARY_DIR "/bin:" + std::string(std::getenv("PATH"))},
                .folder = tree_.path().string()});
  }
  CommandResult make(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--tree", tree_.path().string()});
    return make_anywhere(std::move(arguments));
  }
  /// A config.json of Llama's kind with these keys changed.
  std::string config(const std::string& key, const std::string& value) const {
    std::string text = text_of(TTX_SOURCE_DIR "/tests/launch/new_model/SmolLM2-360M.json");
    const std::size_t begin = text.find("\"" + key + "\": ");
    const std::size_t end = text.find_first_of(",\n", begin);
    return tree_.write("config/config.json", text.replace(begin, end - begin, "\"" + key + "\": " + value))
        .string();
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
  for (const char* const file : {"model.hpp", "model.cpp", "GUIDE.md", "n300/functional/model.cpp",
                                 "n300/functional/MODEL_BRINGUP.md"}) {
    EXPECT_THAT(text_of(model(file)), Not(HasSubstr("@"))) << file;
  }
}

TEST_F(NewModel, TheConfigDecidesChecksAndSizes) {
  const CommandResult result = make({"acme/Fable-7B_v0.3", "n300", "--config",
                                     config("rope_scaling", R"({"rope_type": "linear", "factor": 4.0})")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("Not covered")));
  EXPECT_THAT(text_of(model("model.cpp")),
              AllOf(HasSubstr(".model_type(\"llama\")"), HasSubstr(".rope_type({\"linear\"})")));
  const std::string notes = text_of(model("n300/functional/MODEL_BRINGUP.md"));
  EXPECT_THAT(notes, HasSubstr("2 decoder layers, hidden 960, 15 query and 5 KV heads of width 64, "));
  EXPECT_THAT(notes,
              HasSubstr("\n15 / 5 heads: 12 / 4 on each of 2 devices, zero heads appended up to 24 / 8.\n"));
  EXPECT_THAT(notes, HasSubstr("Per device: 12 query heads, 4 KV heads, 1280 intermediate columns, 24576 "));
  EXPECT_THAT(notes, HasSubstr("theta 100000, type linear."));
  EXPECT_THAT(text_of(model("GUIDE.md")), HasSubstr("the text of Llama-3.2-1B covers its config.json"));
}

TEST_F(NewModel, ATypeOfItsOwnTextDerivesFromThat) {
  const CommandResult result =
      make({"acme/Tale", "n150", "--config", TTX_FIXTURES "/gemma3-odd/config.json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(text_of(tree_ / "models/acme/Tale/model.hpp"),
              AllOf(HasSubstr("#include \"models/google/gemma-3-4b-it/model.hpp\""),
                    HasSubstr("class TaleForCausalLM final : public gemma3::Gemma3ForCausalLM {")));
  EXPECT_EQ(text_of(tree_ / "models/CMakeLists.txt"),
            kList + "bring_up(acme/Tale n150 BASE Qwen/Qwen3-0.6B google/gemma-3-4b-it)\n");
  ASSERT_EQ(make({"acme/Tale", "n300"}).exit_code, 0);
  EXPECT_THAT(text_of(tree_ / "models/CMakeLists.txt"),
              HasSubstr("\nbring_up(acme/Tale n300 BASE Qwen/Qwen3-0.6B google/gemma-3-4b-it)\n"));
}

TEST_F(NewModel, SaysWhatTheTextDoesNotCover) {
  const auto said = [&](const std::string& name, const std::string& file) {
    const CommandResult result = make({"acme/" + name, "n150", "--config", file});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out + text_of(tree_ / ("models/acme/" + name + "/GUIDE.md"));
  };
  EXPECT_THAT(said("A", config("attention_bias", "true")),
              AllOf(HasSubstr("Not covered yet: q, k and v have biases: load_attention and qkv"),
                    HasSubstr("Not covered yet: o has a bias"), HasSubstr("\n- o has a bias")));
  EXPECT_THAT(said("B", config("mlp_bias", "true")), HasSubstr("the linears of the MLP have biases"));
  EXPECT_THAT(said("C", config("hidden_act", "\"gelu\"")),
              HasSubstr("the activation is gelu, that of Llama-3.2-1B is silu: mlp"));
  EXPECT_THAT(said("D", config("hidden_size", "1200")), HasSubstr("heads are 80 wide"));
  EXPECT_THAT(said("E", TTX_FIXTURES "/qwen3-odd-a/config.json"), Not(HasSubstr("Not covered")));
}

TEST_F(NewModel, RefusesAConfigThatNothingReads) {
  refuses({"acme/Fable", "n150", "--config", config("model_type", "\"mamba\"")}, 4,
          "got \"mamba\", expected one of qwen3, ");
  refuses({"acme/Fable", "n150", "--config", config("model_type", "\"mamba\"")}, 4,
          "another kind needs a reader in models/hf/config_families.cpp");
  refuses({"acme/Fable", "n150", "--config", (tree_ / "none.json").string()}, 4, "none.json");
  refuses({"acme/Fable", "n150", "--config", "x", "--model_type", "llama"}, 2, "expected one");
  EXPECT_FALSE(fs::exists(tree_ / "models/acme"));
}

TEST_F(NewModel, WritesAProjectOutsideTheTree) {
  const std::string project = (tree_ / "my models").string();
  ASSERT_EQ(make_anywhere({"acme/Fable", "n150", "--output", project, "--model_type", "qwen3"}).exit_code, 0);
  const std::string list = text_of(tree_ / "my models/CMakeLists.txt");
  EXPECT_THAT(list, HasSubstr("find_package(ttx "));
  EXPECT_THAT(list,
              HasSubstr("ttx_add_model(models/acme/Fable/n150/functional/model.cpp\n"
                        "  SHARED_SOURCES models/acme/Fable/model.cpp models/Qwen/Qwen3-0.6B/model.cpp\n"));
  EXPECT_EQ(text_of(tree_ / "my models/models/Qwen/Qwen3-0.6B/model.cpp"),
            text_of(TTX_SOURCE_DIR "/models/Qwen/Qwen3-0.6B/model.cpp"));
  const CommandResult both = make({"acme/Fable", "n300", "--output", project});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("got --output and --tree"));
  tree_.write("other/CMakeLists.txt", "project(other)\n");
  const CommandResult other = make_anywhere({"acme/Fable", "n150", "--output", (tree_ / "other").string()});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("has no find_package(ttx)"));
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
