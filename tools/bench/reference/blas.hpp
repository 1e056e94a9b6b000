#pragma once
/// OpenBLAS on one thread, loaded when it is asked for: no other command starts its threads or needs it.

#include <cstddef>
#include <string>

namespace locus::bench {

/// What a table says where it is missing.
inline constexpr const char* no_blas = "not compared with OpenBLAS, which is not installed: Debian's libopenblas0";

/// Matrices are row-major. Thread-safe once found.
class blas {
 public:
  /// Null where libopenblas.so.0 cannot be loaded.
  [[nodiscard]] static const blas* find();

  /// "OpenBLAS 0.3.21 ... SkylakeX": version, options and the kernels that it chose.
  [[nodiscard]] std::string describe() const;

  /// y = a x, a being [rows][columns].
  void matrix_vector(std::size_t rows, std::size_t columns, const float* a, const float* x, float* y) const;
  void matrix_vector(std::size_t rows, std::size_t columns, const double* a, const double* x, double* y) const;

  /// a += scale x y^T, a being [rows][columns].
  void rank_one(std::size_t rows, std::size_t columns, float scale, const float* x, const float* y, float* a) const;
  void rank_one(std::size_t rows, std::size_t columns, double scale, const double* x, const double* y, double* a) const;

  enum class transposed { none, first, second };

  /// c = alpha op(a) op(b) + beta c, c being [rows][columns]; `inner`: length of the sums.
  template <class P>
  struct product {
    transposed which = transposed::none;
    std::size_t rows = 0, columns = 0, inner = 0;
    P alpha = 1;
    const P* a = nullptr;
    const P* b = nullptr;
    P beta = 0;
    P* c = nullptr;
  };
  void multiply(const product<float>& m) const;
  void multiply(const product<double>& m) const;

 private:
  explicit blas(void* library);

  // The C interface of BLAS (BLAS Technical Forum Standard 2001, annex B): order, transpositions are enumerations.
  template <class P>
  using gemv_function = void (*)(int, int, int, int, P, const P*, int, const P*, int, P, P*, int);
  template <class P>
  using ger_function = void (*)(int, int, int, P, const P*, int, const P*, int, P*, int);
  template <class P>
  using gemm_function = void (*)(int, int, int, int, int, int, P, const P*, int, const P*, int, P, P*, int);
  template <class P>
  struct functions {
    gemv_function<P> gemv = nullptr;
    ger_function<P> ger = nullptr;
    gemm_function<P> gemm = nullptr;
  };
  functions<float> single_;
  functions<double> double_;
  char* (*config_)() = nullptr;
};

}  // namespace locus::bench
