#pragma once
/// A small trace of the fake circuit, to which changes, stimuli, an overview and messages are added by hand.

#include <string>
#include <utility>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "tests/trace/fake_simulator.hpp"

namespace locus::test {

/// An HDF5 file opened for changes.
class opened_for_writing {
 public:
  explicit opened_for_writing(const std::string& path)
      : file_{hdf5::handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)), path, ""} {}

  [[nodiscard]] const hdf5::object& file() const { return file_; }

  void integers(const std::string& path, const std::vector<std::int64_t>& numbers, hid_t type) const {
    hdf5::write(made(path, type, numbers.size()), H5T_NATIVE_INT64, numbers.data());
  }
  void numbers(const std::string& path, const std::vector<double>& values) const {
    hdf5::write(made(path, H5T_IEEE_F64LE, values.size()), H5T_NATIVE_DOUBLE, values.data());
  }
  void texts(const std::string& path, const std::vector<std::string>& values) const {
    const hdf5::handle type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    std::vector<const char*> pointers;
    for (const std::string& v : values) pointers.push_back(v.c_str());
    hdf5::write(made(path, type.get(), values.size()), type.get(), pointers.data());
  }

 private:
  [[nodiscard]] hdf5::object made(const std::string& path, hid_t type, std::size_t count) const {
    return hdf5::create_dataset(file_, path, type, {.size = {count}, .chunk = {}});
  }

  hdf5::session exclusive_;
  hdf5::object file_;
};

/// 20 ticks of x, spike and theta; b of hidden1.value as changes; two stimuli; four messages.
inline void write_rich_trace(const std::string& path, const std::string& precision = "f64", std::uint32_t lanes = 1) {
  const fake_models models;
  const circuit c = fake_circuit(models, precision, lanes);
  fake_simulator s(c);
  {
    trace_writer trace(c, recording(path, {"x", "spike", "theta"}), provenance, true);
    run_ticks(trace, s, 0, 20);
    trace.close();
  }
  const opened_for_writing out(path);
  const std::string changes = "/changes/hidden1.value/b/";
  out.integers(changes + "tick", {0, 0, 3, 3, 7}, H5T_STD_I64LE);
  out.integers(changes + "neuron", {0, 1, 0, 1, 1}, H5T_STD_U32LE);
  out.integers(changes + "lane", {0, 0, 0, 0, 0}, H5T_STD_U32LE);
  out.numbers(changes + "value", {0.0, 0.5, 1.0, -1.0, 2.5});
  out.integers("/stimuli/input.value/on", {0, 10}, H5T_STD_I64LE);
  out.integers("/stimuli/input.value/off", {8, 18}, H5T_STD_I64LE);
  out.integers("/messages/tick", {2, 2, 2, 5}, H5T_STD_I64LE);
  out.integers("/messages/level", {1, 0, 1, 1}, H5T_STD_I32LE);
  out.integers("/messages/connection", {0, 1, 0, 0}, H5T_STD_U32LE);
  out.integers("/messages/source", {2, 1, 0, 1}, H5T_STD_U32LE);
  out.integers("/messages/target", {0, 1, 1, 1}, H5T_STD_U32LE);
  out.integers("/messages/lane", {0, 0, 0, 0}, H5T_STD_U32LE);
  out.numbers("/messages/sent", {0.5, 1.0, 0.25, 2.0});
  out.numbers("/messages/value", {0.125, 1.0, -0.5, 4.0});
  out.texts("/messages/connections/name", {"hidden1.forward", "hidden1.value.x->hidden1.phi.error"});
  out.texts("/messages/connections/from", {"input.value.x", "hidden1.value.x"});
  out.texts("/messages/connections/to", {"hidden1.value.in", "hidden1.phi.error"});
  const hdf5::object messages = hdf5::open_group(out.file(), "/messages");
  hdf5::set_integer(messages, "limit", 4);
  hdf5::set_integer(messages, "dropped", 17);
}

}  // namespace locus::test
