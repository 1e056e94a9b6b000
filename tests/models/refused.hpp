#pragma once
/// Models that the compiler must refuse, each with the sentence that it must say. test_refused.py reads the comments
/// "refused:" and compiles all of them at once.

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

/// What most of them share.
struct some_model {
  static constexpr model_info info = {.name = "some", .title = "some", .equation = "some", .source = "some"};
  struct params {};
  static constexpr std::tuple<> parameters = {};
};

/// A neuron as it should be, of which others spoil a part.
struct some_neuron : some_model {
  template <class T>
  struct state {
    T x;
  };
  static constexpr state<field> fields = {.x = {"x", "1", "value"}};
  struct step {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "drive"}};
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.x = in.drive;
    }
  };
};

/// A synapse as it should be.
struct some_synapse : some_model {
  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static void accumulate(const auto&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const auto&, const T& sum, T& theta) {
    theta = theta + sum;
  }
  static constexpr idle_rule idle = {};
};

// ---- parameters -----------------------------------------------------------------------------------------------------

// refused: a parameter is a double, a bool or an activation: for a whole number use a double with the limits
struct int_parameter : some_synapse {
  struct params {
    int n = 1;
  };
  static constexpr std::tuple parameters = {parameter{"n", &params::n, "1", "a number", whole_at_least(0)}};
};

// refused: a parameter is a double, a bool or an activation
struct float_parameter : some_neuron {
  struct params {
    float n = 1;
  };
  static constexpr std::tuple parameters = {parameter{"n", &params::n, "1", "a number"}};
};

enum class colour { red, green };

// refused: a parameter is a double, a bool or an activation
struct enum_parameter : some_neuron {
  struct params {
    double gamma = 1;
    colour c = colour::red;
  };
  static constexpr std::tuple parameters = {parameter{"gamma", &params::gamma, "1", "rate"},
                                            parameter{"c", &params::c, "", "colour"}};
};

// refused: a member of `params` is missing from `parameters`
struct unlisted_parameter : some_neuron {
  struct params {
    double gamma = 1;
    bool gated = false;
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {parameter{"gamma", &params::gamma, "1", "rate"},
                                            parameter{"activation", &params::f, "", "f"}};
};

// refused: a member of `params` is missing from `parameters`
struct unlisted_int : some_neuron {
  struct params {
    int n = 1;
  };
};

// refused: stands in `parameters` twice
struct parameter_twice : some_neuron {
  struct params {
    double gamma = 1;
    double tau = 1;
  };
  static constexpr std::tuple parameters = {parameter{"gamma", &params::gamma, "1", "rate"},
                                            parameter{"tau", &params::gamma, "1", "time"}};
};

struct stray_params {
  double n = 1;
};

// refused: with members of the model's own `params`
struct foreign_parameter : some_neuron {
  struct params {
    double gamma = 1;
  };
  static constexpr std::tuple parameters = {parameter{"gamma", &stray_params::n, "1", "rate"}};
};

// refused: `parameters` a std::tuple of parameter{
struct parameters_of_another_kind : some_neuron {
  static constexpr std::tuple parameters = {1, 2};
};

// refused: `params` is a plain struct
struct constructed_parameters : some_neuron {
  struct params {
    params() {}
    double gamma = 1, tau = 1;
  };
  static constexpr std::tuple parameters = {parameter{"gamma", &params::gamma, "1", "rate"}};
};

// ---- a model's parts ------------------------------------------------------------------------------------------------

// refused: a model declares `static constexpr model_info info`
struct nameless {
  struct params {};
  static constexpr std::tuple<> parameters = {};
};

// refused: a model declares `static constexpr model_info info`, `struct params` and
struct without_parameters {
  static constexpr model_info info = {.name = "some", .title = "some", .equation = "some", .source = "some"};
  struct params {};
};

// refused: this model has rules of a neuron, and no `template <class T> struct state`
struct misspelt_state : some_model {
  template <class T>
  struct states {
    T x;
  };
  template <class T>
  static void emit(const params&, states<T>& s) {
    s.x = T(1);
  }
};

// refused: this model has rules of a synapse that learns, and no `template <class T> struct ends`
struct misspelt_ends : some_model {
  template <class T>
  struct end {
    T pre, post;
  };
  template <class T>
  static void accumulate(const params&, const end<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params&, const T& sum, T& theta) {
    theta = theta + sum;
  }
};

// refused: this model has rules of a synapse that learns, and no `template <class T> struct ends`
struct idle_without_ends : some_model {
  static constexpr idle_rule idle = {.when_gate_is_zero = true};
};

// refused: a model is a neuron (`state`) or a synapse (`ends`), not both
struct neuron_and_synapse : some_neuron {
  template <class T>
  struct ends {
    T pre, post;
  };
};

// ---- neurons --------------------------------------------------------------------------------------------------------

// refused: all members of `state` have type T, and there are 1 to 12
struct thirteen_fields : some_neuron {
  template <class T>
  struct state {
    T a, b, c, d, e, f, g, h, i, j, k, l, m;
  };
  static constexpr state<field> fields = {};
  struct step : some_neuron::step {
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.a = in.drive;
    }
  };
};

// refused: all members of `state` have type T, and there are 1 to 12
struct integer_field : some_neuron {
  template <class T>
  struct state {
    T x;
    int n;
  };
  static constexpr state<field> fields = {};
  struct step : some_neuron::step {
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.x = in.drive;
    }
  };
};

// refused: all members of `state` have type T, and there are 1 to 12
struct flag_field : some_neuron {
  template <class T>
  struct state {
    T x;
    bool on;
  };
  static constexpr state<field> fields = {};
  struct step : some_neuron::step {
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.x = in.drive;
    }
  };
};

// refused: all members of `state` have type T, and there are 1 to 12
struct array_field : some_neuron {
  template <class T>
  struct state {
    T x[2];
  };
  static constexpr state<field> fields = {};
  struct step : some_neuron::step {
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.x[0] = in.drive;
    }
  };
};

// refused: all members of `state` have type T, and there are 1 to 12
struct no_fields : some_model {
  template <class T>
  struct state {};
  static constexpr state<field> fields = {};
};

// refused: a neuron model describes its state
struct undescribed_state : some_model {
  template <class T>
  struct state {
    T x;
  };
  template <class T>
  static void emit(const params&, state<T>& s) {
    s.x = T(1);
  }
};

// refused: the step and each reaction declare `template <class T> struct in { T ...; }`
struct step_without_ports : some_neuron {
  struct step {
    template <class T>
    static void rule(const params&, state<T>& s) {
      s.x = T(1);
    }
  };
};

// refused: all members of `in` have type T, and there are at most 12
struct thirteen_ports : some_neuron {
  struct step {
    template <class T>
    struct in {
      T a, b, c, d, e, f, g, h, i, j, k, l, m;
    };
    static constexpr in<port> ports = {};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.x = in.a;
    }
  };
};

// refused: have `template <class T> static void rule(const params&, const in<T>&, state<T>&)`
struct step_without_rule : some_neuron {
  struct step {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "drive"}};
  };
};

// refused: have `template <class T> static void rule(const params&, const in<T>&, state<T>&)`
struct reaction_without_rule : some_neuron {
  struct respond {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "drive"}};
  };
  using reactions = std::tuple<respond>;
};

// refused: `reactions` is a std::tuple of 1 to 3 structs
struct four_reactions : some_neuron {
  using reactions = std::tuple<step, step, step, step>;
};

// refused: `reactions` is a std::tuple of 1 to 3 structs
struct bare_reaction : some_neuron {
  using reactions = step;
};

// refused: emit is `template <class T> static void emit(const params&, state<T>&)`
struct emit_with_a_port : some_neuron {
  template <class T>
  static void emit(const params&, const T& drive, state<T>& s) {
    s.x = drive;
  }
};

// refused: emit is `template <class T> static void emit(const params&, state<T>&)`
struct emit_of_doubles : some_neuron {
  static void emit(const params&, state<double>& s) { s.x = 1; }
};

// refused: clamp is `template <class T> static void clamp(const params&, const T& value, state<T>&)`
struct clamp_without_value : some_neuron {
  template <class T>
  static void clamp(const params&, state<T>& s) {
    s.x = T(1);
  }
};

// refused: clamp_is_total says something of a `clamp`, and there is none
struct total_without_clamp : some_neuron {
  static constexpr bool clamp_is_total = true;
};

// ---- synapses -------------------------------------------------------------------------------------------------------

// refused: a synapse sees `template <class T> struct ends { T pre, post; }`, or `{ T pre, post, gate; }`
struct fourth_end : some_synapse {
  template <class T>
  struct ends {
    T pre, post, gate, third;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.third, e.pre, sum);
  }
};

// refused: a synapse sees `template <class T> struct ends { T pre, post; }`
struct one_end : some_synapse {
  template <class T>
  struct ends {
    T pre;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = sum + e.pre;
  }
};

// refused: a synapse sees `template <class T> struct ends { T pre, post; }`
struct ends_of_other_names : some_synapse {
  template <class T>
  struct ends {
    T pre, post, modulator;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.modulator, sum);
  }
};

// refused: a synapse sees `template <class T> struct ends { T pre, post; }`
struct ends_before_and_after : some_synapse {
  template <class T>
  struct ends {
    T before, after;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.before, e.after, sum);
  }
};

// refused: says when it certainly does not: `static constexpr idle_rule idle`
struct without_idle : some_model {
  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params&, const T& sum, T& theta) {
    theta = theta + sum;
  }
};

// refused: modulate is `template <class T> static T modulate(const params&, const T& gate, const T& end)`
struct modulate_of_ends : some_synapse {
  template <class T>
  static T modulate(const params&, const ends<T>& e) {
    return e.post;
  }
};

// refused: all members of `sums` have type T, and there are 1 to 12
struct counting_sums : some_synapse {
  template <class T>
  struct sums {
    T product;
    int n;
  };
};

// refused: has `template <class T> static void accumulate(const params&, const ends<T>&, sums<T>&)` and `apply(
struct sums_that_apply_lacks : some_synapse {
  template <class T>
  struct sums {
    T product, count;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, sums<T>& s) {
    s.product = fma(e.post, e.pre, s.product);
  }
};

}  // namespace locus::models
