#pragma once
/// An open file of the operating system: calls that a signal interrupts are made again, and nothing fails unnoticed.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace locus {

/// Owns a file descriptor. What returns false (or a negative number) has failed, and errno says why.
class descriptor {
 public:
  descriptor() noexcept = default;
  /// `flags`: those of open(2). Empty if that fails.
  descriptor(const std::string& path, int flags, mode_t mode = 0666) noexcept;
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor() { static_cast<void>(close()); }

  [[nodiscard]] int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

  /// Reads as many bytes as there are, at most `size`.
  [[nodiscard]] ssize_t read_at(std::uint64_t at, std::size_t size, void* to) const noexcept;

  // All of the bytes.
  [[nodiscard]] bool write(std::size_t size, const void* from) const noexcept;
  [[nodiscard]] bool write_at(std::uint64_t at, std::size_t size, const void* from) const noexcept;

  /// Makes the file that long.
  [[nodiscard]] bool resize(std::uint64_t size) const noexcept;

  /// Sees to it that the content is on the disk.
  [[nodiscard]] bool sync() const noexcept;

  [[nodiscard]] bool close() noexcept;

 private:
  int number_ = -1;
};

}  // namespace locus
