#pragma once
/// A circuit without some of its connections, with the weights of the whole one: what a wire does shows when it is cut.

#include <functional>
#include <memory>
#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

class cut_circuit {
 public:
  /// (projection, pre, post): whether the connection goes.
  using choice = std::function<bool(std::size_t projection, std::size_t pre, std::size_t post)>;

  /// Connections stay whose weights others share: those would go with them. `c` must outlive this.
  cut_circuit(const circuit& c, const choice& goes);

  /// Whether anything was cut.
  [[nodiscard]] bool any() const { return !cut_.empty(); }
  [[nodiscard]] const circuit& net() const { return net_; }

  /// At the first tick. This must outlive it.
  [[nodiscard]] std::unique_ptr<simulator> start() const;

 private:
  struct cut_projection {
    std::size_t projection = 0;
    std::vector<std::size_t> kept;  ///< connections of the whole one
  };

  [[nodiscard]] bool lends(std::size_t projection) const;

  const circuit& whole_;
  circuit net_;
  std::vector<cut_projection> cut_;
};

}  // namespace locus
