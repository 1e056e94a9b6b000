/// Samples with frames.

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "sim/audit/script.hpp"
#include "tests/experiment/relays.hpp"

namespace test_experiment_frames {

using namespace locus;
using namespace locus::testing;
using numbers = std::vector<double>;

namespace {

const std::string movie = "data = { inputs = [[[1], [2], [3]]], targets = [[[10], [20]]] }\nframe_ticks = 4\n";

}  // namespace

TEST_CASE("frames: each is shown for its ticks, and the last stays", "[experiment]") {
  played p(relay(movie + "predict = 3\nteach = 9\nrest = 3\n"));
  signals seen(p.r, {"in", "taught"});
  p.r.sim->observe(&seen);
  p.r.world.teach(std::vector<std::uint32_t>{0}, {3, 9, 3});
  CHECK(seen.of[0] == numbers{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3});
  CHECK(seen.of[1] == numbers{0, 0, 0, 10, 10, 10, 10, 20, 20, 20, 20, 20, 0, 0, 0});
}

TEST_CASE("frames: a teacher that stays shows its last frame until the next presentation's", "[experiment]") {
  played p(relay(movie + "predict = 3\nteach = 9\nrest = 3\nteacher_off = false\n"));
  signals seen(p.r, {"taught"});
  p.r.sim->observe(&seen);
  for (std::uint64_t n = 0; n < 2; ++n) p.r.world.teach(std::vector<std::uint32_t>{0}, {3, 9, 3, n});
  CHECK(seen.of[0] == numbers{0,  0,  0,  10, 10, 10, 10, 20, 20, 20, 20, 20, 20, 20, 20,
                              20, 20, 20, 10, 10, 10, 10, 20, 20, 20, 20, 20, 20, 20, 20});
}

TEST_CASE("frames: the answer to each is read in its last tick", "[experiment]") {
  // `out` sends what `in` sent two ticks before: at tick 6 (of 0 to 14) 2, at tick 10 3.
  played p(relay(movie + "predict = 3\nteach = 9\nrest = 3\n", "", 1));
  const answer_score taught = p.r.world.teach(std::vector<std::uint32_t>{0}, {3, 9, 3});
  CHECK(taught.samples == 2);
  CHECK(taught.loss == ((10 - 2) * (10 - 2) + (20 - 3) * (20 - 3)) / 2.0);
  CHECK(taught.judged == 0);
  CHECK(taught.r2() == 1 - taught.loss / (5 * 5));  // about the mean of all frames, 15
  const answer_key key(p.r.data, p.r.data.train);
  const answer_score asked = p.r.world.ask(key, std::vector<std::uint32_t>{0}, 1, 3);
  CHECK(asked.samples == 2);
  CHECK(asked.loss == taught.loss);  // asked without a teacher, at the same ticks
  CHECK(p.r.sim->now() == 15 + 11);
}

TEST_CASE("frames: what the teacher holds is no answer, but what follows from messages is", "[experiment]") {
  const std::string text = relay(movie + "predict = 3\nteach = 9\nrest = 3\n");
  std::string held = text;
  held.replace(held.find("answer = 'out.signal'"), 21, "answer = 'taught.signal'");
  played p(held);
  CHECK(p.r.world.teach(std::vector<std::uint32_t>{0}, {3, 9, 3}).samples == 0);
  const answer_key key(p.r.data, p.r.data.train);
  CHECK(p.r.world.ask(key, std::vector<std::uint32_t>{0}, 1, 3).samples == 2);

  played q(
      "[[model]]\nname = 'judge'\nkind = 'neuron'\n[model.ports]\ntold = 'answer'\n"
      "[model.state]\ntarget = 'of the teacher'\nmu = 'answer'\n[model.rules]\nstep = 'target <- 0'\n"
      "clamp = 'target <- value'\nreact = 'mu <- told'\n" +
      relay(movie + "predict = 3\nteach = 9\nrest = 3\n") +
      "[[population]]\nname = 'judge'\nmodel = 'judge'\nsize = 1\n"
      "[[projection]]\nname = 'q'\nfrom = 'in.signal'\nto = 'judge.told'\n"
      "[[stimulus]]\npopulation = 'judge'\nrole = 'teacher'\nanswer = 'judge.mu'\n");
  const answer_score both = q.r.world.teach(std::vector<std::uint32_t>{0}, {3, 9, 3});
  CHECK(both.samples == 2);  // `out` and `judge` answer each frame together
}

TEST_CASE("frames: a movie with one target is answered before the teacher", "[experiment]") {
  played p(relay("data = { inputs = [[[1], [2], [3]]], targets = [[5]] }\nframe_ticks = 4\npredict = 9\nteach = 3\n"));
  const answer_score taught = p.r.world.teach(std::vector<std::uint32_t>{0}, {9, 3, 0});
  CHECK(taught.samples == 1);
  CHECK(taught.loss == (5 - 2) * (5 - 2) / 2.0);  // frame 3 has come in tick 8, and is heard in tick 9
}

TEST_CASE("frames: one frame is no frame", "[experiment]") {
  const std::string times = "predict = 3\nteach = 2\n";
  played plain(relay("data = { inputs = [[1], [2]], targets = [[5], [6]] }\n" + times));
  played framed(relay("data = { inputs = [[[1]], [[2]]], targets = [[[5]], [[6]]] }\n" + times));
  recorder a, b;
  plain.r.sim->observe(&a);
  framed.r.sim->observe(&b);
  for (const std::uint32_t sample : {0U, 1U}) {
    const answer_score one = plain.r.world.teach(std::vector{sample}, {3, 2, 0});
    CHECK(one.loss == framed.r.world.teach(std::vector{sample}, {3, 2, 0}).loss);
  }
  CHECK(first_difference(a, b) == -1);
}

TEST_CASE("frames: each lane shows its own sample's", "[experiment]") {
  played p(
      relay("data = { inputs = [[[1], [2]], [[3], [4]]], targets = [[0], [0]] }\nframe_ticks = 2\npredict = 3\n"
            "teach = 1\n",
            "", 0, 2));
  p.r.world.teach(std::vector<std::uint32_t>{1, 0}, {3, 1, 0});
  CHECK(p.r.sim->value(p.r.output("in", "signal"), 0, 0) == 4);
  CHECK(p.r.sim->value(p.r.output("in", "signal"), 0, 1) == 2);
}

TEST_CASE("frames: times that do not fit are refused, with the place in the netlist", "[experiment]") {
  const auto with = [](const std::string& data, const std::string& times) {
    return message_of_run(relay(data + times));
  };
  const std::string inputs = "data = { inputs = [[[1], [2], [3]]], targets = [[5]] }\n";
  const std::string targets = "data = { inputs = [[1]], targets = [[[5], [6]]] }\n";
  CHECK(with(inputs, "frame_ticks = 4\npredict = 10\nteach = 1\nrest = 1\n").empty());
  CHECK(with(inputs, "frame_ticks = 4\npredict = 10\nteach = 1\nrest = [0, 5]\n")
            .find("stimuli.frame_ticks = 4: the inputs have 3 frames, but a presentation (stimuli.predict + teach + "
                  "rest) may "
                  "take only 11 ticks") != std::string::npos);
  CHECK(with(inputs, "predict = 10\n")
            .find("the inputs of data \"inline\" have 3 frames a sample: set "
                  "stimuli.frame_ticks, the ticks for which each is shown") != std::string::npos);
  CHECK(with(targets, "frame_ticks = 4\nteach = 8\n").empty());
  CHECK(with(targets, "frame_ticks = 4\nteach = [7, 9]\n")
            .find("stimuli.frame_ticks = 4: the targets have 2 frames, but the teacher (stimuli.teach) may take only 7 "
                  "ticks") != std::string::npos);
  const std::string none = with("data = { inputs = [[1]], targets = [[5]] }\n", "frame_ticks = 4\n");
  CHECK(none.find("stimuli.frame_ticks = 4: the data \"inline\" have no frames") != std::string::npos);
  CHECK(none.find(":5:") != std::string::npos);
}

TEST_CASE("frames: the audit plays what the presenter presents", "[experiment]") {
  played p(relay(movie + "predict = 3\nteach = 9\nrest = 3\n",
                 "[[population]]\nname = 'told'\nmodel = 'controller'\nsize = 1\n"
                 "[[stimulus]]\npopulation = 'told'\nrole = 'control'\nonset = -2\nticks = 3\n"));
  recorder presented, played_back;
  p.r.sim->observe(&presented);
  const std::vector<presentation_times> times{{3, 9, 3, 0}, {4, 8, 5, 1}};
  for (const presentation_times& t : times) p.r.world.teach(std::vector<std::uint32_t>{0}, t);
  const auto other = make_simulator(p.r.net);
  other->observe(&played_back);
  const script world = write_script(p.r.net, p.netlist, p.r.data, times);
  player(world, *other).run_to(world.ticks());
  CHECK(presented.states.size() == 32);
  CHECK(first_difference(presented, played_back) == -1);
}

}  // namespace test_experiment_frames
