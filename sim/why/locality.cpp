#include "sim/why/locality.hpp"

#include <algorithm>
#include <utility>

#include "sim/audit/modulators.hpp"
#include "sim/core/errors.hpp"

namespace locus {

locality::locality(const circuit& c, const description& netlist, const data_set& data)
    : net_(c), netlist_(netlist), data_(data) {}

locality::~locality() = default;

bool locality::message(std::size_t projection, std::size_t k, std::size_t pre, std::size_t post) const {
  const locus::projection& p = net_.projections[projection];
  if (p.shared_with) return false;
  return !p.window ||
         p.window->first_use(k) == std::pair(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post));
}

bool locality::post(std::size_t projection, std::size_t seen) const {
  const locus::projection& p = net_.projections[projection];
  return p.post[seen].population == p.to.population;
}

std::optional<bool> locality::gate(std::size_t projection, std::size_t modulator) const {
  const locus::projection& p = net_.projections[projection];
  const bool control = std::any_of(net_.stimuli.begin(), net_.stimuli.end(), [&](const stimulus& s) {
    return s.population == p.gate->population && s.role == stimulus_role::control;
  });
  if (control) return std::nullopt;
  auto known = near_.find(projection);
  if (known == near_.end()) {
    std::vector<bool> near;
    try {
      description one = netlist_;
      one.lanes = 1;
      if (!one_lane_) one_lane_ = std::make_unique<circuit>(build_circuit(one));
      const std::vector<presentation_times> tried(presentations_to_tie(*one_lane_, one.timeline),
                                                  draw_times(one.timeline, 0));
      near = near_modulators(*one_lane_, write_script(*one_lane_, one, data_, tried), projection).near;
    } catch (const user_error&) {
      near.clear();  // it diverges, or has no room
    }
    known = near_.emplace(projection, std::move(near)).first;
  }
  const std::size_t asked = p.gate_at == gate_end::everywhere ? 0 : modulator;
  if (asked >= known->second.size()) return std::nullopt;
  return known->second[asked];
}

}  // namespace locus
