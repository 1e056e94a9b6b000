#include "sim/core/atomic_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/stored.hpp"

namespace test_core_atomic_file {

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;
using Catch::Equals;
namespace fs = std::filesystem;

struct written_files {
  scratch_directory folder;
  std::string file = folder.path("a.txt");

  std::string refusal(const std::string& path) const {
    return message_of<user_error>([&] { const atomic_file attempt(path); });
  }
  /// How many files the folder has.
  std::ptrdiff_t count() const {
    return std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator());
  }
  /// Something like /dev/null that may be lost: root would replace the real one if the tested code did.
  std::string null_device() const {
    const std::string path = folder.path("null");
    if (::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) fs::create_symlink("/dev/null", path);
    return path;
  }
  mode_t mode_of(const std::string& path) const {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return status.st_mode;
  }
};

}  // namespace

TEST_CASE_METHOD(written_files, "atomic file: nothing is there before commit, everything afterwards") {
  folder.write("a.txt", "old");
  {
    const atomic_file unfinished(file);
    std::ofstream(unfinished.path()) << "half";
    CHECK(bytes_of(file) == "old");
  }
  CHECK(count() == 1);
  atomic_file place(file);
  CHECK(place.path() == file + "." + std::to_string(::getpid()) + ".part");
  std::ofstream(place.path()) << "new";
  place.commit();
  CHECK(bytes_of(file) == "new");
  CHECK(count() == 1);
}

TEST_CASE_METHOD(written_files, "atomic file: what a killed process of the same number left is in nobody's way") {
  const std::string left = file + "." + std::to_string(::getpid()) + ".part";
  for (const bool a_folder : {false, true}) {
    if (a_folder) fs::create_directory(left);
    else std::ofstream(left) << "left";
    write_file(file, "new");
    CHECK(bytes_of(file) == "new");
    CHECK(fs::exists(left));
    if (!a_folder) CHECK(bytes_of(left) == "left");
    fs::remove(left);
  }
  CHECK(count() == 1);
}

TEST_CASE_METHOD(written_files, "atomic file: two of one name do not touch each other") {
  atomic_file one(file), two(file);
  std::ofstream(one.path()) << "one";
  std::ofstream(two.path()) << "two";
  one.commit();
  CHECK(bytes_of(file) == "one");
  CHECK_THAT(message_of<run_error>([&] { two.commit(false); }), Equals("cannot write \"" + file + "\": File exists"));
  CHECK(bytes_of(file) == "one");
  two.commit();
  CHECK(bytes_of(file) == "two");
}

TEST_CASE_METHOD(written_files, "atomic file: a link stays, and its target is replaced or made") {
  fs::create_directory(folder.path("far"));
  fs::create_symlink("far/b.txt", file);
  fs::create_symlink("a.txt", folder.path("chain"));
  for (const char* text : {"made", "replaced"}) {
    write_file(folder.path("chain"), text);
    CHECK(fs::is_symlink(file));
    CHECK(fs::is_symlink(folder.path("chain")));
    CHECK(bytes_of(folder.path("far/b.txt")) == text);
  }
  CHECK(count() == 3);
  fs::create_symlink("loop", folder.path("loop"));
  CHECK_THAT(refusal(folder.path("loop")), Contains("Too many levels of symbolic links"));
  fs::create_symlink("none/b.txt", folder.path("nowhere"));
  CHECK_THAT(refusal(folder.path("nowhere")), Contains("nowhere\": No such file or directory"));
}

TEST_CASE_METHOD(written_files, "atomic file: permissions are kept") {
  for (const mode_t mode : {0600u, 0644u, 0664u}) {
    folder.write("a.txt", "old");
    ::chmod(file.c_str(), mode);
    write_file(file, "new");
    CHECK((mode_of(file) & 0777u) == mode);
  }
  const mode_t mask = ::umask(027);
  write_file(folder.path("b.txt"), "new");
  ::umask(mask);
  CHECK((mode_of(folder.path("b.txt")) & 0777u) == 0640);
}

TEST_CASE_METHOD(written_files, "atomic file: only files are replaced") {
  const std::string pipe = folder.path("pipe"), socket = folder.path("socket");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const std::string null = null_device();
  fs::create_symlink("null", folder.path("link"));
  const auto refused = [&](const std::string& path, const std::string& kind) {
    CHECK_THAT(message_of<usage_error>([&] { const atomic_file attempt(path); }),
               Equals("cannot write \"" + path + "\": it is " + kind +
                      ", and only a file can be replaced: choose another name"));
  };
  refused(null, "a device");
  refused(folder.path("link"), "a device");
  refused(pipe, "a pipe");
  refused(socket, "a socket");
  refused(folder.path(), "a folder");
  CHECK(S_ISCHR(mode_of(null)));
  CHECK(S_ISFIFO(mode_of(pipe)));
  CHECK(S_ISSOCK(mode_of(socket)));
  CHECK(fs::is_symlink(folder.path("link")));
  ::close(listening);
}

TEST_CASE_METHOD(written_files, "atomic file: where there can be no file, the system says why") {
  CHECK_THAT(refusal(""), Equals("cannot write \"\": No such file or directory"));
  CHECK_THAT(refusal(folder.path("none/a.txt")), Contains("none/a.txt\": No such file or directory"));
  folder.write("a.txt", "old");
  CHECK_THAT(refusal(file + "/b"), Contains("Not a directory"));
  CHECK_THAT(refusal(folder.path(std::string(300, 'a'))), Contains("File name too long"));
  const std::string longest = folder.path(std::string(255, 'a'));
  write_file(longest, "text");
  CHECK(bytes_of(longest) == "text");
  if (::geteuid() == 0) return;  // root may write everything
  ::chmod(file.c_str(), 0444);
  CHECK_THAT(refusal(file), Contains("Permission denied"));
}

TEST_CASE_METHOD(written_files, "text file: devices and pipes are written to") {
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string heard;
  std::thread reader([&] { heard = bytes_of(pipe); });
  write_file(pipe, "through the pipe");
  reader.join();
  CHECK(heard == "through the pipe");
  CHECK(S_ISFIFO(mode_of(pipe)));
  const std::string null = null_device(), full = folder.path("full");
  write_file(null, "nothing");
  CHECK(S_ISCHR(mode_of(null)));
  fs::create_symlink("/dev/full", full);
  CHECK_THAT(message_of<run_error>([&] { write_file(full, "too much"); }),
             Equals("cannot write \"" + full + "\": No space left on device"));
  CHECK_THAT(message_of<run_error>([&] { write_file(folder.path(), "text"); }), Contains("Is a directory"));
  CHECK_NOTHROW(check_writable(null));
  CHECK_THROWS_AS(check_writable(folder.path("none/a.txt")), run_error);
  CHECK_NOTHROW(check_writable(file));
  CHECK(count() == 3);
}

TEST_CASE_METHOD(written_files, "text file: an open file by its number is added to, not replaced") {
  std::ofstream already(file);
  already << "before\n" << std::flush;
  for (const auto& each : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(each.path(), gone) != fs::canonical(file)) continue;
    write_file(each.path().string(), "after\n");
    CHECK_THAT(refusal(each.path().string()), Contains("it is an open file, and only a file can be replaced"));
    break;
  }
  CHECK(bytes_of(file) == "before\nafter\n");
}

TEST_CASE_METHOD(written_files, "text file: what cannot be written to its end changes nothing") {
  folder.write("a.txt", "old");
  CHECK_THROWS_AS(write_file(file,
                             [](std::ostream& out) -> void {
                               out << std::string(1'000'000, 'x');
                               throw run_error("no");
                             }),
                  run_error);
  CHECK_THROWS_AS(write_file(file, [](std::ostream& out) { out.setstate(std::ios::badbit); }), run_error);
  CHECK(bytes_of(file) == "old");
  CHECK(count() == 1);
  const std::string large(3'000'000, 'y');
  write_file(file, large);
  CHECK((bytes_of(file) == large));
}

}  // namespace test_core_atomic_file
