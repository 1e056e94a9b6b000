#include "sim/core/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace locus {

namespace {

/// Calls `f` again while signals interrupt it.
template <class F>
auto uninterrupted(F&& f) {
  auto result = f();
  while (result < 0 && errno == EINTR) result = f();
  return result;
}

/// Calls some(bytes done so far), which writes some of the rest, until all are written.
template <class F>
bool write_all(std::size_t size, F&& some) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = uninterrupted([&] { return some(done); });
    if (n < 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

descriptor::descriptor(const std::string& path, int flags, mode_t mode) noexcept
    : number_(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); })) {}

descriptor::descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

ssize_t descriptor::read_at(std::uint64_t at, std::size_t size, void* to) const noexcept {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = uninterrupted([&] {
      return ::pread(number_, static_cast<std::byte*>(to) + done, size - done, static_cast<off_t>(at + done));
    });
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(done);
}

bool descriptor::write(std::size_t size, const void* from) const noexcept {
  return write_all(size, [&](std::size_t done) {
    return ::write(number_, static_cast<const std::byte*>(from) + done, size - done);
  });
}

bool descriptor::write_at(std::uint64_t at, std::size_t size, const void* from) const noexcept {
  return write_all(size, [&](std::size_t done) {
    return ::pwrite(number_, static_cast<const std::byte*>(from) + done, size - done, static_cast<off_t>(at + done));
  });
}

bool descriptor::resize(std::uint64_t size) const noexcept {
  return uninterrupted([&] { return ::ftruncate(number_, static_cast<off_t>(size)); }) == 0;
}

bool descriptor::sync() const noexcept {
  return uninterrupted([&] { return ::fsync(number_); }) == 0;
}

bool descriptor::close() noexcept {
  if (number_ < 0) return true;
  // Interrupted or not, it is closed.
  return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR;
}

}  // namespace locus
