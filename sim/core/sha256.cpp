#include "sim/core/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

/// Requires what OpenSSL promises whenever memory and the algorithm are there.
void require(int success) {
  if (success != 1) throw internal_error("OpenSSL could not compute a SHA-256 hash");
}

}  // namespace

void sha256::deleter::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

sha256::sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ ? 1 : 0);
  require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string sha256::hex() const {
  const std::unique_ptr<evp_md_ctx_st, deleter> copy(EVP_MD_CTX_new());
  require(copy ? EVP_MD_CTX_copy_ex(copy.get(), context_.get()) : 0);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(copy.get(), digest.data(), &size));
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace locus
