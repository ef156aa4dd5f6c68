#!/usr/bin/env bash
# Builds the kernels: `build.sh SOURCE_FOLDER OUTPUT`.
#
# Without a C++ compiler it leaves an empty file, and networks use TensorFlow's own
# operations. $CXX names the compiler; without it the first that is found.
set -euo pipefail
sources=$1
output=$2
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

compiler=""
for name in ${CXX:-} c++ g++ clang++; do
  if command -v "$name" >/dev/null; then
    compiler=$name
    break
  fi
done
if [[ -z $compiler ]]; then
  echo "kernels: no C++ compiler; networks will use TensorFlow's own operations." >&2
  : >"$output"
  exit 0
fi

flags=(-std=c++17 -O3 -fPIC -fvisibility=hidden -Wall -Wno-uninitialized
  -Wno-maybe-uninitialized ${CXXFLAGS:-})

# Compiles kernels.cc for one instruction set, with these flags.
compile() {
  local name=$1
  shift
  "$compiler" "${flags[@]}" -DKERNELS_NAMESPACE="$name" -DKERNELS_TABLE="${name}_kernels" \
    "$@" -c "$sources/kernels.cc" -o "$objects/$name.o"
}

sets=(base)
compile base &
jobs=($!)
case $("$compiler" -dumpmachine) in
  x86_64*)
    sets+=(avx2 avx512)
    compile avx2 -mavx2 -mfma &
    jobs+=($!)
    compile avx512 -mavx512f -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512 &
    jobs+=($!)
    ;;
esac
for source in dispatch operations; do
  "$compiler" "${flags[@]}" -c "$sources/$source.cc" -o "$objects/$source.o"
done
for job in "${jobs[@]}"; do
  wait "$job"
done

case $("$compiler" -dumpmachine) in
  *darwin* | *apple*) link=(-undefined dynamic_lookup) ;;
  *)
    # Named as needed, TensorFlow's library is found in the process whatever loaded it.
    echo "" | "$compiler" -shared -x c - -Wl,-soname,libtensorflow_framework.so.2 \
      -o "$objects/libtensorflow_framework.so.2"
    link=(-Wl,--no-as-needed "$objects/libtensorflow_framework.so.2" -Wl,-s)
    ;;
esac
# In this order: of functions that several objects hold (of the standard library) the
# linker takes the first, which every CPU runs.
"$compiler" -shared -o "$output" "$objects"/{dispatch,operations}.o \
  $(printf "$objects/%s.o " "${sets[@]}") "${link[@]}"
