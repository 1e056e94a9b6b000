#include "tools/bench/reference/products.hpp"

#include <fmt/format.h>

#include <memory>

#include "sim/core/aligned.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tools/bench/reference/blas.hpp"
#include "tools/bench/reference/roofs.hpp"

namespace locus::bench {
namespace {

template <class P>
aligned_vector<P> random_numbers(std::size_t n) {
  const random_stream random(1, "bench", "baselines");
  aligned_vector<P> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<P>(random.uniform(i) - 0.5);
  return all;
}

template <class P>
struct layer {
  std::size_t sources, targets;
  aligned_vector<P> weights, messages, sums;
};

}  // namespace

std::size_t weights_of(const shapes& all) {
  std::size_t n = 0;
  for (const auto& [sources, targets] : all) n += sources * targets;
  return n;
}

template <class P>
contestant blas_messages(const shapes& all, bool learning) {
  auto layers = std::make_shared<std::vector<layer<P>>>();
  for (const auto& [sources, targets] : all) {
    layers->push_back({sources, targets, random_numbers<P>(sources * targets), random_numbers<P>(sources),
                       random_numbers<P>(targets)});
  }
  const std::string name = learning ? "OpenBLAS gemv and ger" : "OpenBLAS gemv";
  return {name, [layers, learning, &library = *blas::find()](std::uint64_t n) {
            for (; n > 0; --n) {
              for (layer<P>& l : *layers) {
                P* const w = l.weights.data();
                library.matrix_vector(l.targets, l.sources, w, l.messages.data(), l.sums.data());
                if (learning) library.rank_one(l.targets, l.sources, P(1e-9), l.sums.data(), l.messages.data(), w);
              }
            }
          }};
}

namespace {

std::size_t whole_blocks(std::size_t n) { return (n + read_block - 1) / read_block * read_block; }

}  // namespace

template <class P>
contestant reading(std::size_t n) {
  auto numbers = std::make_shared<aligned_vector<P>>(random_numbers<P>(whole_blocks(n)));
  return {"reading as many numbers", [numbers, read = roofs_for<P>(chosen_target()).read](std::uint64_t times) {
            for (; times > 0; --times) keep(read(numbers->data(), numbers->size()));
          }};
}

template <class P>
contestant updating(std::size_t n) {
  auto numbers = std::make_shared<aligned_vector<P>>(random_numbers<P>(whole_blocks(n)));
  return {"updating as many numbers", [numbers, update = roofs_for<P>(chosen_target()).update](std::uint64_t times) {
            for (; times > 0; --times) update(numbers->data(), numbers->size());
          }};
}

template <class P>
contestant compressed_rows(std::size_t size, std::size_t degree) {
  struct matrix {
    std::vector<std::uint64_t> start;
    std::vector<std::uint32_t> column;
    aligned_vector<P> value, in, out;
  };
  const random_stream random(1, "bench", "columns");
  auto m = std::make_shared<matrix>();
  m->value = random_numbers<P>(size * degree);
  m->in = random_numbers<P>(size);
  m->out.resize(size);
  for (std::size_t k = 0; k < size * degree; ++k)
    m->column.push_back(static_cast<std::uint32_t>(random.below(size, k)));
  for (std::size_t i = 0; i <= size; ++i) m->start.push_back(i * degree);
  return {"CSR loop", [m, size](std::uint64_t times) {
            for (; times > 0; --times) {
              for (std::size_t i = 0; i < size; ++i) {
                P sum = 0;
                for (std::size_t k = m->start[i]; k < m->start[i + 1]; ++k) sum += m->value[k] * m->in[m->column[k]];
                m->out[i] = sum;
              }
            }
          }};
}

template contestant blas_messages<float>(const shapes&, bool);
template contestant blas_messages<double>(const shapes&, bool);
template contestant reading<float>(std::size_t);
template contestant reading<double>(std::size_t);
template contestant updating<float>(std::size_t);
template contestant updating<double>(std::size_t);
template contestant compressed_rows<float>(std::size_t, std::size_t);
template contestant compressed_rows<double>(std::size_t, std::size_t);

}  // namespace locus::bench
