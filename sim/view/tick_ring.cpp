#include "sim/view/tick_ring.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace locus {
namespace {

constexpr double not_held = std::numeric_limits<double>::quiet_NaN();

}  // namespace

tick_ring::tick_ring(const circuit& c, std::size_t bytes)
    : width_(size_of(c.precision)), weights_(c.projections.size()) {
  for (const recorded_variable& v : recordable_variables(c)) {
    if (v.projection && v.synapse_field != 0) continue;
    ring_variable r;
    r.names = names_of(c, v);
    r.projection = v.projection;
    r.field = v.field;
    r.columns = v.projection ? c.weights(c.projections[*v.projection]) : c.populations[v.field.population].size;
    r.lanes = v.projection ? 1 : c.lanes;
    if (v.projection) {
      const projection& p = c.projections[*v.projection];
      r.learns = p.learns() || p.shared_with;
    } else {
      r.event = c.populations[v.field.population].model->fields[v.field.field].event;
      r.offset = frame_bytes_;
      frame_bytes_ += r.columns * r.lanes * width_;
    }
    variables_.push_back(std::move(r));
  }
  weight_bytes_kept_ = bytes / 3;
  frames_kept_ =
      std::clamp<std::size_t>((bytes - weight_bytes_kept_) / std::max<std::size_t>(1, frame_bytes_), 2, 200'000);
}

const ring_variable* tick_ring::find(std::string_view full_name) const noexcept {
  for (const ring_variable& v : variables_) {
    if (v.names.group.size() + 1 + v.names.variable.size() == full_name.size() &&
        full_name.starts_with(v.names.group) && full_name.ends_with(v.names.variable) &&
        full_name[v.names.group.size()] == '.')
      return &v;
  }
  return nullptr;
}

void tick_ring::take(tick_t tick, const simulator& s) {
  frame f;
  if (frames_.size() >= frames_kept_) {  // its memory serves again
    f = std::move(frames_.front());
    frames_.pop_front();
  }
  f.ticks = {tick, tick + 1};
  f.bytes.resize(frame_bytes_);
  spiked_ = false;
  for (const ring_variable& v : variables_) {
    if (v.projection) continue;
    s.read_field(v.field, f.bytes.data() + v.offset);
    if (!v.event || spiked_) continue;
    for (std::size_t k = 0; k < v.columns * v.lanes && !spiked_; ++k)
      spiked_ = number(f.bytes.data() + v.offset, k) == 1;
  }
  fields_changed_ = frames_.empty() || frames_.back().bytes != f.bytes;
  frames_.push_back(std::move(f));
  take_weights(tick, s);
}

void tick_ring::take_weights(tick_t tick, const simulator& s) {
  const bool first = std::all_of(weights_.begin(), weights_.end(), [](const auto& all) { return all.empty(); });
  weights_changed_ = false;
  if (!first && s.counters().weight_changes == weight_changes_) return;
  weight_changes_ = s.counters().weight_changes;
  for (const ring_variable& v : variables_) {
    if (!v.projection) continue;
    std::deque<weights>& all = weights_[*v.projection];
    if (!all.empty() && !v.learns) continue;
    weights now{tick, std::vector<std::byte>(v.columns * width_)};
    s.read_weights(*v.projection, now.bytes.data());
    if (!all.empty() && all.back().bytes == now.bytes) continue;
    weights_changed_ = weights_changed_ || !all.empty();
    weight_bytes_ += now.bytes.size();
    all.push_back(std::move(now));
  }
  while (weight_bytes_ > weight_bytes_kept_) {  // the oldest goes, but the last of each stays
    std::deque<weights>* oldest = nullptr;
    for (std::deque<weights>& all : weights_) {
      if (all.size() > 1 && (oldest == nullptr || all.front().since < oldest->front().since)) oldest = &all;
    }
    if (oldest == nullptr) return;
    weight_bytes_ -= oldest->front().bytes.size();
    oldest->pop_front();
  }
}

void tick_ring::hold(tick_t last) {
  if (!frames_.empty()) frames_.back().ticks.last = std::max(frames_.back().ticks.last, last);
  fields_changed_ = weights_changed_ = spiked_ = false;
}

window tick_ring::extent() const noexcept {
  return frames_.empty() ? window{0, 0} : window{frames_.front().ticks.first, frames_.back().ticks.last};
}

double tick_ring::number(const std::byte* bytes, std::size_t at) const noexcept {
  if (width_ == sizeof(float)) {
    float x = 0;
    std::memcpy(&x, bytes + at * sizeof x, sizeof x);
    return static_cast<double>(x);
  }
  double x = 0;
  std::memcpy(&x, bytes + at * sizeof x, sizeof x);
  return x;
}

const tick_ring::frame* tick_ring::frame_at(tick_t tick) const {
  const auto after = std::upper_bound(frames_.begin(), frames_.end(), tick,
                                      [](tick_t t, const frame& f) { return t < f.ticks.first; });
  if (after == frames_.begin() || (after - 1)->ticks.last <= tick) return nullptr;
  return &*(after - 1);
}

const tick_ring::weights* tick_ring::weights_at(std::size_t projection, tick_t tick) const {
  const std::deque<weights>& all = weights_[projection];
  if (tick >= extent().last) return nullptr;
  const auto after =
      std::upper_bound(all.begin(), all.end(), tick, [](tick_t t, const weights& w) { return t < w.since; });
  return after == all.begin() ? nullptr : &*(after - 1);
}

std::vector<double> tick_ring::row(const ring_variable& v, std::uint32_t lane, tick_t tick) const {
  std::vector<double> result(v.columns, not_held);
  if (v.projection) {
    const weights* w = weights_at(*v.projection, tick);
    for (std::size_t k = 0; w != nullptr && k < v.columns; ++k) result[k] = number(w->bytes.data(), k);
    return result;
  }
  const frame* f = frame_at(tick);
  for (std::size_t k = 0; f != nullptr && k < v.columns; ++k)
    result[k] = number(f->bytes.data() + v.offset, k * v.lanes + lane);
  return result;
}

std::optional<double> tick_ring::value(const ring_variable& v, std::size_t column, std::uint32_t lane,
                                       tick_t tick) const {
  if (column >= v.columns) return std::nullopt;
  if (v.projection) {
    const weights* w = weights_at(*v.projection, tick);
    return w == nullptr ? std::nullopt : std::optional(number(w->bytes.data(), column));
  }
  const frame* f = frame_at(tick);
  return f == nullptr ? std::nullopt : std::optional(number(f->bytes.data() + v.offset, column * v.lanes + lane));
}

std::optional<tick_t> tick_ring::weights_since(const ring_variable& v, tick_t tick) const {
  const weights* w = weights_at(*v.projection, tick);
  return w == nullptr ? std::nullopt : std::optional(w->since);
}

bool tick_ring::differs(const ring_variable& v, tick_t tick) const {
  if (v.projection) {
    const weights* w = weights_at(*v.projection, tick);
    return w != nullptr && w->since == tick && w != &weights_[*v.projection].front();
  }
  const frame *now = frame_at(tick), *before = frame_at(tick - 1);
  if (now == before || now == nullptr || before == nullptr) return false;
  const std::size_t bytes = v.columns * v.lanes * width_;
  return std::memcmp(now->bytes.data() + v.offset, before->bytes.data() + v.offset, bytes) != 0;
}

bool tick_ring::has_event(const ring_variable& v, std::uint32_t lane, tick_t tick) const {
  const frame* f = frame_at(tick);
  for (std::size_t k = 0; f != nullptr && v.event && k < v.columns; ++k) {
    if (number(f->bytes.data() + v.offset, k * v.lanes + lane) == 1) return true;
  }
  return false;
}

}  // namespace locus
