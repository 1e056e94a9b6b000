#pragma once
/// Its name is another model's.

#include "models/controller.hpp"

namespace locus::models {

struct unlike_its_file : controller {};

}  // namespace locus::models
