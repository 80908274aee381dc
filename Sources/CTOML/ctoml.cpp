// The only C++ of kdoctor: no exception leaves this file.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include "ctoml.h"

#include <cstdio>
#include <string>
#include <toml++/toml.h>

namespace {

struct Walk {
  ctoml_visitor visit;
  void *context;

  void walk(const std::string &path, const toml::node &node) const {
    const auto line = static_cast<uint32_t>(node.source().begin.line);
    if (const auto *table = node.as_table()) {
      if (!path.empty()) visit(context, path.c_str(), CTOML_TABLE, "", line);
      for (const auto &[key, value] : *table) walk(join(path, std::string(key.str())), value);
    } else if (const auto *array = node.as_array()) {
      visit(context, path.c_str(), CTOML_ARRAY, "", line);
      size_t index = 0;
      for (const auto &value : *array) walk(join(path, std::to_string(index++)), value);
    } else if (const auto *text = node.as_string()) {
      visit(context, path.c_str(), CTOML_STRING, text->get().c_str(), line);
    } else if (const auto *number = node.as_integer()) {
      visit(context, path.c_str(), CTOML_NUMBER, std::to_string(number->get()).c_str(), line);
    } else if (const auto *boolean = node.as_boolean()) {
      visit(context, path.c_str(), CTOML_BOOL, boolean->get() ? "true" : "false", line);
    } else {
      visit(context, path.c_str(), CTOML_OTHER, "", line);
    }
  }

  static std::string join(const std::string &path, const std::string &part) {
    return path.empty() ? part : path + '\x1f' + part;
  }
};

}  // namespace

uint32_t ctoml_parse(
  const char *text, size_t size, ctoml_visitor visit, void *context, char *error, size_t error_size) {
  const auto result = toml::parse(std::string_view(text, size));
  if (!result) {
    const std::string message(result.error().description());
    std::snprintf(error, error_size, "%s", message.c_str());
    const auto line = static_cast<uint32_t>(result.error().source().begin.line);
    return line == 0 ? 1 : line;
  }
  Walk{visit, context}.walk("", result.table());
  return 0;
}
