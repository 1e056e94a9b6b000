#include "sim/engine/joint_simulator.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

enum class command : std::uint8_t {
  make,
  drop,
  clone,
  advance,
  clamp,
  clamp_lane_f32,
  clamp_lane_f64,
  release,
  impose,
  set_learning,
  silence_noise,
  perturb,
  read_weights,
  read_synapse_field,
  set_weights,
  set_synapse_field,
  take_synapses,
  observe,
  seen,
  save,
  load,
  done,
};

/// One order of rank 0.
class order {
 public:
  order(command what, std::uint32_t simulator) : to_(bytes_) {
    to_.put(what);
    to_.put(simulator);
  }
  template <class T>
  order& with(const T& value) {
    to_.put(value);
    return *this;
  }
  template <class T>
  order& with(std::span<const T> values) {
    to_.put(std::uint64_t{values.size()});
    to_.put(values);
    return *this;
  }
  void give(rank_group& ranks) { ranks.broadcast(bytes_); }

 private:
  std::string bytes_;
  byte_writer to_;
};

template <class T>
std::vector<T> list_of(byte_reader& from) {
  std::vector<T> values(from.get<std::uint64_t>());
  from.get(std::span(values));
  return values;
}

// ---- rank 0
// -----------------------------------------------------------------------------------------------------------

class joint_simulator final : public simulator {
 public:
  joint_simulator(std::unique_ptr<simulator> own, rank_group& ranks, std::uint32_t number, std::uint32_t& next)
      : own_(std::move(own)), ranks_(ranks), number_(number), next_(next), relay_(*this) {}
  ~joint_simulator() override { say(command::drop).give(ranks_); }
  joint_simulator(const joint_simulator&) = delete;
  joint_simulator& operator=(const joint_simulator&) = delete;

  const circuit& net() const noexcept override { return own_->net(); }
  tick_t now() const noexcept override { return own_->now(); }
  void advance(tick_t until) override {
    say(command::advance).with(until).give(ranks_);
    own_->advance(until);
  }
  void clamp(std::size_t population, std::span<const double> values) override {
    say(command::clamp).with(population).with(values).give(ranks_);
    own_->clamp(population, values);
  }
  void release(std::size_t population) override {
    say(command::release).with(population).give(ranks_);
    own_->release(population);
  }
  void clamp_lane(std::size_t population, std::size_t lane, std::span<const double> values) override {
    say(command::clamp_lane_f64).with(population).with(lane).with(values).give(ranks_);
    own_->clamp_lane(population, lane, values);
  }
  void clamp_lane(std::size_t population, std::size_t lane, std::span<const float> values) override {
    say(command::clamp_lane_f32).with(population).with(lane).with(values).give(ranks_);
    own_->clamp_lane(population, lane, values);
  }
  void impose(std::size_t population, port_id source, std::span<const double> added) override {
    say(command::impose).with(population).with(source).with(added).give(ranks_);
    own_->impose(population, source, added);
  }
  std::optional<tick_t> held_since(std::size_t population) const noexcept override {
    return own_->held_since(population);
  }
  void set_learning(bool on) override {
    say(command::set_learning).with(on).give(ranks_);
    own_->set_learning(on);
  }
  void silence_noise() override {
    say(command::silence_noise).give(ranks_);
    own_->silence_noise();
  }
  double value(output_id field, std::size_t neuron, std::size_t lane) const override {
    return own_->value(field, neuron, lane);
  }
  void read_field(output_id field, void* destination) const override { own_->read_field(field, destination); }
  void perturb(output_id field, std::size_t neuron, std::size_t lane, double value) override {
    say(command::perturb).with(field).with(neuron).with(lane).with(value).give(ranks_);
    own_->perturb(field, neuron, lane, value);
  }
  void read_weights(std::size_t projection, void* destination) const override {
    say(command::read_weights).with(projection).give(ranks_);
    own_->read_weights(projection, destination);
  }
  std::vector<double> weights(std::size_t projection) const override {
    say(command::read_weights).with(projection).give(ranks_);
    return own_->weights(projection);
  }
  std::vector<double> synapse_field(std::size_t projection, std::size_t field) const override {
    say(command::read_synapse_field).with(projection).with(field).give(ranks_);
    return own_->synapse_field(projection, field);
  }
  void read_synapse_field(std::size_t projection, std::size_t field, void* destination) const override {
    say(command::read_synapse_field).with(projection).with(field).give(ranks_);
    own_->read_synapse_field(projection, field, destination);
  }
  void set_weights(std::size_t projection, std::span<const double> values) override {
    say(command::set_weights).with(projection).with(values).give(ranks_);
    own_->set_weights(projection, values);
  }
  void set_synapse_field(std::size_t projection, std::size_t field, std::span<const double> values) override {
    say(command::set_synapse_field).with(projection).with(field).with(values).give(ranks_);
    own_->set_synapse_field(projection, field, values);
  }
  void take_synapses(const simulator& from) override {
    const auto& other = dynamic_cast<const joint_simulator&>(from);
    say(command::take_synapses).with(other.number_).give(ranks_);
    own_->take_synapses(*other.own_);
  }
  const activity& counters() const noexcept override { return own_->counters(); }
  const std::optional<std::string>& nonfinite() const noexcept override { return own_->nonfinite(); }
  std::uint64_t swept_panels() const noexcept override { return own_->swept_panels(); }
  std::uint64_t memory() const noexcept override { return own_->memory(); }
  void observe(tick_observer* observer) override {
    say(command::observe).with(observer != nullptr).give(ranks_);
    relay_.to = observer;
    own_->observe(observer != nullptr ? &relay_ : nullptr);
  }
  void serialize(archive& a) override {
    say(a.loading() ? command::load : command::save).give(ranks_);
    if (!a.loading()) return own_->serialize(a);
    archive told = a.told_to(ranks_);
    own_->serialize(told);
  }
  std::unique_ptr<simulator> clone() override {
    const std::uint32_t number = next_++;
    say(command::clone).with(number).give(ranks_);
    return std::make_unique<joint_simulator>(own_->clone(), ranks_, number, next_);
  }

 private:
  /// Shows a tick to the observer, while the other ranks wait for what it asks.
  class relay final : public tick_observer {
   public:
    explicit relay(joint_simulator& of) : of_(of) {}
    void on_tick(tick_t tick, const simulator&) override {
      show([&] { to->on_tick(tick, of_); });
    }
    void on_quiet(tick_t first, tick_t last, const simulator&) override {
      show([&] { to->on_quiet(first, last, of_); });
    }
    tick_observer* to = nullptr;

   private:
    template <class F>
    void show(F&& f) {
      try {
        f();
      } catch (...) {
        of_.say(command::seen).with(false).give(of_.ranks_);
        throw;
      }
      of_.say(command::seen).with(true).give(of_.ranks_);
    }

    joint_simulator& of_;
  };

  [[nodiscard]] order say(command what) const { return {what, number_}; }

  std::unique_ptr<simulator> own_;
  rank_group& ranks_;
  std::uint32_t number_;
  std::uint32_t& next_;
  relay relay_;
};

// ---- the others
// -------------------------------------------------------------------------------------------------------

/// What an observer's exception at rank 0 is elsewhere.
class observer_failed : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the observer at rank 0 failed"; }
};

class server {
 public:
  server(const std::function<circuit()>& circuit_of, const simulator_options& options)
      : circuit_of_(circuit_of), options_(options), waiter_(*this) {}

  /// Follows orders until rank 0 is done; within a tick, until that has been seen.
  void serve(bool in_tick) {
    std::string bytes;
    for (;;) {
      options_.ranks->broadcast(bytes);
      byte_reader from(bytes);
      const auto what = from.get<command>();
      const auto number = from.get<std::uint32_t>();
      if (what == command::done) return;
      if (what == command::seen) {
        if (!in_tick) throw internal_error("ranks: the end of a tick that nobody shows");
        if (!from.get<bool>()) throw observer_failed();
        return;
      }
      try {
        follow(what, number, from);
      } catch (const run_error&) {
        if (!broken_off_.contains(number)) throw;
      }
    }
  }

 private:
  class waiter final : public tick_observer {
   public:
    explicit waiter(server& of) : of_(of) {}
    void on_tick(tick_t, const simulator&) override { of_.serve(true); }
    void on_quiet(tick_t, tick_t, const simulator&) override { of_.serve(true); }

   private:
    server& of_;
  };

  void follow(command what, std::uint32_t number, byte_reader& from) {
    if (what == command::make) {
      if (!net_) net_.emplace(circuit_of_());
      simulators_[number] = make_simulation(*net_, options_);
      return;
    }
    simulator& s = *simulators_.at(number);
    switch (what) {
      case command::drop:
        simulators_.erase(number);
        broken_off_.erase(number);
        return;
      case command::clone: {
        const auto copy = from.get<std::uint32_t>();
        simulators_[copy] = s.clone();
        return;
      }
      case command::advance: return advance(s, number, from.get<tick_t>());
      case command::clamp: {
        const auto population = from.get<std::size_t>();
        return s.clamp(population, list_of<double>(from));
      }
      case command::clamp_lane_f32: return clamp_lane<float>(s, from);
      case command::clamp_lane_f64: return clamp_lane<double>(s, from);
      case command::release: return s.release(from.get<std::size_t>());
      case command::impose: {
        const auto population = from.get<std::size_t>();
        const auto source = from.get<port_id>();
        return s.impose(population, source, list_of<double>(from));
      }
      case command::set_learning: return s.set_learning(from.get<bool>());
      case command::silence_noise: return s.silence_noise();
      case command::perturb: {
        const auto field = from.get<output_id>();
        const auto neuron = from.get<std::size_t>(), lane = from.get<std::size_t>();
        return s.perturb(field, neuron, lane, from.get<double>());
      }
      case command::read_weights: return s.read_weights(from.get<std::size_t>(), nullptr);
      case command::read_synapse_field: {
        const auto projection = from.get<std::size_t>();
        return s.read_synapse_field(projection, from.get<std::size_t>(), nullptr);
      }
      case command::set_weights: {
        const auto projection = from.get<std::size_t>();
        return s.set_weights(projection, list_of<double>(from));
      }
      case command::set_synapse_field: {
        const auto projection = from.get<std::size_t>(), field = from.get<std::size_t>();
        return s.set_synapse_field(projection, field, list_of<double>(from));
      }
      case command::take_synapses: return s.take_synapses(*simulators_.at(from.get<std::uint32_t>()));
      case command::observe: return s.observe(from.get<bool>() ? &waiter_ : nullptr);
      case command::save: {
        archive nowhere = archive::to_nobody();
        return s.serialize(nowhere);
      }
      case command::load: {
        archive heard = archive::heard_from(*options_.ranks);
        return s.serialize(heard);
      }
      case command::make:
      case command::seen:
      case command::done: break;
    }
    throw internal_error("ranks: an order that is none");
  }

  /// What breaks a tick off breaks it off on all ranks; rank 0 says why.
  void advance(simulator& s, std::uint32_t number, tick_t until) {
    try {
      s.advance(until);
    } catch (const nonfinite_error&) {
      broken_off_.insert(number);
    } catch (const observer_failed&) {
      broken_off_.insert(number);
    } catch (const advance_stopped&) {
    }
  }

  template <class V>
  static void clamp_lane(simulator& s, byte_reader& from) {
    const auto population = from.get<std::size_t>(), lane = from.get<std::size_t>();
    const std::vector<V> values = list_of<V>(from);
    s.clamp_lane(population, lane, std::span<const V>(values));
  }

  const std::function<circuit()>& circuit_of_;
  std::optional<circuit> net_;
  simulator_options options_;
  std::map<std::uint32_t, std::unique_ptr<simulator>> simulators_;
  std::set<std::uint32_t>
      broken_off_;  ///< those whose state is no more read: what rank 0 asks of them, it refuses, too
  waiter waiter_;
};

}  // namespace

std::unique_ptr<simulator> make_joint_simulator(const circuit& c, const simulator_options& options) {
  static std::uint32_t next = 0;  // of rank 0, whose orders are one after the other
  const std::uint32_t number = next++;
  order(command::make, number).give(*options.ranks);
  return std::make_unique<joint_simulator>(make_simulation(c, options), *options.ranks, number, next);
}

void serve_ranks(const std::function<circuit()>& circuit_of, const simulator_options& options) {
  server(circuit_of, options).serve(false);
}

void dismiss_ranks(rank_group& ranks) { order(command::done, 0).give(ranks); }

}  // namespace locus
