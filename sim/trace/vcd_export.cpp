#include "sim/trace/vcd_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <unordered_map>

#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/trace/value_stream.hpp"

namespace locus {
namespace {

/// How ticks are counted in a unit of time that the format has: 1, 10 or 100 of s, ms, us, ns, ps or fs.
struct vcd_clock {
  std::string unit = "1 ns";
  std::int64_t per_tick = 1;
  std::string comment = "1 tick = 1 ns, because the netlist does not say how long a tick is (circuit.dt)";

  explicit vcd_clock(std::optional<double> dt) {
    if (!dt) return;
    constexpr double fs_per_ms = 1e12, most = 9e15;
    const double exact = *dt * fs_per_ms;
    if (!(exact >= 0.5 && exact <= most)) {
      comment = fmt::format("1 tick = 1 ns here, and {} ms in the netlist, for which there is no unit", *dt);
      return;
    }
    auto fs = static_cast<std::int64_t>(std::llround(exact));
    constexpr std::string_view units[] = {"fs", "ps", "ns", "us", "ms", "s"};
    constexpr int largest = 17;  // 100 s
    int power = 0;
    for (; power < largest && fs % 10 == 0; ++power) fs /= 10;
    constexpr int factors[] = {1, 10, 100};
    unit = fmt::format("{} {}", factors[power % 3], units[power / 3]);
    per_tick = fs;
    comment = fmt::format("1 tick = {} ms = {} x {}", *dt, per_tick, unit);
  }

  [[nodiscard]] std::int64_t at(tick_t tick) const {
    std::int64_t time = 0;
    if (__builtin_mul_overflow(tick, per_tick, &time))
      throw run_error(fmt::format("tick {} cannot be counted in units of {}: choose --ticks", tick, unit));
    return time;
  }
};

/// What a name may be in a scope: no blanks, nothing that viewers take for a range or a path.
std::string vcd_name(std::string_view name) {
  std::string clean;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
    clean += plain ? c : '_';
  }
  return clean.empty() ? "_" : clean;
}

/// The shortest names that the format allows, counted up.
std::string vcd_id(std::uint64_t number) {
  constexpr std::uint64_t first = 33, count = 94;
  std::string id;
  for (++number; number > 0; number = (number - 1) / count) id += static_cast<char>(first + (number - 1) % count);
  return id;
}

std::string joined_place(std::string_view what, const grid_shape& shape, std::uint32_t neuron) {
  std::string name(what);
  if (shape.size() < 2) return fmt::format("{}_{}", name, neuron);
  for (const std::uint32_t at : place_of(shape, neuron)) name += fmt::format("_{}", at);
  return name;
}

struct vcd_scope {
  std::vector<std::pair<std::string, std::unique_ptr<vcd_scope>>> inner;
  std::unordered_map<std::string, vcd_scope*> places;
  std::vector<std::string> variables;  ///< "$var real 64 ! x $end"

  vcd_scope& in(const std::string& name) {
    vcd_scope*& found = places[name];
    if (found == nullptr) found = inner.emplace_back(name, std::make_unique<vcd_scope>()).second.get();
    return *found;
  }

  void write(std::ostream& out) const {
    for (const std::string& v : variables) out << v << '\n';
    for (const auto& [name, scope] : inner) {
      out << "$scope module " << name << " $end\n";
      scope->write(out);
      out << "$upscope $end\n";
    }
  }
};

/// Values of a variable, as far as they were written.
struct real_signals {
  const chosen_columns* chosen = nullptr;
  std::unique_ptr<value_stream> values, ahead;
  std::uint64_t first_id = 0;   ///< of [chosen column][lane]
  std::vector<double> written;  ///< [chosen column][lane]
  bool any = false;
};

/// Events of a variable, read in blocks.
struct event_signals {
  std::string list;
  std::unordered_map<std::uint64_t, std::uint64_t> first_id;  ///< [neuron]: of its first lane
  std::vector<spike_event> block;
  std::size_t at = 0;
  tick_t read = 0;                  ///< events before this tick are read
  std::vector<std::uint64_t> high;  ///< ids that are 1
  std::optional<tick_t> raised;     ///< since this tick
};

class vcd_writer {
 public:
  vcd_writer(std::ostream& out, const trace_reader& trace, const vcd_request& request)
      : out_(out), trace_(trace), request_(request), clock_(trace.facts().dt) {}

  vcd_summary write() {
    const auto [from, until] = request_.ticks;
    declare();
    summary_.signals = ids_;
    summary_.timescale = clock_.comment;
    std::optional<tick_t> tick = next(from == never ? from : from - 1);
    for (; tick && *tick < until; tick = next(*tick)) {
      if (request_.on_tick) request_.on_tick(*tick);
      write_tick(*tick);
    }
    lower_events(until);
    // Where it ends, even if nothing changes there.
    if (until > from) stamp(until);
    send();
    return summary_;
  }

 private:
  void declare() {
    vcd_scope root;
    for (const chosen_columns& chosen : request_.columns) {
      if (const auto list = events_of(*chosen.variable)) declare_events(chosen, *list, root);
      else declare_numbers(chosen, root);
    }
    out_ << "$version Locus " << request_.version << " $end\n";
    out_ << "$comment " << clock_.comment << "; names are population.neuron.variable $end\n";
    out_ << "$timescale " << clock_.unit << " $end\n";
    root.write(out_);
    out_ << "$enddefinitions $end\n";
  }

  /// Lanes of a variable that are written: weights have one number.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> lanes_of(const trace_variable& v) const {
    return v.lanes == 1 ? std::pair<std::uint32_t, std::uint32_t>{0, 1} : request_.lanes;
  }

  [[nodiscard]] std::optional<std::string> events_of(const trace_variable& v) const {
    if (!request_.events.contains(v.full_name())) return std::nullopt;
    for (const spike_list_info& list : trace_.spikes()) {
      if (list.group == v.group || list.group == v.full_name()) return list.group;
    }
    return std::nullopt;
  }

  vcd_scope& scope_of(const trace_variable& v, std::size_t column, vcd_scope& root) const {
    vcd_scope* scope = &root;
    for (std::size_t begin = 0; begin <= v.group.size();) {
      const std::size_t dot = std::min(v.group.find('.', begin), v.group.size());
      scope = &scope->in(vcd_name(std::string_view(v.group).substr(begin, dot - begin)));
      begin = dot + 1;
    }
    if (!v.weights) return scope->in(joined_place("neuron", v.shape, v.neurons[column]));
    return scope->in(joined_place("onto", v.shape, v.neurons[column]))
        .in(joined_place("from", v.source_shape, v.sources[column]));
  }

  void declare_signals(const chosen_columns& chosen, std::string_view kind, vcd_scope& root) {
    const auto [first, last] = lanes_of(*chosen.variable);
    for (const std::size_t column : chosen.columns) {
      for (std::uint32_t lane = first; lane < last; ++lane) {
        vcd_scope& scope = scope_of(*chosen.variable, column, root);
        vcd_scope& inner = last - first > 1 ? scope.in(fmt::format("lane_{}", lane)) : scope;
        inner.variables.push_back(
            fmt::format("$var {} {} {} $end", kind, vcd_id(ids_++), vcd_name(chosen.variable->name)));
      }
    }
  }

  void declare_numbers(const chosen_columns& chosen, vcd_scope& root) {
    real_signals s;
    s.chosen = &chosen;
    s.first_id = ids_;
    s.values = std::make_unique<value_stream>(trace_, *chosen.variable);
    s.ahead = std::make_unique<value_stream>(trace_, *chosen.variable);
    declare_signals(chosen, "real 64", root);
    // A list of changes says nothing of what comes before its first entries, as value_stream does: no number.
    s.written.resize(ids_ - s.first_id, std::numeric_limits<double>::quiet_NaN());
    numbers_.push_back(std::move(s));
  }

  void declare_events(const chosen_columns& chosen, const std::string& list, vcd_scope& root) {
    event_signals s;
    s.list = list;
    const auto [first, last] = lanes_of(*chosen.variable);
    std::uint64_t id = ids_;
    for (const std::size_t column : chosen.columns) {
      s.first_id[chosen.variable->neurons[column]] = id;
      id += last - first;
    }
    s.read = std::max(request_.ticks.first, trace_.extent().first);
    declare_signals(chosen, "wire 1", root);
    events_.push_back(std::move(s));
  }

  // ---- changes ------------------------------------------------------------------------------------------------

  /// The next tick after `tick` at which something may change.
  std::optional<tick_t> next(tick_t tick) {
    std::optional<tick_t> soonest;
    const auto note = [&](std::optional<tick_t> t) {
      if (t && (!soonest || *t < *soonest)) soonest = t;
    };
    // What holds already is said at the beginning.
    if (!begun_ && trace_.extent().first < trace_.extent().second)
      note(std::max(request_.ticks.first, trace_.extent().first));
    for (real_signals& s : numbers_) note(s.ahead->next(tick));
    for (event_signals& s : events_) {
      load(s);
      if (s.at < s.block.size()) note(s.block[s.at].tick);
      if (s.raised) note(*s.raised + 1);
    }
    return soonest;
  }

  void write_tick(tick_t tick) {
    for (real_signals& s : numbers_) write_numbers(s, tick);
    for (event_signals& s : events_) write_events(s, tick);
    begun_ = true;
    constexpr std::size_t block = std::size_t{1} << 16;
    if (buffer_.size() > block) send();
  }

  void write_numbers(real_signals& s, tick_t tick) {
    const trace_variable& v = *s.chosen->variable;
    const std::span<const double> row = s.values->at(tick);
    // Where others have a frame or a change, this one may have none.
    if (v.storage == trace_storage::frames && !std::binary_search(trace_.frames().begin(), trace_.frames().end(), tick))
      return;
    const auto [first, last] = lanes_of(v);
    std::size_t n = 0;
    for (const std::size_t column : s.chosen->columns) {
      for (std::uint32_t lane = first; lane < last; ++lane, ++n) {
        const double now = row[column * v.lanes + lane];
        if (same_bits(now, s.written[n]) && (s.any || v.storage == trace_storage::changes)) continue;
        stamp(tick);
        fmt::format_to(std::back_inserter(buffer_), "r{:.17g} {}\n", now, vcd_id(s.first_id + n));
        s.written[n] = now;
        ++summary_.changes;
      }
    }
    s.any = true;
  }

  void write_events(event_signals& s, tick_t tick) {
    if (!begun_) {
      for (const auto& [neuron, id] : s.first_id) {
        for (std::uint64_t lane = 0; lane < lanes_written(); ++lane) low_.push_back(id + lane);
      }
    }
    std::vector<std::uint64_t> now;
    for (load(s); s.at < s.block.size() && s.block[s.at].tick <= tick; ++s.at, load(s)) {
      const spike_event& e = s.block[s.at];
      const auto found = s.first_id.find(e.neuron);
      if (e.tick < tick || found == s.first_id.end()) continue;
      const std::uint32_t first = trace_.facts().lanes == 1 ? 0 : request_.lanes.first;
      const std::uint32_t last = trace_.facts().lanes == 1 ? 1 : request_.lanes.second;
      if (e.lane >= first && e.lane < last) now.push_back(found->second + e.lane - first);
    }
    std::sort(now.begin(), now.end());
    now.erase(std::unique(now.begin(), now.end()), now.end());
    low_.insert(low_.end(), s.high.begin(), s.high.end());
    std::sort(low_.begin(), low_.end());
    for (const std::uint64_t id : low_) {
      if (!std::binary_search(now.begin(), now.end(), id)) write_wire(tick, '0', id);
    }
    for (const std::uint64_t id : now) {
      if (!std::binary_search(s.high.begin(), s.high.end(), id)) write_wire(tick, '1', id);
    }
    low_.clear();
    s.raised = now.empty() ? std::nullopt : std::optional(tick);
    s.high = std::move(now);
  }

  [[nodiscard]] std::uint64_t lanes_written() const {
    return trace_.facts().lanes == 1 ? 1 : request_.lanes.second - request_.lanes.first;
  }

  void lower_events(tick_t tick) {
    for (event_signals& s : events_) {
      for (const std::uint64_t id : s.high) write_wire(tick, '0', id);
    }
  }

  void write_wire(tick_t tick, char level, std::uint64_t id) {
    stamp(tick);
    fmt::format_to(std::back_inserter(buffer_), "{}{}\n", level, vcd_id(id));
    ++summary_.changes;
  }

  /// Reads on if all that was read is used.
  void load(event_signals& s) {
    while (s.at == s.block.size() && s.read < request_.ticks.second) {
      std::size_t most = std::size_t{1} << 16;
      for (;; most *= 2) {
        s.block = read_spikes(trace_, s.list, s.read, request_.ticks.second, most);
        // A block has to hold one tick and the first event of another.
        if (s.block.size() < most || s.block.front().tick != s.block.back().tick) break;
      }
      s.at = 0;
      if (s.block.size() < most) {
        s.read = request_.ticks.second;
        return;
      }
      s.read = s.block.back().tick;
      while (s.block.back().tick == s.read) s.block.pop_back();
    }
  }

  void stamp(tick_t tick) {
    if (stamped_ == tick) return;
    fmt::format_to(std::back_inserter(buffer_), "#{}\n", clock_.at(tick));
    stamped_ = tick;
  }

  void send() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  std::ostream& out_;
  const trace_reader& trace_;
  const vcd_request& request_;
  vcd_clock clock_;
  std::vector<real_signals> numbers_;
  std::vector<event_signals> events_;
  std::vector<std::uint64_t> low_;
  std::uint64_t ids_ = 0;
  bool begun_ = false;
  std::optional<tick_t> stamped_;
  fmt::memory_buffer buffer_;
  vcd_summary summary_;
};

}  // namespace

vcd_summary write_vcd(std::ostream& out, const trace_reader& trace, const vcd_request& request) {
  return vcd_writer(out, trace, request).write();
}

}  // namespace locus
