/// Files of which parts are elsewhere: nothing leads out of a file that is read.

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "sim/core/archive.hpp"
#include "sim/core/errors.hpp"
#include "sim/netlist/weights_file.hpp"
#include "sim/trace/trace_reader.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_links {

namespace {

using Catch::Contains;
using namespace locus;
using namespace locus::test;

/// A trace, beside another one and a pipe that nobody writes to.
struct linked {
  scratch_directory folder;
  std::string file = folder.path("t.h5"), other = folder.path("other.h5"), pipe = folder.path("pipe");

  linked() {
    write_rich_trace(file);
    write_rich_trace(other);
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  }

  /// Puts something else in the place of a path.
  template <class F>
  void replace(const std::string& path, F&& put) const {
    const opened_for_writing out(file);
    const hid_t id = out.file().id.get();
    H5Ldelete(id, path.c_str(), H5P_DEFAULT);
    REQUIRE(put(id) >= 0);
  }

  /// A process of its own makes the link, for which it has to know links to other files again.
  void link_to(const std::string& target, const std::string& path, const std::string& there) const {
    const pid_t child = ::fork();
    if (child == 0) {
      H5L_class_t known = {};
      known.version = H5L_LINK_CLASS_T_VERS;
      known.id = H5L_TYPE_EXTERNAL;
      known.trav_func = [](const char*, hid_t, const void*, size_t, hid_t, hid_t) -> hid_t { return -1; };
      const std::string value = std::string(1, '\0') + target + '\0' + there + '\0';
      const opened_for_writing out(file);
      const hid_t id = out.file().id.get();
      const bool again = H5Lregister(&known) >= 0;
      H5Ldelete(id, path.c_str(), H5P_DEFAULT);
      const bool made =
          again &&
          H5Lcreate_ud(id, path.c_str(), known.id, value.data(), value.size(), H5P_DEFAULT, H5P_DEFAULT) >= 0 &&
          H5Fflush(id, H5F_SCOPE_LOCAL) >= 0;
      ::_exit(made ? 0 : 1);
    }
    int status = 1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
  }

  /// 20 x 2 doubles that are in `where`, at the path of a variable.
  void keep_outside(const std::string& path, const std::string& where) const {
    replace(path, [&](hid_t id) {
      const hsize_t size[] = {20, 2};
      const hdf5::handle space(H5Screate_simple(2, size, nullptr)), how(H5Pcreate(H5P_DATASET_CREATE));
      H5Pset_external(how.get(), where.c_str(), 0, 320);
      return hdf5::handle(
                 H5Dcreate2(id, path.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, how.get(), H5P_DEFAULT))
                         .get() >= 0
                 ? 0
                 : -1;
    });
  }
  void map_from(const std::string& path, const std::string& where) const {
    replace(path, [&](hid_t id) {
      const hsize_t size[] = {20, 2};
      const hdf5::handle space(H5Screate_simple(2, size, nullptr)), how(H5Pcreate(H5P_DATASET_CREATE));
      H5Pset_virtual(how.get(), space.get(), where.c_str(), path.c_str(), space.get());
      return hdf5::handle(
                 H5Dcreate2(id, path.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, how.get(), H5P_DEFAULT))
                         .get() >= 0
                 ? 0
                 : -1;
    });
  }

  [[nodiscard]] std::string error_of_trace() const {
    return message_of<run_error>([&] {
      const trace_reader trace(file);
      for (const trace_variable& v : trace.variables()) static_cast<void>(value_stream(trace, v).at(3));
      static_cast<void>(trace.stimuli(9));
    });
  }
  [[nodiscard]] std::string error_of_weights() const {
    return message_of<run_error>([&] { static_cast<void>(read_weights(file, "hidden1.forward")); });
  }
};

}  // namespace

TEST_CASE_METHOD(linked, "links: to another file, none is followed", "[hostile]") {
  for (const std::string& target : {other, pipe, folder.path("nothing.h5")}) {
    link_to(target, "/trace/hidden1.value/x", "/trace/hidden1.value/x");
    CHECK_THAT(error_of_trace(),
               Contains("(/trace/hidden1.value/x): it is a link that leads nowhere, or to another file"));
  }
  link_to(pipe, "/trace/hidden1.value", "/trace/hidden1.value");
  CHECK_THAT(error_of_trace(), Contains("(/trace/hidden1.value): it is a link that leads nowhere"));
  link_to(other, "/stimuli", "/stimuli");
  write_rich_trace(file);
  link_to(pipe, "/trace/hidden1.forward/theta", "/trace/hidden1.forward/theta");
  CHECK_THAT(error_of_weights(), Contains("no dataset \"hidden1.forward\""));
  // By way of a link within the file.
  write_rich_trace(file);
  link_to(other, "/elsewhere", "/");
  replace("/trace/hidden1.value/x", [](hid_t id) {
    return H5Lcreate_soft("/elsewhere/trace/hidden1.value/x", id, "/trace/hidden1.value/x", H5P_DEFAULT, H5P_DEFAULT);
  });
  CHECK_THAT(error_of_trace(), Contains("it is a link that leads nowhere, or to another file"));
}

TEST_CASE_METHOD(linked, "links: within the file they are followed", "[hostile]") {
  replace("/trace/hidden1.value/x", [](hid_t id) {
    return H5Lcreate_soft("/trace/hidden1.phi/spike", id, "/trace/hidden1.value/x", H5P_DEFAULT, H5P_DEFAULT);
  });
  CHECK(error_of_trace().empty());
}

TEST_CASE_METHOD(linked, "links: numbers that are kept in another file are not read", "[hostile]") {
  for (const std::string& where : {other, pipe, std::string("/dev/zero")}) {
    keep_outside("/trace/hidden1.value/x", where);
    CHECK_THAT(error_of_trace(), Contains("(/trace/hidden1.value/x): its numbers are in another file"));
  }
  write_rich_trace(file);
  for (const std::string& where : {other, pipe, std::string(".")}) {
    map_from("/trace/hidden1.value/x", where);
    CHECK_THAT(error_of_trace(), Contains("(/trace/hidden1.value/x): its numbers are in another file"));
  }
  for (const std::string& where : {other, pipe}) {
    keep_outside("/trace/hidden1.forward/theta", where);
    CHECK_THAT(error_of_weights(), Contains("(/trace/hidden1.forward/theta): its numbers are in another file"));
    map_from("/trace/hidden1.forward/theta", where);
    CHECK_THAT(error_of_weights(), Contains("(/trace/hidden1.forward/theta): its numbers are in another file"));
  }
}

TEST_CASE_METHOD(linked, "links: what is no file is not opened", "[hostile]") {
  file = pipe;
  CHECK_THAT(error_of_trace(), Contains("cannot read \"" + pipe + "\": it is no regular file"));
  CHECK_THAT(error_of_weights(), Contains("it is no regular file"));
  CHECK_THAT(message_of<run_error>([&] { static_cast<void>(archive::reader(pipe)); }),
             Contains("cannot resume from \"" + pipe + "\": it is no regular file"));
  file = folder.path();
  CHECK_THAT(error_of_trace(), Contains("it is no regular file"));
}

}  // namespace test_trace_links
