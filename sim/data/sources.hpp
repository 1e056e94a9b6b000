#pragma once
/// One reader a source of data. All of them return the whole of it: load_data() applies the limits.

#include <cstdint>
#include <span>
#include <string>

#include "sim/data/data_set.hpp"

namespace locus {

/// The embedded digits: 1797 images of 8 x 8 pixels, 1437 of them for training. Pixel k of 0..16 is k / 16 (exact).
/// split = "shuffled": by a permutation drawn from split_seed; "file-order": the first 1437 are for training.
[[nodiscard]] data_set load_digits(const data_description& description);

/// The arrays that the netlist holds or names. Classes, a list of whole numbers, become one-hot targets.
[[nodiscard]] data_set load_arrays(const data_description& description);

/// Samples made by a random network, drawn anew for each number from (seed, sample, column); training samples first.
[[nodiscard]] data_set load_teacher(const data_description& description);

/// A directory with the four files of MNIST, Fashion-MNIST and their like, plain or gzipped:
/// {train,t10k}-{images-idx3,labels-idx1}-ubyte, also spelt train-images.idx3-ubyte. Pixel k of 0..255 is k / 255.
/// Without both t10k files the test set is empty.
[[nodiscard]] data_set load_idx(const std::string& directory);

/// The set `name` ("mnist", "fashion-mnist") in its folder of data_folder(), as load_idx() reads it. Throws run_error
/// that says how to fetch it if there is no such folder.
[[nodiscard]] data_set load_fetched(const std::string& name);

/// Comma-separated numbers under a header line; every error names file:line:column.
///   # lines that start with # are comments; empty lines are skipped
///   x0,x1,y0,set         inputs x0..x{n-1} and targets y0..y{m-1}, in any order, n and m at least 1
///   0.5,1e-3,1,train     finite decimal numbers, spaces around them allowed, no quotes
///   0.25,-7,0,test       optional column `set`: train or test; without it all samples are for training
[[nodiscard]] data_set load_csv(const std::string& file);

/// One row of `width` bytes a label, 1 in the label's column and 0 elsewhere. Requires: every label < width.
[[nodiscard]] number_table one_hot(std::span<const std::uint8_t> labels, std::uint32_t width);

}  // namespace locus
