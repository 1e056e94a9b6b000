#include "tools/bench/reference/blas.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <memory>

#include "sim/core/errors.hpp"
#include "sim/engine/models.hpp"

namespace locus::bench {
namespace {

constexpr int row_major = 101, as_it_is = 111, transpose = 112;

template <class F>
void load(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  if (function == nullptr) throw run_error(std::string("libopenblas.so.0 has no function ") + name);
}

int whole(std::size_t n) { return static_cast<int>(n); }

template <class Functions, class P>
void call_gemm(const Functions& f, const blas::product<P>& m) {
  const bool first = m.which == blas::transposed::first;
  const bool second = m.which == blas::transposed::second;
  f.gemm(row_major, first ? transpose : as_it_is, second ? transpose : as_it_is, whole(m.rows), whole(m.columns),
         whole(m.inner), m.alpha, m.a, whole(first ? m.rows : m.inner), m.b, whole(second ? m.inner : m.columns),
         m.beta, m.c, whole(m.columns));
}

}  // namespace

const blas* blas::find() {
  static const std::unique_ptr<const blas> loaded = [] {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);  // read when the library is loaded: it then starts no threads
    // On a virtual processor that it does not know it takes kernels of the year 2004. Unless somebody has said which,
    // it gets those of the instruction set that it is compared with.
    switch (chosen_target()) {
      case simd_target::avx2: setenv("OPENBLAS_CORETYPE", "Haswell", 0); break;
      case simd_target::avx512: setenv("OPENBLAS_CORETYPE", "SkylakeX", 0); break;
      default: break;
    }
    void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    return std::unique_ptr<const blas>(library != nullptr ? new blas(library) : nullptr);
  }();
  return loaded.get();
}

blas::blas(void* library) {
  load(library, "cblas_sgemv", single_.gemv);
  load(library, "cblas_dgemv", double_.gemv);
  load(library, "cblas_sger", single_.ger);
  load(library, "cblas_dger", double_.ger);
  load(library, "cblas_sgemm", single_.gemm);
  load(library, "cblas_dgemm", double_.gemm);
  load(library, "openblas_get_config", config_);
  void (*set_threads)(int) = nullptr;
  load(library, "openblas_set_num_threads", set_threads);
  set_threads(1);
}

std::string blas::describe() const { return config_(); }

void blas::matrix_vector(std::size_t rows, std::size_t columns, const float* a, const float* x, float* y) const {
  single_.gemv(row_major, as_it_is, whole(rows), whole(columns), 1, a, whole(columns), x, 1, 0, y, 1);
}
void blas::matrix_vector(std::size_t rows, std::size_t columns, const double* a, const double* x, double* y) const {
  double_.gemv(row_major, as_it_is, whole(rows), whole(columns), 1, a, whole(columns), x, 1, 0, y, 1);
}

void blas::rank_one(std::size_t rows, std::size_t columns, float scale, const float* x, const float* y,
                    float* a) const {
  single_.ger(row_major, whole(rows), whole(columns), scale, x, 1, y, 1, a, whole(columns));
}
void blas::rank_one(std::size_t rows, std::size_t columns, double scale, const double* x, const double* y,
                    double* a) const {
  double_.ger(row_major, whole(rows), whole(columns), scale, x, 1, y, 1, a, whole(columns));
}

void blas::multiply(const product<float>& m) const { call_gemm(single_, m); }
void blas::multiply(const product<double>& m) const { call_gemm(double_, m); }

}  // namespace locus::bench
