#ifndef CTOML_H
#define CTOML_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What stands at a path of a TOML document.
enum ctoml_kind { CTOML_TABLE, CTOML_ARRAY, CTOML_STRING, CTOML_NUMBER, CTOML_BOOL, CTOML_OTHER };

/// Takes one value; the parts of `path` are separated by U+001F, elements of arrays are named by their index.
typedef void (*ctoml_visitor)(void *context, const char *path, int32_t kind, const char *value, uint32_t line);

/// Reads a TOML document and calls `visit` for each value, tables before what they hold.
///
/// Returns 0, or the line of the fault (at least 1) with a message in `error`.
uint32_t ctoml_parse(
  const char *text, size_t size, ctoml_visitor visit, void *context, char *error, size_t error_size);

#ifdef __cplusplus
}
#endif
#endif
