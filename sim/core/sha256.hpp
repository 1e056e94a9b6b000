#pragma once
/// SHA-256 (FIPS 180-4), by OpenSSL.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace locus {

/// The hash of a stream of bytes: update() as often as needed, then hex(). Movable; one thread at a time.
class sha256 {
 public:
  sha256();

  void update(std::span<const std::byte> bytes);

  /// 64 lower-case hexadecimal digits: the hash of all bytes so far; more may follow.
  [[nodiscard]] std::string hex() const;

 private:
  struct deleter {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, deleter> context_;
};

}  // namespace locus
