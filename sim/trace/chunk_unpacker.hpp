#pragma once
/// The way back from chunk_packer: reads recorded frames by whole chunks, which ISA-L unpacks in a third of the time
/// that zlib takes. Where ticks are looked at one by one, in traces of many neurons, that time is what one waits for.

#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus {

/// Frames [first, first + count) of a dataset [frame][neuron] or [frame][neuron][lane], row by row. False if its
/// numbers are of another width, or lie or are packed otherwise than those of traces, or do not come out whole: HDF5
/// may be able to read them, or say what is wrong. Requires: the caller holds an hdf5::session; the frames lie within
/// the dataset.
template <class Number>
[[nodiscard]] bool unpack_frames(const hdf5::object& dataset, hsize_t first, hsize_t count, std::vector<Number>& to);

extern template bool unpack_frames(const hdf5::object&, hsize_t, hsize_t, std::vector<float>&);
extern template bool unpack_frames(const hdf5::object&, hsize_t, hsize_t, std::vector<double>&);

}  // namespace locus
