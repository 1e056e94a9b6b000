/// Models that compile and are wrong, each with what the catalogue says of it.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/audit/instantiate.hpp"
#include "sim/audit/model_check.hpp"
#include "sim/core/describe.hpp"

namespace test_models_model_check {

using namespace locus;

namespace {

struct some_model {
  static constexpr model_info info = {.name = "some-model", .title = "some", .equation = "some", .source = "some"};
  struct params {};
  static constexpr std::tuple<> parameters = {};
};

/// Who is right, and gives the others what they do not spoil: x by the step, y by a reaction, z by emit.
struct sound_neuron : some_model {
  template <class T>
  struct state {
    T x, y, z;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .y = {"y", "mV", "answer", writer::first_reaction},
      .z = {"z", "1", "doubled value"},
  };
  struct step {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "what drives x"}};
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.x = in.drive;
    }
  };
  struct respond {
    template <class T>
    struct in {
      T question;
    };
    static constexpr in<port> ports = {.question = {"question", "1", "what y answers"}};
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.y = in.question * s.x;
    }
  };
  using reactions = std::tuple<respond>;
  template <class T>
  static void clamp(const auto&, const T& value, state<T>& s) {
    s.x = value;
  }
  template <class T>
  static void emit(const auto&, state<T>& s) {
    s.z = s.x + s.x;
  }
  static constexpr bool clamp_is_total = true;
};

struct sound_synapse : some_model {
  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static T modulate(const auto&, const T& gate, const T& end) {
    return gate * end;
  }
  template <class T>
  static void accumulate(const auto&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const auto&, const T& sum, T& theta) {
    theta = theta + sum;
  }
  static constexpr idle_rule idle = {.when_gate_is_zero = true, .when_pre_is_zero = true};
};

using texts = std::vector<std::string>;

/// What is said of M, without the file in front of it.
template <class M>
texts said_of(const std::string& file = "models/some_model.hpp") {
  texts said = defects_of(describe_model<M>(), detail::make_traced_model<M>(), file);
  for (std::string& each : said) {
    REQUIRE(each.starts_with(file + ": "));
    each.erase(0, file.size() + 2);
  }
  return said;
}

}  // namespace

TEST_CASE("model check: who does what it says is not complained of", "[models]") {
  CHECK(said_of<sound_neuron>().empty());
  CHECK(said_of<sound_synapse>().empty());
  CHECK(said_of<some_model>().empty());
}

// ---- who writes -----------------------------------------------------------------------------------------------------

namespace {

/// What is easily forgotten.
struct forgotten_writer : sound_neuron {
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .y = {"y", "mV", "answer"},
      .z = {"z", "1", "doubled value"},
  };
};
struct greedy_step : sound_neuron {
  struct step : sound_neuron::step {
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.x = in.drive;
      s.y = T(0);
    }
  };
};
struct greedy_clamp : sound_neuron {
  template <class T>
  static void clamp(const auto&, const T& value, state<T>& s) {
    s.x = value;
    s.y = value;
  }
};
struct greedy_emit : sound_neuron {
  template <class T>
  static void emit(const auto&, state<T>& s) {
    s.z = s.x + s.x;
    s.y = s.y + T(1);
  }
};
/// Only for one choice of its parameters.
struct sometimes_greedy : sound_neuron {
  struct params {
    bool fast = false;
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {parameter{"fast", &params::fast, "", "fast"},
                                            parameter{"activation", &params::f, "", "f"}};
  struct step : sound_neuron::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.x = activate(p.f, in.drive);
      if (p.fast && p.f == activation::relu) s.y = in.drive;
    }
  };
};
struct idle_field : sound_neuron {
  template <class T>
  static void emit(const auto&, state<T>&) {}
};
struct idle_reaction : sound_neuron {
  struct muse : respond {
    template <class T>
    static void rule(const auto&, const in<T>&, state<T>&) {}
  };
  using reactions = std::tuple<respond, muse>;
};
struct idle_step : some_model {
  template <class T>
  struct state {
    T y;
  };
  static constexpr state<field> fields = {.y = {"y", "1", "answer", writer::first_reaction}};
  struct step : sound_neuron::step {
    template <class T>
    static void rule(const auto&, const in<T>&, state<T>&) {}
  };
  struct respond : sound_neuron::respond {
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.y = in.question;
    }
  };
  using reactions = std::tuple<respond>;
};

std::string lost(const std::string& who, const std::string& field, const std::string& writer) {
  return who + " assigns \"" + field + "\", whose writer is " + writer +
         ", so that the assignment would be lost: name the right writer in `fields` (writer::step for the step, clamp "
         "and emit, writer::first_reaction for reaction 1, ...), or assign a local variable";
}

}  // namespace

TEST_CASE("model check: an assignment to another writer's field is refused, whoever makes it", "[models]") {
  CHECK(said_of<forgotten_writer>() ==
        texts{lost("reaction 1", "y", "the step"),
              "reaction 1 is the writer of no field: write writer::first_reaction in `fields` where it is, or take it "
              "out"});
  CHECK(said_of<greedy_step>() == texts{lost("the step", "y", "reaction 1")});
  CHECK(said_of<greedy_clamp>() == texts{lost("clamp", "y", "reaction 1")});
  CHECK(said_of<greedy_emit>() == texts{lost("emit", "y", "reaction 1")});
  CHECK(said_of<sometimes_greedy>() == texts{lost("the step", "y", "reaction 1")});
}

TEST_CASE("model check: a field that its writer never assigns, and a writer without a field, are refused", "[models]") {
  CHECK(said_of<idle_field>() == texts{"\"z\" is assigned by no rule of its writer, the step, and would stay 0: assign "
                                       "it, name another writer in `fields`, or take it out of `state`"});
  CHECK(said_of<idle_reaction>() == texts{"reaction 2 is the writer of no field: write writer::second_reaction in "
                                          "`fields` where it is, or take it out"});
  CHECK(said_of<idle_step>() ==
        texts{"the step is the writer of no field: write writer::step in `fields` where it is, or take it out"});
}

// ---- what is read ---------------------------------------------------------------------------------------------------

namespace {

/// Of everything one that nobody reads. `count` and `memory` read each other, and come to nothing.
struct unread : some_model {
  struct params {
    double gamma = 0.5;
    double tau = 2;
    bool fast = false;
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {
      parameter{"gamma", &params::gamma, "1", "rate", above(0)}, parameter{"tau", &params::tau, "1", "time", above(0)},
      parameter{"fast", &params::fast, "", "fast"}, parameter{"activation", &params::f, "", "f"}};
  template <class T>
  struct state {
    T x, count, memory, y;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .count = {"count", "tick", "ticks so far", writer::step, visibility::hidden},
      .memory = {"memory", "1", "count, a tick ago", writer::step, visibility::hidden},
      .y = {"y", "1", "answer", writer::first_reaction},
  };
  struct step {
    template <class T>
    struct in {
      T drive, feedback;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "drive"}, .feedback = {"feedback", "1", "forgotten"}};
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const T memory = s.memory;
      s.x = T(p.gamma) * in.drive;
      s.memory = s.count;
      s.count = memory + T(1);
    }
  };
  struct respond {
    template <class T>
    struct in {
      T question, xi;
    };
    static constexpr in<port> ports = {.question = {"question", "1", "asked"},
                                       .xi = {"xi", "1", "noise", port_source::normal}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      [[maybe_unused]] const T noise = in.xi + T(1);
      s.y = in.question;
    }
  };
  using reactions = std::tuple<respond>;
  template <class T>
  static void clamp(const params&, const T&, state<T>& s) {
    s.x = T(1);
  }
};

/// Everything is read, in ways that are easy to miss.
struct read_in_passing : some_model {
  struct params {
    double gamma = 1;
    double tau = 4;
    double steepness = 2;
    double mode = 0;
    double offset = 0;
    bool fast = false;
    bool gated = false;
  };
  static constexpr std::tuple parameters = {
      parameter{"gamma", &params::gamma, "1", "rate", above(0)},
      parameter{"tau", &params::tau, "tick", "time constant", above(0)},
      parameter{"steepness", &params::steepness, "1", "only if fast and gated"},
      parameter{"mode", &params::mode, "1", "one of three", limits{.low = 0, .high = 2, .whole = true}},
      parameter{"offset", &params::offset, "1", "only in one mode"},
      parameter{"fast", &params::fast, "", "fast"},
      parameter{"gated", &params::gated, "", "gated"},
  };
  template <class T>
  struct state {
    T x, kept, before;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .kept = {"kept", "1", "the gate, a tick ago", writer::step, visibility::hidden},
      .before = {"before", "1", "kept, a tick ago", writer::step, visibility::hidden},
  };
  struct step {
    template <class T>
    struct in {
      T drive, gate;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "drive"}, .gate = {"gate", "1", "read if gated"}};
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.x = p.gamma == 1 ? in.drive : s.x + in.drive;
      s.x = fma(s.x, T(1 - 1 / p.tau), s.before);
      if (p.fast && p.gated) s.x = select(in.drive > T(p.steepness), s.x, in.drive);
      if (p.mode == 2) s.x = s.x + T(p.offset);
      s.before = s.kept;
      s.kept = p.gated ? in.gate : T(0);
    }
  };
};

/// It needs no message to go round.
struct oscillator : some_model {
  template <class T>
  struct state {
    T x, v;
  };
  static constexpr state<field> fields = {.x = {"x", "1", "place"},
                                          .v = {"v", "1", "speed", writer::step, visibility::hidden}};
  struct step {
    template <class T>
    struct in {};
    static constexpr in<port> ports = {};
    template <class T>
    static void rule(const params&, const in<T>&, state<T>& s) {
      s.v = s.v - T(0.125) * (s.x - T(1));
      s.x = s.x + T(0.125) * s.v;
    }
  };
};

std::string unread_parameter(const std::string& name) {
  return "no rule reads the parameter \"" + name + "\": take it out, or use it";
}
std::string unread_port(const std::string& name) {
  return "no rule reads the port \"" + name + "\": take it out of `in`, or use what arrives";
}
std::string unread_field(const std::string& name) {
  return "the hidden field \"" + name +
         "\" enters nothing that is sent: take it out of `state`, use a local variable, "
         "or let it be sent";
}

}  // namespace

TEST_CASE("model check: a parameter, port, hidden field or clamp that no rule reads is refused", "[models]") {
  CHECK(said_of<unread>() == texts{unread_field("count"), unread_field("memory"), unread_port("feedback"),
                                   unread_port("xi"), unread_parameter("tau"), unread_parameter("fast"),
                                   unread_parameter("activation"),
                                   "clamp does not read its value: a stimulus would do nothing with its numbers"});
}

TEST_CASE("model check: what is read with some settings only, or by a comparison, is read", "[models]") {
  CHECK(said_of<read_in_passing>().empty());
  CHECK(said_of<oscillator>().empty());
}

// ---- claims ---------------------------------------------------------------------------------------------------------

namespace {

struct half_a_clamp : sound_neuron {
  template <class T>
  static void emit(const auto&, state<T>& s) {
    s.z = s.x + s.z;
  }
};
struct synapse_with_gate : sound_synapse {
  template <class T>
  struct ends {
    T pre, post, gate;
  };
  template <class T>
  static void accumulate(const auto&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
};
struct deaf_to_gate : synapse_with_gate {
  template <class T>
  static T modulate(const auto&, const T&, const T& end) {
    return end;
  }
};
struct never_idle : deaf_to_gate {
  static constexpr idle_rule idle = {};
};
struct decaying : sound_synapse {
  template <class T>
  static void apply(const auto&, const T& sum, T& theta) {
    theta = fma(T(0.5), theta, sum);
  }
};
struct decaying_with_gate : decaying {
  static constexpr idle_rule idle = {.when_gate_is_zero = true};
};
struct ungated : some_model {
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
  static constexpr idle_rule idle = {.when_gate_is_zero = true, .when_pre_is_zero = true};
};
struct never_learns : sound_synapse {
  template <class T>
  static void apply(const auto&, const T&, T&) {}
};
struct fixed_with_rate : some_model {
  struct params {
    double alpha = 0;
  };
  static constexpr std::tuple parameters = {parameter{"alpha", &params::alpha, "1", "rate"}};
};

std::string broken(const std::string& claim) {
  return "`idle` claims " + claim + ", but the weight can change: take the claim out, or mend the rule";
}

}  // namespace

TEST_CASE("model check: claims of which the rules know nothing are refused", "[models]") {
  CHECK(said_of<half_a_clamp>() == texts{"clamp_is_total is claimed, but \"z\" depends on more than the clamped value: "
                                         "set in clamp all that it depends on, or do not claim it"});
  CHECK(said_of<decaying>() == texts{broken("when_gate_is_zero"), broken("when_pre_is_zero")});
  CHECK(said_of<decaying_with_gate>() == texts{broken("when_gate_is_zero")});
  CHECK(said_of<ungated>() == texts{broken("when_gate_is_zero")});
}

TEST_CASE("model check: a synapse that never learns, or does not read what it declares, is refused", "[models]") {
  CHECK(said_of<never_learns>() ==
        texts{"apply leaves theta as it was: assign it, or declare no `ends` if the weight never changes",
              "no rule reads the gate: take `gate` or modulate out, or use it"});
  CHECK(said_of<synapse_with_gate>().empty());
  CHECK(said_of<never_idle>() == texts{"no rule reads the gate: take `gate` or modulate out, or use it"});
  CHECK(said_of<deaf_to_gate>() ==
        texts{"no rule reads the gate: take `gate` or modulate out, or use it", broken("when_gate_is_zero")});
  CHECK(said_of<fixed_with_rate>() == texts{unread_parameter("alpha")});
}

// ---- words ----------------------------------------------------------------------------------------------------------

namespace {

struct undescribed_field : sound_neuron {
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"}, .y = {"y", "mV", "answer", writer::first_reaction}, .z = {}};
};
struct undescribed_port : sound_neuron {
  struct step : sound_neuron::step {
    static constexpr in<port> ports = {};
  };
};
struct silent : some_model {
  static constexpr model_info info = {};
};
struct bad_words : some_model {
  struct params {
    double rate = 0;
    double part = 1.5;
    double number = 0.5;
    bool fast = false;
    double again = 2;
  };
  static constexpr std::tuple parameters = {
      parameter{"learning rate", &params::rate, "", "rate", above(0)},
      parameter{"part", &params::part, "1", "", limits{.low = 1, .high = 0}},
      parameter{"number", &params::number, "1", "how many", whole_at_least(0)},
      parameter{"fast", &params::fast, "", "fast", at_least(0)},
      parameter{"part", &params::again, "1", "again"},
  };
  template <class T>
  struct state {
    T a, b, c, d;
  };
  static constexpr state<field> fields = {
      .a = {"membrane.potential", "mV", "voltage"},
      .b = {"b", "", "something", writer::second_reaction},
      .c = {"b", "1", ""},
      .d = {"2nd", "1", "second", static_cast<writer>(-2)},
  };
  struct step {
    template <class T>
    struct in {
      T drive, other, clamp;
    };
    static constexpr in<port> ports = {
        .drive = {"drive", "1", "drive"}, .other = {"drive", "1", "drive"}, .clamp = {"clamp", "1", "held"}};
    template <class T>
    static void rule(const params&, const in<T>&, state<T>&) {}
  };
  struct respond {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "mV", "drive"}};
    template <class T>
    static void rule(const params&, const in<T>&, state<T>&) {}
  };
  using reactions = std::tuple<respond>;
};
/// One port of two phases, which say of it the same.
struct port_of_two_phases : sound_neuron {
  struct respond {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "what drives x"}};
    template <class T>
    static void rule(const auto&, const in<T>& in, state<T>& s) {
      s.y = in.drive * s.x;
    }
  };
  using reactions = std::tuple<respond>;
};
struct port_with_two_sources : port_of_two_phases {
  struct respond : port_of_two_phases::respond {
    static constexpr in<port> ports = {.drive = {"drive", "1", "what drives x", port_source::normal}};
  };
  using reactions = std::tuple<respond>;
};

}  // namespace

TEST_CASE("model check: a member without description is refused with its place", "[models]") {
  CHECK(said_of<undescribed_field>() == texts{"`fields` does not describe member 3: write {name, unit, meaning}"});
  CHECK(said_of<undescribed_port>() == texts{"`ports` does not describe member 1: write {name, unit, meaning}"});
}

TEST_CASE("model check: a model is called as its file", "[models]") {
  const std::string text =
      "info.name is \"some-model\", but a model is called as its file: write \"other-model\", or rename file and "
      "struct";
  CHECK(said_of<sound_neuron>("models/other_model.hpp") == texts{text});
  CHECK(said_of<sound_neuron>("some_model.hpp").empty());
}

TEST_CASE("model check: what has no words, or words that netlists cannot write, is refused", "[models]") {
  CHECK(said_of<silent>() ==
        texts{"info.name is \"\", but a model is called as its file: write \"some-model\", or rename file and struct",
              "info.title is empty: say in one line what the model is",
              "info.equation is empty: write the rule as the paper does",
              "info.source is empty: name the paper and its equation, or who made the model up"});
  CHECK(
      said_of<bad_words>() ==
      texts{
          "`parameters`: \"learning rate\" is no name for netlists: write letters, digits and _, a letter first",
          "`parameters`: \"learning rate\" has no unit; \"1\" if it has no dimension",
          "`parameters`: the default of \"learning rate\", 0, is outside its limits: a number > 0",
          "`parameters`: \"part\" has no meaning: say it in a phrase",
          "`parameters`: the default of \"part\", 1.5, is outside its limits: a number >= 1 and <= 0",
          "`parameters`: the default of \"number\", 0.5, is outside its limits: a whole number >= 0",
          "`parameters`: \"fast\" is no number and has limits: take them out",
          "`parameters`: \"part\" is there twice: each needs a name of its own",
          "`fields`: \"membrane.potential\" is no name for netlists: write letters, digits and _, a letter first",
          "`fields`: \"b\" has no unit; \"1\" if it has no dimension",
          "`fields`: the writer of \"b\" is reaction 2, which does not exist: list it in `reactions`, or name another "
          "writer",
          "`fields`: \"b\" has no meaning: say it in a phrase",
          "`fields`: \"b\" is there twice: each needs a name of its own",
          "`fields`: \"2nd\" is no name for netlists: write letters, digits and _, a letter first",
          "`fields`: the writer of \"2nd\" is reaction -1, which does not exist: list it in `reactions`, or name "
          "another writer",
          "`ports`: \"clamp\" is what stimuli impose: find another name",
          "`ports`: \"drive\" is one port, but described in two ways: give it one unit, meaning and source",
          "`ports` of the step: \"drive\" is there twice: each needs a name of its own",
      });
}

TEST_CASE("model check: a port of two phases is one port", "[models]") {
  CHECK(said_of<port_of_two_phases>().empty());
  CHECK(said_of<port_with_two_sources>() ==
        texts{"`ports`: \"drive\" is one port, but described in two ways: give it one unit, meaning and source"});
}

}  // namespace test_models_model_check
