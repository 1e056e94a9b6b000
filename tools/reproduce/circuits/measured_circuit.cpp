#include "tools/reproduce/circuits/measured_circuit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "sim/audit/audit.hpp"
#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/bench/measure.hpp"
#include "tools/bench/networks.hpp"
#include "tools/locus/subject.hpp"
#include "tools/reproduce/data.hpp"

namespace locus::tools {
namespace {

/// Seed 1 is the netlist as it is; seed n adds n - 1 to the seeds of all weights that are drawn.
void seed_weights(description& d, std::uint64_t seed) {
  for (projection_description& p : d.projections) {
    if (auto* drawn = std::get_if<random_weights>(&p.weights)) drawn->seed += seed - 1;
  }
}

/// A number of samples (0: all) that is no more than so many.
std::uint32_t at_most(std::uint32_t limit, std::uint32_t most) { return limit == 0 ? most : std::min(limit, most); }

/// What seeds and the small form do to the circuit and to those that it is compared with.
void prepare(audit_subject& subject, const reproduce_settings& settings, std::uint64_t seed) {
  const auto each = [&](description& d) {
    seed_weights(d, seed);
    if (!settings.quick()) return;
    d.epochs = 1;
    d.data.train_limit = at_most(d.data.train_limit, std::max<std::uint32_t>(100, 5 * d.lanes));
    d.data.test_limit = at_most(d.data.test_limit, 50);
  };
  each(subject.netlist);
  for (auto* other : {&subject.twin, &subject.deeper}) {
    if (*other) each(**other);
  }
}

/// A score as a number, and its unit; not a number: there is none.
std::pair<double, std::string> score_of(const answer_score& score, const circuit& net) {
  if (const auto accuracy = score.accuracy()) return {100 * *accuracy, "%"};
  if (const auto r2 = score.r2()) return {*r2, "R2"};
  for (std::size_t n = 0; n < score.reports.size(); ++n) {
    if (const auto value = score.reports[n].value()) return {*value, std::string(name_of(score.reports[n].function))};
  }
  const bool taught = std::any_of(net.stimuli.begin(), net.stimuli.end(),
                                  [](const stimulus& s) { return s.role == stimulus_role::teacher; });
  return {std::nan(""), taught ? "no score" : "no teacher"};
}

/// Control switches on or off, or a state is imposed, at so many moments within a presentation, and one more.
double count_phases(const circuit& net, const description& d, const data_set& data) {
  const presentation_times times = draw_times(d.timeline, 0);
  std::set<tick_t> moments;
  for (const stimulus_change& change : changes_in(net, d.timeline, data.train, times)) {
    const stimulus_role role = net.stimuli[change.stimulus].role;
    if (role != stimulus_role::control && role != stimulus_role::imposed) continue;
    if (change.at > 0 && change.at < times.predict + times.teach + times.rest) moments.insert(change.at);
  }
  return static_cast<double>(moments.size() + 1);
}

class circuit_measurement {
 public:
  circuit_measurement(const reproduce_settings& settings, const std::string& file) : settings_(settings), file_(file) {
    out_.name = std::filesystem::path(file).stem().string();
  }

  measured_circuit run() {
    out_.netlist = document::from_file(file_, settings_.overrides).canonical_text();
    for (const std::uint64_t seed : settings_.seeds) {
      audit_subject subject = read_subject(file_, settings_.overrides);
      once_ = subject.netlist.epochs == 1;
      prepare(subject, settings_, seed);
      if (!has_data(subject.netlist.data.source)) {
        out_.left_out = fmt::format("{} is not there", subject.netlist.data.source);
        return std::move(out_);
      }
      const bool first = out_.runs.empty();
      data_set data = load_data(subject.netlist.data);
      if (first) {
        audited(subject, data);
        timed(subject, data);
        out_.epochs = subject.netlist.epochs;
      }
      shorten(subject, data);
      train(subject, data, first);
    }
    return std::move(out_);
  }

 private:
  // ---- the audit --------------------------------------------------------------------------------------------------

  void audited(const audit_subject& subject, const data_set& data) {
    const audit_report report = audit(subject, data, audit_effort(settings_));
    const verdict& equivalence = report.of(criterion::equivalence);
    out_.has_twin = subject.twin.has_value();
    out_.equivalent = equivalence.result == outcome::holds;
    out_.equivalence = equivalence.detail;
    out_.local_computation = mark(report.of(criterion::local_computation));
    const auto level = report.locality();
    out_.plasticity =
        level ? fmt::format("{} class {}", mark(report.of(criterion::local_plasticity)), *level) : "nothing learns";
    const verdict& transport = report.of(criterion::no_weight_transport);
    out_.transport = report.feedback.empty()                     ? "no feedback"
                     : transport.result == outcome::fails        ? "yes"
                     : transport.result == outcome::not_measured ? "not measured"
                     : transport.detail.empty()                  ? "none"
                                                                 : transport.detail;
    out_.control = report.control.empty() ? "none" : fmt::format("{}", fmt::join(report.control, ", "));
    if (!report.noise.empty()) out_.control += fmt::format("; noise: {}", fmt::join(report.noise, ", "));
    const std::string& sent = report.of(criterion::full_autonomy).detail;  // "3 control messages per update"
    out_.control_messages = sent.empty() ? "0" : sent.substr(0, sent.find(" control"));
    follow_locking(report.locking);
    for (const feedback_report& f : report.feedback) add_pair(f, report);
    const circuit net = build_circuit(subject.netlist);
    out_.phases = count_phases(net, subject.netlist, data);
    out_.ticks = static_cast<double>(longest_presentation(subject.netlist.timeline));
  }

  static std::string mark(const verdict& v) {
    return v.result == outcome::holds ? "✔" : v.result == outcome::fails ? "✘" : "-";
  }

  void follow_locking(const locking_result& l) {
    if (l.all.presentations == 0) return;
    out_.changes = static_cast<double>(l.all.changes) / static_cast<double>(l.all.presentations);
    out_.first = static_cast<double>(l.all.first.least);
    out_.after = static_cast<double>(l.all.first_after_teacher.least);
    out_.until = static_cast<double>(l.all.last_after_teacher.most);
  }

  /// Nothing if it does not learn.
  static const locking* learning_of(const audit_report& report, const std::string& projection) {
    for (const locking& l : report.locking.projections) {
      if (l.projection == projection && l.presentations > 0) return &l;
    }
    return nullptr;
  }

  void add_pair(const feedback_report& f, const audit_report& report) {
    feedback_pair pair{f.forward, f.feedback, f.relation};
    if (const locking* back = f.relation == "shared" ? nullptr : learning_of(report, f.feedback)) {
      pair.learns = pair.apart = true;
      for (const feedback_report& other : report.feedback) {
        const locking* forward = learning_of(report, other.forward);
        if (forward == nullptr || forward == back) continue;
        if (back->first_after_teacher.least <= forward->last_after_teacher.most &&
            forward->first_after_teacher.least <= back->last_after_teacher.most)
          pair.apart = false;
      }
    }
    out_.pairs.push_back(std::move(pair));
  }

  // ---- its time ---------------------------------------------------------------------------------------------------

  void timed(const audit_subject& subject, const data_set& data) {
    try {
      bench::trainer ours(subject.netlist, data, bench::on_threads(1));
      out_.messages = messages_of(ours);
      if (!subject.twin) return;
      bench::trainer twin(*subject.twin, data, bench::on_threads(1));
      out_.twin_messages = messages_of(twin);
      const bench::contestant both[] = {{"", [&](std::uint64_t n) { ours.update(n); }},
                                        {"", [&](std::uint64_t n) { twin.update(n); }}};
      const auto rounds = bench::alternate(both, settings_.quick() ? bench::pace{3, 0.02} : bench::pace{9, 1.5});
      std::vector<double> ratios;
      for (std::size_t r = 0; r < rounds[0].size(); ++r) ratios.push_back(rounds[0][r].cpu / rounds[1][r].cpu);
      out_.time = bench::spread_of(ratios).median;
    } catch (const nonfinite_error&) {  // at this learning rate; its training will tell
    }
  }

  static double messages_of(bench::trainer& t) {
    for (const auto& [name, value] : t.work()) {
      if (name == "messages") return value;
    }
    throw internal_error("nobody counts messages");
  }

  // ---- its training -----------------------------------------------------------------------------------------------

  /// To what is affordable.
  void shorten(audit_subject& subject, data_set& data) {
    description& d = subject.netlist;
    const std::uint64_t batches = data.train.count() / std::max<std::uint32_t>(1, d.lanes);
    training_length length{d.epochs, batches};
    if (settings_.size != extent::full) length = affordable_length(out_.messages, length);
    if (length.batches < batches) {
      d.data.train_limit = static_cast<std::uint32_t>(length.batches) * d.lanes;
      d.data.test_limit = at_most(d.data.test_limit, 1000);
      data = load_data(d.data);
    }
    d.epochs = length.epochs;
    out_.passes = batches == 0 ? 0
                               : static_cast<double>(length.epochs) * static_cast<double>(length.batches) /
                                     static_cast<double>(batches);
    if (!subject.twin) return;
    subject.twin->epochs = d.epochs;
    subject.twin->shuffle = d.shuffle;
  }

  void train(const audit_subject& subject, const data_set& data, bool first) {
    trained_run& run = out_.runs.emplace_back();
    experiment_options options;
    options.against = subject.twin ? &*subject.twin : nullptr;
    options.measure_angles = subject.twin.has_value();
    options.on_epoch = [&](experiment& x, const epoch_result& e) { add_epoch(run, e, x.net()); };
    if (once_ && first && subject.twin) {
      options.on_angle = [&](experiment&, const angle_sample& angle, const answer_score& answer) {
        out_.followed.push_back(angle.layers.front());
        out_.followed_loss.push_back(answer.mean_loss().value_or(std::nan("")));
      };
    }
    experiment x(subject.netlist, data, options);
    if (subject.twin) out_.layers = fmt::format("{}", fmt::join(x.angle_names(), "\n"));
    if (data.test.count() == 0) out_.unit = "no test set";
    try {
      x.run();
    } catch (const nonfinite_error&) {
      run.ended = "diverged";
    }
    for (const feedback_pair& pair : out_.pairs) measure_feedback(run, x, pair);
    if (subject.twin && data.test.count() > 0) run.twin_test = twin_score(*subject.twin, data);
  }

  void add_epoch(trained_run& run, const epoch_result& e, const circuit& net) {
    run.loss.push_back(e.train.mean_loss().value_or(std::nan("")));
    if (e.test) {
      const auto [value, unit] = score_of(*e.test, net);
      run.test.push_back(value);
      out_.unit = unit;
      out_.scored = !std::isnan(value);
    } else {
      run.test.push_back(std::nan(""));
    }
    if (!e.angle) return;
    run.angles.insert(run.angles.end(), e.angle->layers.begin(), e.angle->layers.end());
    run.ratios.insert(run.ratios.end(), e.angle->ratios.begin(), e.angle->ratios.end());
  }

  static void measure_feedback(trained_run& run, experiment& x, const feedback_pair& pair) {
    const circuit& net = x.net();
    const auto f = net.find_projection(pair.forward), b = net.find_projection(pair.feedback);
    if (!f || !b) throw internal_error("the audit names a projection that is not there");
    const projection &forward = net.projections[*f], &feedback = net.projections[*b];
    const bool transposed =
        net.size_before(forward) == net.size_after(feedback) && net.size_after(forward) == net.size_before(feedback);
    const std::vector<double> all_forward = x.sim().weights(*f), all_feedback = x.sim().weights(*b);
    std::vector<double> ours, theirs;
    each_common(net, forward, feedback, transposed, [&](std::size_t i, std::size_t k) {
      ours.push_back(all_forward[i]);
      theirs.push_back(all_feedback[k]);
    });
    const pair_measures m = measure_pair(ours, theirs, net.precision == precision::f32);
    run.magnitude.push_back(m.magnitude);
    run.same_sign.push_back(m.same_sign);
    run.angle.push_back(m.angle);
  }

  /// What the twin comes to by itself.
  static double twin_score(const description& twin, const data_set& data) {
    try {
      experiment x(twin, data, {});
      const run_result result = x.run();
      return result.epochs.empty() || !result.epochs.back().test ? std::nan("")
                                                                 : score_of(*result.epochs.back().test, x.net()).first;
    } catch (const nonfinite_error&) {
      return std::nan("");
    }
  }

  const reproduce_settings& settings_;
  const std::string& file_;
  bool once_ = false;  ///< whether the netlist passes over its data once
  measured_circuit out_;
};

}  // namespace

std::size_t measured_circuit::angle_count() const {
  return layers.empty() ? 0 : static_cast<std::size_t>(std::count(layers.begin(), layers.end(), '\n')) + 1;
}

void serialize(archive& a, trained_run& r) {
  a.list("loss", r.loss);
  a.list("test", r.test);
  a.list("angles", r.angles);
  a.list("ratios", r.ratios);
  a.value("twin_test", r.twin_test);
  a.value("ended", r.ended);
  a.list("magnitude", r.magnitude);
  a.list("same_sign", r.same_sign);
  a.list("angle", r.angle);
}

void serialize(archive& a, feedback_pair& p) {
  a.value("forward", p.forward);
  a.value("feedback", p.feedback);
  a.value("relation", p.relation);
  a.value("learns", p.learns);
  a.value("apart", p.apart);
}

void serialize(archive& a, measured_circuit& c) {
  for (auto& [name, text] :
       std::initializer_list<std::pair<const char*, std::string*>>{{"name", &c.name},
                                                                   {"netlist", &c.netlist},
                                                                   {"left_out", &c.left_out},
                                                                   {"unit", &c.unit},
                                                                   {"layers", &c.layers},
                                                                   {"equivalence", &c.equivalence},
                                                                   {"local_computation", &c.local_computation},
                                                                   {"plasticity", &c.plasticity},
                                                                   {"transport", &c.transport},
                                                                   {"control", &c.control},
                                                                   {"control_messages", &c.control_messages}})
    a.value(name, *text);
  for (auto& [name, number] :
       std::initializer_list<std::pair<const char*, double*>>{{"passes", &c.passes},
                                                              {"epochs", &c.epochs},
                                                              {"phases", &c.phases},
                                                              {"ticks", &c.ticks},
                                                              {"changes", &c.changes},
                                                              {"first", &c.first},
                                                              {"after", &c.after},
                                                              {"until", &c.until},
                                                              {"time", &c.time},
                                                              {"messages", &c.messages},
                                                              {"twin_messages", &c.twin_messages}})
    a.value(name, *number);
  a.value("scored", c.scored);
  a.value("has_twin", c.has_twin);
  a.value("equivalent", c.equivalent);
  a.list("followed", c.followed);
  a.list("followed_loss", c.followed_loss);
  {
    const auto part = a.enter("runs");
    sweep::serialize(a, c.runs);
  }
  const auto part = a.enter("pairs");
  sweep::serialize(a, c.pairs);
}

training_length affordable_length(double messages, const training_length& asked) {
  const double most = std::max(1.0, std::floor(affordable_messages / std::max(1.0, messages)));
  const auto batches = static_cast<double>(asked.batches);
  if (asked.epochs * batches <= most) return asked;
  if (most < batches) return {1, static_cast<std::uint64_t>(most)};
  return {static_cast<std::uint32_t>(most / batches), asked.batches};
}

measured_circuit measure_circuit(const reproduce_settings& settings, const std::string& file) {
  return circuit_measurement(settings, file).run();
}

}  // namespace locus::tools
