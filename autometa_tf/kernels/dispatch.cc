// Which instruction set's kernels a process uses.
#include <cstring>

#include "kernels.h"

namespace autometa {
namespace {

// The best first.
const KernelTable* const kTables[] = {
#if defined(__x86_64__)
    &avx512_kernels,
    &avx2_kernels,
#endif
    &base_kernels,
};

bool runs_here(const KernelTable& table) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&table == &avx512_kernels)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
  if (&table == &avx2_kernels)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return true;
}

const KernelTable* chosen = nullptr;

}  // namespace

const KernelTable& kernels() { return *chosen; }

}  // namespace autometa

// Chooses the kernels of this name, or for "" the best that this CPU runs.
//
// Returns their name, or null where this CPU does not run them. To be called before the
// first operation.
extern "C" __attribute__((visibility("default"))) const char* autometa_choose_kernels(const char* name) {
  for (const autometa::KernelTable* table : autometa::kTables) {
    if (*name && std::strcmp(name, table->name)) continue;
    if (!autometa::runs_here(*table)) continue;
    autometa::chosen = table;
    return table->name;
  }
  return nullptr;
}
