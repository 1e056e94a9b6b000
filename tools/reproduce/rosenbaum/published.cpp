#include "tools/reproduce/rosenbaum/published.hpp"

namespace locus::tools::rosenbaum {

const std::vector<published_update>& published_updates() {
  static const std::vector<published_update> all = {
      {"strict", 0.1, 5, {1.00, 0.999, 0.957, 0.685}, {90, 63, 8.5, 2.3}},
      {"strict", 0.1, 20, {0.989, 0.922, 0.743, 0.297}, {62, 26, 18, 5.0}},
      {"strict", 0.1, 100, {0.798, 0.557, 0.347, 0.065}, {44, 20, 13, 3.0}},
      {"strict", 0.1, 200, {0.685, 0.374, 0.192, 0.035}, {40, 14, 7.4, 1.8}},
      {"strict", 0.1, 400, {0.65, 0.30, 0.10, 0.02}, {}},
      {"strict", 0.2, 20, {0.920, 0.780, 0.585, 0.154}, {39, 22, 18, 4.3}},
      {"strict", 0.2, 200, {0.294, 0.125, 0.068, 0.013}, {13, 4.7, 2.7, 0.67}},
      {"strict", 0.5, 10, {6.7, 38, 118, 5.9}, {106, 88, 110, 72}},
      {"strict", 1, 10, {0.38, 3.6, 13, 1.3}, {82, 96, 86, 77}},
      {"fixed-prediction", 0.1, 10, {0.992, 0.944, 0.774, 0.389}, {}},
      {"fixed-prediction", 0.1, 20, {0.885, 0.690, 0.424, 0.140}, {5.4, 5.9, 1.8, 1.0}},
      {"fixed-prediction", 0.1, 100, {0.151, 0.164, 0.057, 0.030}, {}},
      {"fixed-prediction", 0.1, 200, {0.151, 0.164, 0.057, 0.030}, {}},
      {"fixed-prediction", 0.2, 200, {0.098, 0.110, 0.031, 0.016}, {}},
      {"fixed-prediction", 0.5, 10, {0.255, 0.081, 0.022, 0.0062}, {}},
      {"fixed-prediction", 0.5, 200, {0.040, 0.045, 0.011, 0.0054}, {}},
      {"fixed-prediction", 1, 5, {0.0027, 0.0034, 0.0024, 0.0015}, {0.13, 0.18, 0.14, 0.08}},
  };
  return all;
}

const std::vector<published_training>& published_trainings() {
  static const std::vector<published_training> all = {
      {"Fig. 1", "strict", false, 0.1, 20, {0.98, 0.94, 0.77, 0.32}, {33, 26, 17, 6}, 97.3, 97.6},
      {"Fig. 3", "fixed-prediction", true, 0.1, 20, {0.890, 0.714, 0.423, 0.140}, {6.9, 5.6, 2.0, 1.5}, 95.6, 96.3},
      {"Fig. 5", "fixed-prediction", true, 1, 5, {0.0040, 0.0037, 0.0025, 0.0015}, {0.2, 0.2, 0.14, 0.09}, 96.4, 96.3},
  };
  return all;
}

const std::vector<published_loss>& published_losses() {
  static const std::vector<published_loss> all = {
      {"strict", {0.0992, 0.0387, 0.0215, 0.0176, 0.0127, 0.0093, 0.0094, 0.0079}},
      {"bp", {0.0992, 0.0379, 0.0196, 0.0151, 0.0111, 0.0081, 0.0084, 0.0072}},
  };
  return all;
}

}  // namespace locus::tools::rosenbaum
